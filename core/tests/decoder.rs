//! The beam search against a decoder that walks every path of the lattice, on short random lattices.

use proptest::prelude::*;
use restore_core::lattice::{Arc, Writes};
use restore_core::lm::{ngram_key, Entry, Model, Parts, Vocabulary, WordId};
use restore_core::search::{log_add, Beam, Search, Speech};

const WORDS: u32 = 8;

/// A trigram model over a few words; the figures need not be a distribution for this test.
fn model(seed: u64) -> Model {
    let mut x = seed | 1;
    let mut random = || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        (x >> 40) as f32 / (1u64 << 24) as f32
    };
    let words: Vec<String> =
        ["<unk>", "<s>", "</s>"].iter().map(|s| s.to_string()).chain((0..WORDS).map(|i| format!("w{i}"))).collect();
    let n = words.len() as u32;
    let unigrams = (0..n).map(|_| (-1.0 - 3.0 * random(), Some(-random()))).collect();
    let (mut bigrams, mut trigrams) = (Vec::new(), Vec::new());
    for a in 0..n {
        for b in 0..n {
            let is_context = random() < 0.5;
            if random() < 0.5 {
                let backoff = is_context.then(|| -random());
                bigrams.push(Entry {
                    key: ngram_key(&[WordId(a), WordId(b)]),
                    probability: -0.2 - 2.0 * random(),
                    backoff,
                });
                if is_context {
                    for c in (0..n).filter(|c| (a + 2 * b + c) % 3 == 0) {
                        trigrams.push((a, b, c, -0.1 - random()));
                    }
                }
            }
        }
    }
    // Closed: the suffix of a kept trigram is a kept bigram.
    let kept: Vec<u64> = bigrams.iter().map(|e| e.key).collect();
    let trigrams = trigrams
        .into_iter()
        .filter(|&(_, b, c, _)| kept.contains(&ngram_key(&[WordId(b), WordId(c)])))
        .map(|(a, b, c, probability)| Entry {
            key: ngram_key(&[WordId(a), WordId(b), WordId(c)]),
            probability,
            backoff: None,
        })
        .collect();
    let parts = Parts { notes: "test".into(), words, unigrams, levels: vec![bigrams, trigrams] };
    Model::from_bytes(parts.assemble()).expect("a sound model")
}

struct Table(Vec<Vec<WordId>>);

impl Speech for Table {
    fn each(&self, arc: &Arc, word: &mut dyn FnMut(WordId)) {
        let Writes::Candidate(index) = arc.writes else { unreachable!("the test names every arc") };
        self.0[index as usize].iter().for_each(|&w| word(w));
    }
}

/// Every path: (arcs, score).
fn paths(model: &Model, scale: f32, length: usize, arcs: &[Arc], speech: &Table) -> Vec<(Vec<usize>, f32)> {
    let mut done = Vec::new();
    let mut open = vec![(0usize, Vec::new(), model.begin(), 0f32)];
    while let Some((at, path, state, score)) = open.pop() {
        if at == length {
            done.push((path, score + scale * model.score(&state, Vocabulary::END).0));
            continue;
        }
        for (i, arc) in arcs.iter().enumerate().filter(|(_, a)| usize::from(a.start) == at) {
            let (mut state, mut score) = (state, score + arc.price);
            speech.each(arc, &mut |w| {
                let (p, next) = model.score(&state, w);
                score += scale * p;
                state = next;
            });
            let mut path: Vec<usize> = path.clone();
            path.push(i);
            open.push((at + usize::from(arc.length), path, state, score));
        }
    }
    done
}

type RawArc = (u16, u16, Vec<u32>, f32);

fn lattice(length: u16, raw: &[RawArc]) -> (Vec<Arc>, Table) {
    let mut arcs = Vec::new();
    let mut table = Vec::new();
    let all = (0..length).map(|i| (i, 1, vec![u32::from(i) % WORDS], -0.1)).chain(raw.iter().cloned());
    for (start, span, words, price) in all.filter(|(s, l, _, _)| s + l <= length) {
        arcs.push(Arc { start, length: span, writes: Writes::Candidate(table.len() as u32), fixed: 0.0, price });
        table.push(words.iter().map(|&w| WordId(w % WORDS + 3)).collect());
    }
    arcs.sort_by_key(|a| a.start);
    (arcs, Table(table))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn beam_equals_enumeration(
        seed in 1u64..1000,
        length in 1u16..6,
        scale in 0.3f32..1.2,
        raw in prop::collection::vec((0u16..5, 1u16..4, prop::collection::vec(0u32..WORDS, 1..4), -4f32..0.0), 0..8),
    ) {
        let model = model(seed);
        let (arcs, table) = lattice(length, &raw);
        let all = paths(&model, scale, usize::from(length), &arcs, &table);
        let total = all.iter().fold(f32::NEG_INFINITY, |sum, (_, s)| log_add(sum, *s));
        let wide = Beam { states: 10_000, margin: 1e6 };
        let mut search = Search::default();
        let graph = search.expand(&model, scale, wide, usize::from(length), &arcs, &table);
        let got = search.decode(&graph, scale, &arcs);
        prop_assert!((got.total - total).abs() < 1e-3, "{} {}", got.total, total);
        for i in 0..arcs.len() {
            let expected: f32 = all.iter().filter(|(p, _)| p.contains(&i)).map(|(_, s)| (s - total).exp()).sum();
            prop_assert!((got.posterior[i] - expected).abs() < 1e-3, "arc {i}: {} {}", got.posterior[i], expected);
        }
    }

    #[test]
    fn a_reused_search_decodes_like_a_fresh_one(seed in 1u64..50, raw in prop::collection::vec((0u16..5, 1u16..4, prop::collection::vec(0u32..WORDS, 1..4), -4f32..0.0), 0..8)) {
        let model = model(seed);
        let mut search = Search::default();
        for length in [5u16, 2, 4] {
            let (arcs, table) = lattice(length, &raw);
            let fresh = Search::default().expand(&model, 1.0, Beam::default(), usize::from(length), &arcs, &table);
            prop_assert_eq!(&search.expand(&model, 1.0, Beam::default(), usize::from(length), &arcs, &table), &fresh);
            // A graph that was walked under some prices serves under others.
            let dearer: Vec<Arc> = arcs.iter().map(|a| Arc { price: a.price - 0.5, ..*a }).collect();
            let wide = Beam { states: 10_000, margin: 1e6 };
            let walked = search.expand(&model, 1.0, wide, usize::from(length), &arcs, &table);
            let again = search.expand(&model, 1.0, wide, usize::from(length), &dearer, &table);
            prop_assert_eq!(search.decode(&walked, 1.0, &dearer), search.decode(&again, 1.0, &dearer));
        }
    }
}
