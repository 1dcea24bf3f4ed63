//! The trainer against modified Kneser-Ney written out plainly: dictionaries and formulas, slow and short.

use proptest::prelude::*;
use restore_core::lm::{estimated_bytes, Model, State, Vocabulary, WordId};
use restore_lm::corpus::{self, Corpus};
use restore_lm::estimate::{all_discounts, Estimate, Kept};
use restore_lm::export;
use restore_lm::prune::{by_count, by_worth, sizes, Target};
use restore_lm::trie::Trie;
use std::collections::{BTreeMap, BTreeSet};

type Gram = Vec<String>;
type Counts = BTreeMap<Gram, u64>;

const TEXT: &str = "the prime minister said that the army would leave the city . the army said no . \
    the minister said the city would burn . a city is a city . the army would leave . no minister would say that . \
    the prime minister said no . rare words stand here once . the army would say no . a minister is a minister";

fn sentences(text: &str) -> Vec<Vec<String>> {
    text.split(" . ").map(|s| s.split(' ').map(str::to_string).collect()).collect()
}

fn paragraphs(text: &str) -> String {
    sentences(text).iter().map(|s| s.join(" ") + "\n").collect()
}

fn corpus(text: &str, min_count: u64) -> Corpus {
    let lines = paragraphs(text);
    corpus::from_paragraphs(lines.lines(), min_count)
}

/// Chen & Goodman 1998, equations 20 to 26 and the modified discounts; unigrams interpolated with 1 / (V - 1).
struct Textbook {
    order: usize,
    vocabulary: Vec<String>,
    adjusted: Vec<Counts>,
    raw: Vec<Counts>,
    discounts: Vec<[f64; 4]>,
    thresholds: Vec<u64>,
}

impl Textbook {
    fn new(text: &str, vocabulary: &[String], order: usize, thresholds: &[u64]) -> Self {
        let mut raw = vec![Counts::new(); order];
        for sentence in sentences(text) {
            let known = |w: &String| if vocabulary.contains(w) { w.clone() } else { "<unk>".to_string() };
            let mut words = vec!["<s>".to_string()];
            words.extend(sentence.iter().map(known));
            words.push("</s>".to_string());
            for k in 1..=order {
                for gram in words.windows(k).filter(|g| k > 1 || g[0] != "<s>") {
                    *raw[k - 1].entry(gram.to_vec()).or_default() += 1;
                }
            }
        }
        let mut adjusted = raw.clone();
        for k in 1..order {
            for (gram, count) in adjusted[k - 1].iter_mut().filter(|(g, _)| g[0] != "<s>") {
                let before: BTreeSet<&String> = raw[k].keys().filter(|g| g[1..] == gram[..]).map(|g| &g[0]).collect();
                *count = before.len() as u64;
            }
        }
        let discounts = adjusted.iter().map(|counts| {
            let n = |j: u64| counts.values().filter(|&&c| c == j).count() as f64;
            let y = n(1) / (n(1) + 2.0 * n(2));
            let d = [0.0, 1.0 - 2.0 * y * n(2) / n(1), 2.0 - 3.0 * y * n(3) / n(2), 3.0 - 4.0 * y * n(4) / n(3)];
            let sound = (1..4).all(|j| n(j as u64) > 0.0 && d[j] >= 0.0 && d[j] <= j as f64);
            if sound {
                d
            } else {
                [0.0, 0.5, 1.0, 1.5]
            }
        });
        let discounts = discounts.collect();
        Self { order, vocabulary: vocabulary.to_vec(), adjusted, raw, discounts, thresholds: thresholds.to_vec() }
    }

    fn kept(&self, gram: &[String]) -> bool {
        let k = gram.len();
        let threshold = self.thresholds.get(k - 1).or(self.thresholds.last()).copied().unwrap_or(0);
        self.raw[k - 1].get(gram).is_some_and(|&c| k == 1 || c > threshold)
    }

    fn probability(&self, history: &[String], word: &str) -> f64 {
        let history = &history[history.len().saturating_sub(self.order - 1)..];
        let k = history.len() + 1;
        let lower = match history.split_first() {
            Some((_, rest)) => self.probability(rest, word),
            None => 1.0 / (self.vocabulary.len() - 1) as f64,
        };
        let d = |c: u64| self.discounts[k - 1][c.min(3) as usize];
        let following: Vec<(&Gram, u64)> =
            self.adjusted[k - 1].iter().filter(|(g, _)| &g[..k - 1] == history).map(|(g, &c)| (g, c)).collect();
        let total: u64 = following.iter().map(|f| f.1).sum();
        if total == 0 {
            return lower;
        }
        let left: f64 = following.iter().map(|&(g, c)| if self.kept(g) { d(c) } else { c as f64 }).sum();
        let mut gram = history.to_vec();
        gram.push(word.to_string());
        let count = self.adjusted[k - 1].get(&gram).copied().unwrap_or(0);
        let own = if self.kept(&gram) { count as f64 - d(count) } else { 0.0 };
        (own + left * lower) / total as f64
    }
}

/// An ARPA file read back: log10 probabilities and back-off weights.
struct Arpa {
    order: usize,
    grams: BTreeMap<Gram, (f64, f64)>,
}

impl Arpa {
    fn of(trie: &Trie, words: &[String], kept: &Kept, estimate: &Estimate) -> Self {
        let mut text = Vec::new();
        export::arpa(trie, words, kept, estimate, &mut text).expect("writing to memory");
        let text = String::from_utf8(text).expect("UTF-8");
        let mut grams = BTreeMap::new();
        for line in text.lines().filter(|l| l.contains('\t')) {
            let mut fields = line.split('\t');
            let p = fields.next().and_then(|f| f.parse().ok()).expect("a probability");
            let gram = fields.next().expect("words").split(' ').map(str::to_string).collect();
            grams.insert(gram, (p, fields.next().map_or(0.0, |b| b.parse().expect("a weight"))));
        }
        Self { order: trie.levels.len(), grams }
    }

    fn probability(&self, history: &[String], word: &str) -> f64 {
        let history = &history[history.len().saturating_sub(self.order - 1)..];
        let mut gram = history.to_vec();
        gram.push(word.to_string());
        match (self.grams.get(&gram), history.is_empty()) {
            (Some(&(p, _)), _) => 10f64.powf(p),
            (None, true) => self.probability(&[], "<unk>"),
            (None, false) => {
                let backoff = self.grams.get(history).map_or(0.0, |g| g.1);
                10f64.powf(backoff) * self.probability(&history[1..], word)
            }
        }
    }

    /// Every context of the model, and one that is not in it.
    fn histories(&self) -> Vec<Gram> {
        let known = self.grams.keys().filter(|g| g.len() < self.order && *g.last().expect("words") != "</s>").cloned();
        known.chain([vec![], vec!["</s>".to_string(), "nowhere".to_string()]]).collect()
    }
}

fn predicted(words: &[String]) -> impl Iterator<Item = &String> {
    words.iter().filter(|w| *w != "<s>")
}

fn assert_normal(arpa: &Arpa, words: &[String]) {
    for history in arpa.histories() {
        let sum: f64 = predicted(words).map(|w| arpa.probability(&history, w)).sum();
        assert!((sum - 1.0).abs() < 1e-4, "probabilities after {history:?} sum to {sum}");
    }
}

fn assert_textbook(text: &str, min_count: u64, order: usize, thresholds: &[u32]) {
    let mut corpus = corpus(text, min_count);
    let trie = Trie::count(&mut corpus, order);
    let kept = by_count(&trie, thresholds);
    let estimate = Estimate::new(&trie, &all_discounts(&trie), &kept, false);
    let arpa = Arpa::of(&trie, &corpus.words, &kept, &estimate);
    let wide: Vec<u64> = thresholds.iter().map(|&t| u64::from(t)).collect();
    let book = Textbook::new(text, &corpus.words, order, &wide);
    for history in arpa.histories() {
        for word in predicted(&corpus.words) {
            let (ours, theirs) = (arpa.probability(&history, word), book.probability(&history, word));
            assert!((ours - theirs).abs() < 1e-5, "p({word} | {history:?}) = {ours}, textbook {theirs}");
        }
    }
    assert_normal(&arpa, &corpus.words);
}

#[test]
fn the_estimate_is_the_textbooks() {
    for order in 2..=5 {
        assert_textbook(TEXT, 1, order, &[]);
        assert_textbook(TEXT, 2, order, &[]);
        assert_textbook(TEXT, 2, order, &[0, 0, 1]);
        assert_textbook(TEXT, 1, order, &[0, 1, 1, 2]);
    }
}

#[test]
fn a_model_pruned_to_a_size_is_closed_and_normal() {
    for order in 3..=5 {
        let mut corpus = corpus(TEXT, 1);
        let trie = Trie::count(&mut corpus, order);
        let discounts = all_discounts(&trie);
        for bytes in [448, 576, 1024] {
            let target = Target { bytes, min_raw: 1, rounds: 3 };
            let (kept, estimate) = by_worth(&trie, &discounts, &target, &mut |_| ()).expect("fits");
            assert!(estimated_bytes(&sizes(&trie, &kept)) <= bytes);
            let arpa = Arpa::of(&trie, &corpus.words, &kept, &estimate);
            for gram in arpa.grams.keys().filter(|g| g.len() > 1) {
                assert!(arpa.grams.contains_key(&gram[1..]) && arpa.grams.contains_key(&gram[..gram.len() - 1]));
            }
            assert_eq!(
                arpa.grams.len(),
                corpus.words.len() + sizes(&trie, &kept).iter().map(|s| s.0 + s.1).sum::<usize>()
            );
            assert_normal(&arpa, &corpus.words);
        }
    }
}

/// With 256 values a table the quantised scores of a toy are within this (natural logarithm).
const TOLERANCE: f64 = 0.02;

#[test]
fn what_cannot_fit_is_said_so() {
    let trie = Trie::count(&mut corpus(TEXT, 1), 4);
    let target = Target { bytes: 100, min_raw: 1, rounds: 2 };
    assert!(by_worth(&trie, &all_discounts(&trie), &target, &mut |_| ()).is_none());
}

#[test]
fn the_file_scores_as_the_estimate_does() {
    for order in 2..=5 {
        let mut corpus = corpus(TEXT, 1);
        let trie = Trie::count(&mut corpus, order);
        let kept = by_count(&trie, &[]);
        let estimate = Estimate::new(&trie, &all_discounts(&trie), &kept, false);
        let arpa = Arpa::of(&trie, &corpus.words, &kept, &estimate);
        let parts = export::parts(&trie, &corpus.words, &kept, &estimate, String::new());
        let model = Model::from_bytes(parts.assemble()).expect("a sound model");
        let id = |w: &String| model.vocabulary().id(w).unwrap_or(Vocabulary::UNKNOWN);
        let (mut queries, mut wrong) = (0, 0);
        for sentence in sentences(TEXT) {
            let mut history = vec!["<s>".to_string()];
            let mut state = model.begin();
            for word in &sentence {
                let mut sum = 0.0;
                for other in predicted(&corpus.words) {
                    let (p, _) = model.score(&state, id(other));
                    wrong += usize::from((f64::from(p) - arpa.probability(&history, other).ln()).abs() > TOLERANCE);
                    queries += 1;
                    sum += f64::from(p).exp();
                }
                wrong += usize::from((sum - 1.0).abs() > TOLERANCE);
                state = model.score(&state, id(word)).1;
                history.push(word.clone());
            }
        }
        // A fingerprint that collides gives another n-gram's value: about one look-up in 2,000 at worst.
        assert!(wrong * 500 <= queries, "{wrong} of {queries} differ at order {order}");
    }
}

#[test]
fn training_twice_gives_the_same_bytes() {
    let train = || {
        let mut corpus = corpus(TEXT, 1);
        let trie = Trie::count(&mut corpus, 4);
        let target = Target { bytes: 1024, min_raw: 1, rounds: 2 };
        let (kept, estimate) = by_worth(&trie, &all_discounts(&trie), &target, &mut |_| ()).expect("fits");
        export::parts(&trie, &corpus.words, &kept, &estimate, "twice".to_string()).assemble()
    };
    assert_eq!(train(), train());
}

#[test]
fn unpruned_contexts_have_all_their_extensions() {
    let mut corpus = corpus(TEXT, 1);
    assert_eq!(corpus.sentences, sentences(TEXT).len() as u64);
    let trie = Trie::count(&mut corpus, 3);
    for k in 1..3 {
        let (level, upper) = (&trie.levels[k], &trie.levels[k - 1]);
        let raw: u32 = level.raw.iter().sum();
        assert!(raw > 0 && level.context.iter().all(|&h| (h as usize) < upper.len()));
    }
    assert_eq!(trie.ngrams(), trie.levels.iter().map(|l| l.len()).sum::<usize>());
}

/// The longest history with which the model scores equally is what a state keeps.
fn score_all(model: &Model, state: &State) -> Vec<f32> {
    (0..model.vocabulary().len() as u32).map(|w| model.score(state, WordId(w)).0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: proptest::test_runner::RngSeed::Fixed(7), ..ProptestConfig::with_cases(60) })]

    #[test]
    fn any_text_gives_the_textbook_estimate(words in prop::collection::vec(0usize..9, 4..90), order in 2usize..=5, threshold in 0u32..3) {
        let names = ["alpha", "beta", "gamma", "delta", "omega", "sigma", "kappa", ".", "tau"];
        let text: Vec<&str> = words.iter().map(|&w| names[w]).collect();
        let text = text.join(" ").replace(". .", "tau").trim_matches(['.', ' ']).to_string();
        prop_assume!(text.split(" . ").all(|s| !s.is_empty() && !s.contains('.')) && !text.is_empty());
        assert_textbook(&text, 1, order, &[0, 0, threshold]);
    }

    #[test]
    fn equal_states_score_equally(words in prop::collection::vec(0usize..20, 1..8)) {
        let mut corpus = corpus(TEXT, 1);
        let trie = Trie::count(&mut corpus, 4);
        let kept = by_count(&trie, &[0, 0, 1]);
        let estimate = Estimate::new(&trie, &all_discounts(&trie), &kept, false);
        let model = Model::from_bytes(export::parts(&trie, &corpus.words, &kept, &estimate, String::new()).assemble());
        let model = model.expect("a sound model");
        let run = |from: usize| {
            let ids = words[from..].iter().map(|&w| WordId(w as u32 + 2));
            ids.fold(model.null(), |state, id| model.score(&state, id).1)
        };
        let whole = run(0);
        // Dropping words that the state does not hold changes neither the state nor any score.
        let short = run(words.len() - whole.len().min(words.len()));
        prop_assert_eq!(whole, short);
        prop_assert_eq!(score_all(&model, &whole), score_all(&model, &short));
    }
}
