//! The query side alone: files good and damaged, tables, quantisers, states. Training has its own tests beside the trainer.

use super::format::{align, expected, parse, seal};
use super::quantise::{Book, LEVELS};
use super::table::{build, Coded, Table, INNER, LEAF};
use super::*;
use crate::error::Kind;
use proptest::prelude::*;
use rustc_hash::FxHashMap;
use std::path::PathBuf;

/// A small generator of fixed sequences.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }
}

/// N-grams in reading order with their values: the reference that models are compared with.
#[derive(Default)]
struct Toy {
    words: usize,
    order: usize,
    grams: FxHashMap<Vec<u32>, (f32, Option<f32>)>,
}

impl Toy {
    /// A closed set of n-grams with values out of a few, which the quantiser therefore keeps exactly.
    fn new(words: usize, order: usize, longest: usize, seed: u64) -> Self {
        let mut random = Random(seed);
        let mut toy = Self { words, order, ..Self::default() };
        for w in 0..words {
            toy.add(&[w as u32], &mut random);
        }
        for _ in 0..longest {
            let mut gram: Vec<u32> = (0..order).map(|_| random.next(words) as u32).collect();
            gram.iter_mut().skip(1).for_each(|w| *w = if *w == 1 { 0 } else { *w });
            for from in 0..order {
                for to in from + 1..=order {
                    toy.add(&gram[from..to], &mut random);
                }
            }
        }
        let contexts: Vec<Vec<u32>> =
            toy.grams.keys().filter(|g| g.len() > 1).map(|g| g[..g.len() - 1].to_vec()).collect();
        for context in contexts {
            let backoff = -0.1 * (1 + context.iter().sum::<u32>() % 23) as f32;
            if let Some(value) = toy.grams.get_mut(&context) {
                value.1 = Some(backoff);
            }
        }
        toy
    }

    fn add(&mut self, gram: &[u32], random: &mut Random) {
        self.grams.entry(gram.to_vec()).or_insert_with(|| (-0.25 * (1 + random.next(40)) as f32, None));
    }

    fn parts(&self) -> Parts {
        let words = ["<unk>", "<s>", "</s>"].iter().map(|w| w.to_string());
        let mut grams: Vec<_> = self.grams.iter().collect();
        grams.sort_by(|a, b| a.0.cmp(b.0));
        let level = |k: usize| {
            let entry = |(g, &(probability, backoff)): (&Vec<u32>, &(f32, Option<f32>))| Entry {
                key: ngram_key(&g.iter().map(|&w| WordId(w)).collect::<Vec<_>>()),
                probability,
                backoff,
            };
            grams.iter().filter(|(g, _)| g.len() == k).map(|&(g, v)| entry((g, v))).collect()
        };
        Parts {
            notes: "a toy".to_string(),
            words: words.chain((3..self.words).map(|w| format!("wort\u{e9}{w}"))).collect(),
            unigrams: (0..self.words).map(|w| self.grams[&vec![w as u32]]).collect(),
            levels: (2..=self.order).map(level).collect(),
        }
    }

    /// The textbook back-off score with the whole history.
    fn score(&self, history: &[u32], word: u32) -> f32 {
        let from = history.len().saturating_sub(self.order - 1);
        let mut gram = history[from..].to_vec();
        gram.push(word);
        match self.grams.get(&gram) {
            Some(&(p, _)) => p,
            None => {
                let backoff = self.grams.get(&gram[..gram.len() - 1]).and_then(|v| v.1).unwrap_or(0.0);
                backoff + self.score(&gram[1..gram.len() - 1], word)
            }
        }
    }
}

fn toy_file() -> Vec<u8> {
    Toy::new(12, 4, 40, 7).parts().assemble()
}

fn refusal(bytes: Vec<u8>) -> String {
    let error = Model::from_bytes(bytes).expect_err("must be refused");
    assert_eq!(error.kind(), Kind::Model);
    error.to_string()
}

#[test]
fn scores_are_those_of_the_textbook_and_states_lose_nothing() {
    for order in 2..=MAX_ORDER {
        let toy = Toy::new(30, order, 60, order as u64);
        let model = Model::from_bytes(toy.parts().assemble()).expect("a sound model");
        let mut random = Random(99);
        let (mut queries, mut wrong) = (0, 0);
        for _ in 0..300 {
            let mut history = vec![Vocabulary::BEGIN.0];
            let mut state = model.begin();
            for _ in 0..12 {
                let word = [0, 2, 3][random.next(3)].max(random.next(toy.words)) as u32;
                let word = if word == 1 { 0 } else { word };
                let (p, next) = model.score(&state, WordId(word));
                wrong += usize::from((p - toy.score(&history, word)).abs() > 1e-4);
                queries += 1;
                // The same history, cut to what the state says it is: the same state and scores.
                let mut replayed = model.null();
                for w in next.words().collect::<Vec<_>>().into_iter().rev() {
                    replayed = model.score(&replayed, w).1;
                }
                wrong += usize::from(replayed != next);
                state = next;
                history.push(word);
            }
        }
        // Fingerprints collide now and then; see `table`.
        assert!(wrong * 500 <= queries, "{wrong} of {queries} wrong at order {order}");
    }
}

#[test]
fn states_that_differ_in_useless_words_are_equal() {
    let toy = Toy::new(30, 4, 60, 5);
    let model = Model::from_bytes(toy.parts().assemble()).expect("a sound model");
    let useless = |g: &Vec<u32>| g.len() == 1 && toy.grams[g].1.is_none();
    let mut alone = toy.grams.keys().filter(|g| useless(g)).map(|g| WordId(g[0]));
    if let Some(word) = alone.next() {
        assert_eq!(model.score(&model.begin(), word).1, model.null());
    }
    assert!(model.begin().len() == 1 && model.null().is_empty());
}

#[test]
fn words_have_ids_and_ids_words() {
    let model = Model::from_bytes(toy_file()).expect("a sound model");
    let v = model.vocabulary();
    assert_eq!((v.len(), v.is_empty()), (12, false));
    for id in 0..12 {
        assert_eq!(v.id(v.word(WordId(id))), Some(WordId(id)));
    }
    assert_eq!((v.id("missing"), v.id(""), v.word(WordId(4_000_000_000))), (None, None, "<unk>"));
    let stranger = model.score(&model.null(), WordId(u32::MAX));
    assert_eq!(stranger, model.score(&model.null(), Vocabulary::UNKNOWN));
    assert_eq!(model.unigram(WordId(u32::MAX)), stranger.0);
    let other = Model::from_bytes(Toy::new(13, 3, 40, 7).parts().assemble()).expect("a sound model");
    assert_ne!(v.digest(), other.vocabulary().digest());
}

#[test]
fn damaged_files_are_refused_by_name() {
    let path = std::env::temp_dir().join(format!("restore-lm-{}.bin", std::process::id()));
    let open = |bytes: &[u8]| {
        std::fs::write(&path, bytes).expect("a writable temporary folder");
        Model::open(&path)
    };
    let good = toy_file();
    let (a, b) = (open(&good).expect("a sound model"), Model::from_bytes(good.clone()).expect("a sound model"));
    for w in 0..12 {
        assert_eq!(a.score(&a.begin(), WordId(w)), b.score(&b.begin(), WordId(w)));
    }
    drop(a);
    for (bytes, reason) in [
        (&b""[..], "empty"),
        (b"\n", "magic"),
        (b"PK\x03\x04 something else altogether", "magic"),
        (&good[..40], "truncated"),
        (&good[..good.len() - 1], "truncated"),
    ] {
        let error = open(bytes).expect_err("must be refused");
        assert_eq!(error.kind(), Kind::Model);
        let message = error.to_string();
        assert!(message.contains(reason) && message.starts_with(&path.display().to_string()), "{message}");
    }
    std::fs::remove_file(&path).expect("the file is there");
    assert_eq!(Model::open(&path).expect_err("is gone").kind(), Kind::Io);
    assert_eq!(Model::open(&PathBuf::from("/")).expect_err("a folder").kind(), Kind::Model);
}

#[test]
fn truncation_at_every_boundary_is_refused() {
    let good = toy_file();
    let (_, sections) = parse(&good).expect("a sound file");
    let cuts = sections.iter().flat_map(|s| [s.range.start, s.range.end, align(s.range.end)]);
    for cut in cuts.chain(0..200).filter(|&c| c < good.len()) {
        refusal(good[..cut].to_vec());
        // Even with a length and a checksum that fit.
        if cut >= 64 {
            let mut short = good[..cut].to_vec();
            short[24..32].copy_from_slice(&(cut as u64).to_le_bytes());
            seal(&mut short);
            refusal(short);
        }
    }
    let mut long = good.clone();
    long.extend_from_slice(&[0; 64]);
    assert!(refusal(long).contains("extended"));
}

#[test]
fn every_flipped_bit_is_noticed() {
    let good = toy_file();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        refusal(bad);
    }
    let mut foreign = good.clone();
    foreign[8] = 2;
    assert!(refusal(foreign).contains("version 2"));
}

#[test]
fn sections_follow_the_layout() {
    for order in 2..=MAX_ORDER {
        let file = Toy::new(8, order, 5, 1).parts().assemble();
        let (read, sections) = parse(&file).expect("a sound file");
        assert_eq!((read, sections.len()), (order, expected(order).len()));
    }
}

#[test]
fn full_tables_give_back_what_they_were_given() {
    let mut random = Random(3);
    let entries: Vec<Coded> = (0..20_000)
        .map(|i| Coded {
            key: ngram_key(&[WordId(i), WordId(random.next(9) as u32), WordId(i / 3)]),
            probability: random.next(256) as u8,
            backoff: random.next(256) as u8,
        })
        .collect();
    let inner = build(&entries, INNER);
    let leaf = build(&entries, LEAF);
    assert!(inner.len() < 20_000 * 4 * 103 / 100 && leaf.len() < 20_000 * 64 / 21 * 103 / 100);
    let inner_table = Table::<INNER> { offset: 0, buckets: inner.len() / 64 };
    let leaf_table = Table::<LEAF> { offset: 0, buckets: leaf.len() / 64 };
    let right = |e: &&Coded| {
        inner_table.get(&inner, e.key) == Some((e.probability, e.backoff))
            && leaf_table.get(&leaf, e.key) == Some(e.probability)
    };
    assert!(entries.iter().filter(right).count() > 19_960);
    let false_hits = (0..200_000).filter(|&i| leaf_table.get(&leaf, ngram_key(&[WordId(i), WordId(77)])).is_some());
    let count = false_hits.count();
    assert!(count < 200, "{count} false hits in 200,000");
}

#[test]
fn books_keep_few_values_exactly_and_many_closely() {
    let few: Vec<f32> = (0..1000).map(|i| -((i % 200) as f32) / 7.0).collect();
    let book = Book::learn(&few);
    assert!(few.iter().all(|&x| book.values[usize::from(book.encode(x))] == x));
    let many: Vec<f32> = (0..100_000).map(|i| -((i as f32 + 1.0) / 100.0).ln() - 2.0).collect();
    let book = Book::learn(&many);
    let error: f64 =
        many.iter().map(|&x| f64::from(x - book.values[usize::from(book.encode(x))]).powi(2)).sum::<f64>() / 1e5;
    assert!(error.sqrt() < 0.01, "root mean square error {}", error.sqrt());
    assert_eq!(Book::learn(&[]).values, [0.0; LEVELS]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Bytes changed on purpose, with a checksum that fits: a model or an error, and no panic in any query.
    #[test]
    fn forged_files_never_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), low in any::<bool>()) {
        let mut bytes = toy_file();
        for (at, value) in changes {
            let range = if low { 900 } else { bytes.len() };
            bytes[at.index(range)] = value;
        }
        seal(&mut bytes);
        if let Ok(model) = Model::from_bytes(bytes) {
            let mut state = model.begin();
            for w in 0..40u32 {
                state = model.score(&state, WordId(w % 14)).1;
                let _ = (model.vocabulary().id(model.vocabulary().word(WordId(w))), model.unigram(WordId(w)));
            }
            prop_assert!(!model.describe().is_empty());
        }
    }

    /// Random bytes are no model.
    #[test]
    fn noise_is_refused(noise in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Model::from_bytes(noise).is_err());
    }
}
