//! Modified Kneser-Ney: from counts to probabilities and back-off weights (Chen & Goodman 1998, sections 3 and 4.1).
//!
//! For an n-gram hw of adjusted count a(hw), with h' and so on for shortened histories,
//!
//! ```text
//! p(w|h) = (a(hw) - D(a(hw))) / a(h.) + g(h) p(w|h')
//! g(h)   = (D1 N1(h.) + D2 N2(h.) + D3+ N3+(h.) + pruned counts) / a(h.)
//! ```
//!
//! and unigrams are interpolated with the uniform distribution over all words but <s>. The longest n-grams, and those
//! that begin with <s>, count as they occur; a shorter one counts once for every distinct word before it.
//! The discounts D come from the numbers of n-grams of adjusted count 1 to 4, per order. So far this is what KenLM computes (Heafield et al.
//! 2013), pruned counts going to the back-off weight as there.
//!
//! Heavy pruning breaks the reasoning behind the adjusted counts (Siivola & Virpioja 2007; Chelba et al. 2010): "once for every
//! word before it" is right where the longer n-gram is in the model and takes care of its own occurrences; once that is
//! pruned, all its occurrences will be scored by the shorter one. With `revise`, a pruned n-gram therefore hands its
//! whole count down instead of 1. With nothing pruned that is Kneser-Ney; with all longer n-grams pruned, the
//! counts are the plain ones; and in between the model's marginals agree with the text's.

use crate::trie::{by_parent, Level, Trie};
use rayon::prelude::*;
use restore_core::lm::Vocabulary;

/// D1, D2, D3+ at 1, 2, 3; D of count 0 is 0.
pub type Discounts = [f64; 4];

/// Used where the counts of counts give no usable discounts: toy texts (as KenLM's `--discount_fallback`).
pub const FALLBACK: Discounts = [0.0, 0.5, 1.0, 1.5];

/// The estimate for one order.
pub struct Values {
    /// Adjusted counts.
    pub count: Vec<u32>,
    /// p(w|h) for every n-gram, also for those pruned (which back off).
    pub probability: Vec<f32>,
    /// a(h.) for every n-gram as a history; empty at the highest order.
    pub total: Vec<f64>,
    /// g(h) for every n-gram as a history (1 where nothing follows it); empty at the highest order.
    pub gamma: Vec<f32>,
}

/// Which n-grams stay; `None`: all of the order.
pub type Kept = Vec<Option<Vec<bool>>>;

/// The whole estimate.
pub struct Estimate {
    pub discounts: Vec<Discounts>,
    pub values: Vec<Values>,
}

/// The discount of a count.
#[inline]
pub fn discount(d: &Discounts, count: u32) -> f64 {
    d[count.min(3) as usize]
}

/// The adjusted counts of level `k` (an index), given those of the next and which of its n-grams are kept.
pub fn adjusted(trie: &Trie, k: usize, above: Option<(&[u32], Option<&[bool]>)>) -> Vec<u32> {
    let level = &trie.levels[k];
    let Some((counts, kept)) = above else { return level.raw.clone() };
    let one = |i: usize| {
        // No left extension: the n-gram begins with <s>.
        if level.word[i] == Vocabulary::BEGIN.0 {
            return if k == 0 { 0 } else { level.raw[i] };
        }
        let (from, to) = (level.child[i] as usize, level.child[i + 1] as usize);
        match kept {
            None => (to - from) as u32,
            Some(kept) => (from..to).map(|c| if kept[c] { 1 } else { counts[c] }).sum(),
        }
    };
    (0..level.len()).into_par_iter().map(one).collect()
}

/// Discounts from the counts of counts.
pub fn discounts(counts: &[u32]) -> Discounts {
    let mut n = [0u64; 5];
    for &c in counts.iter().filter(|&&c| c < 5) {
        n[c as usize] += 1;
    }
    let mut d = [0.0; 4];
    let y = n[1] as f64 / (n[1] as f64 + 2.0 * n[2] as f64);
    for j in 1..4 {
        d[j] = j as f64 - (j + 1) as f64 * y * n[j + 1] as f64 / n[j] as f64;
        if n[j] == 0 || !(0.0..=j as f64).contains(&d[j]) {
            return FALLBACK;
        }
    }
    d
}

/// The discounts of every order, from the counts of the unpruned model.
pub fn all_discounts(trie: &Trie) -> Vec<Discounts> {
    let order = trie.levels.len();
    (0..order)
        .map(|k| {
            let counts = adjusted(trie, k, (k + 1 < order).then_some((&[], None)));
            discounts(&counts)
        })
        .collect()
}

/// For every n-gram of the level above as a history: a(h.), and the mass that its discounts and pruned n-grams leave.
pub fn histories(
    level: &Level,
    contexts: usize,
    counts: &[u32],
    kept: Option<&[bool]>,
    d: &Discounts,
) -> (Vec<f64>, Vec<f64>) {
    let mut total = vec![0.0f64; contexts];
    let mut left = vec![0.0f64; contexts];
    for (i, (&h, &a)) in level.context.iter().zip(counts).enumerate() {
        total[h as usize] += f64::from(a);
        left[h as usize] += if kept.is_none_or(|k| k[i]) { discount(d, a) } else { f64::from(a) };
    }
    (total, left)
}

impl Estimate {
    /// Estimates the model that keeps `kept`.
    pub fn new(trie: &Trie, discounts: &[Discounts], kept: &Kept, revise: bool) -> Self {
        let order = trie.levels.len();
        let mut counts: Vec<Vec<u32>> = vec![Vec::new(); order];
        counts[order - 1] = adjusted(trie, order - 1, None);
        for k in (0..order - 1).rev() {
            let kept = if revise { kept[k + 1].as_deref() } else { None };
            counts[k] = adjusted(trie, k, Some((&counts[k + 1], kept)));
        }
        let mut values: Vec<Values> = Vec::with_capacity(order);
        for (k, count) in counts.into_iter().enumerate() {
            let level = &trie.levels[k];
            let probability = if k == 0 {
                unigrams(&count, &discounts[0])
            } else {
                let contexts = trie.levels[k - 1].len();
                let (total, left) = histories(level, contexts, &count, kept[k].as_deref(), &discounts[k]);
                let gamma = left.iter().zip(&total).map(|(l, t)| if *t > 0.0 { (l / t) as f32 } else { 1.0 });
                let below = &mut values[k - 1];
                below.gamma = gamma.collect();
                below.total = total;
                interpolate(trie, k, &count, kept[k].as_deref(), &discounts[k], below)
            };
            values.push(Values { count, probability, total: Vec::new(), gamma: Vec::new() });
        }
        Self { discounts: discounts.to_vec(), values }
    }
}

fn unigrams(count: &[u32], d: &Discounts) -> Vec<f32> {
    let total: f64 = count.iter().map(|&c| f64::from(c)).sum();
    let left: f64 = count.iter().map(|&c| discount(d, c)).sum();
    let uniform = left / total / (count.len() - 1) as f64;
    let mut p: Vec<f32> = count.iter().map(|&c| ((f64::from(c) - discount(d, c)) / total + uniform) as f32).collect();
    // <s> is never predicted; any number does, and this one says so without being an infinity.
    p[Vocabulary::BEGIN.0 as usize] = 1e-30;
    p
}

fn interpolate(trie: &Trie, k: usize, count: &[u32], kept: Option<&[bool]>, d: &Discounts, below: &Values) -> Vec<f32> {
    let level = &trie.levels[k];
    let mut probability = vec![0.0f32; level.len()];
    by_parent(&trie.levels[k - 1].child, &mut probability, |parent, from, out| {
        let lower = f64::from(below.probability[parent]);
        for (i, p) in (from..).zip(out) {
            let h = level.context[i] as usize;
            let own = if kept.is_none_or(|k| k[i]) {
                (f64::from(count[i]) - discount(d, count[i])) / below.total[h]
            } else {
                0.0
            };
            *p = (own + f64::from(below.gamma[h]) * lower) as f32;
        }
    });
    probability
}
