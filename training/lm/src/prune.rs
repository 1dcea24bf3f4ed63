//! Choosing the n-grams that stay.
//!
//! Either by count, as KenLM's `--prune`: an n-gram that occurs no more often than the threshold of its order goes. Or to a size
//! in bytes, by what each n-gram is worth: how much worse the model explains the text's events if it must back off there
//! (the relative entropy of Stolcke 1998, here with the counts of the events that would reach the n-gram, not with
//! probabilities, since those of Kneser-Ney histories are no frequencies: Siivola & Virpioja 2007, Chelba et al. 2010). For hw
//! of count a, with d = a - D(a) and B the mass that h's other n-grams leave to its back-off,
//!
//! ```text
//! worth = a * ln( (d + B p(w|h')) / ((B + d) p(w|h')) )  -  B * ln( (B + d) / B )
//! ```
//!
//! the first term being what hw's own events lose, the second what the backed-off events of h win from the freed mass.
//! Orders are decided from the highest down, since the counts of an order depend on what is kept above it; prefixes and suffixes of
//! kept n-grams stay whatever they are worth. Lower-order probabilities and B come from the model of the round
//! before; a few rounds settle them.

use crate::estimate::{adjusted, discount, Discounts, Estimate, Kept};
use crate::trie::{by_parent, Trie};
use restore_core::lm::estimated_bytes;

/// Keeps what occurs more often than the threshold of its order (as KenLM's `--prune`, where the first is 0 and they do not fall).
pub fn by_count(trie: &Trie, thresholds: &[u32]) -> Kept {
    let rule = |(k, level): (usize, &crate::trie::Level)| {
        let threshold = thresholds.get(k).or(thresholds.last()).copied().unwrap_or(0);
        (k > 0 && threshold > 0).then(|| level.raw.iter().map(|&c| c > threshold).collect())
    };
    trie.levels.iter().enumerate().map(rule).collect()
}

/// What [`by_worth`] is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Bytes for all n-grams of order two and more.
    pub bytes: usize,
    /// N-grams of three words and more that occur less often are not considered.
    pub min_raw: u32,
    /// Rounds of choosing and estimating.
    pub rounds: usize,
}

/// Keeps the most valuable n-grams that fit into `target.bytes`; `None` where not even empty tables fit.
pub fn by_worth(
    trie: &Trie,
    discounts: &[Discounts],
    target: &Target,
    log: &mut dyn FnMut(String),
) -> Option<(Kept, Estimate)> {
    let floor: Vec<u32> = (0..trie.levels.len()).map(|k| if k >= 2 { target.min_raw - 1 } else { 0 }).collect();
    let mut kept = by_count(trie, &floor);
    let mut estimate = Estimate::new(trie, discounts, &kept, true);
    let mut threshold = 2.0f64;
    for round in 0..target.rounds {
        let last = round + 1 == target.rounds;
        let mut search = Search { target: target.bytes as f64, low: None, high: None, stride: 1.0 };
        let mut best = None;
        for step in 0.. {
            let chosen = choose(trie, discounts, &estimate, &kept, target.min_raw, threshold);
            let bytes = estimated_bytes(&sizes(trie, &chosen));
            let used = search.seen(threshold, bytes as f64);

            if bytes <= target.bytes {
                best = Some((chosen, bytes, threshold));
            }
            // The rounds before the last only prepare it. Sizes of toys are too coarse to be met: something that fits will do.
            let (close, steps) = if last { (0.998, 10) } else { (0.95, 5) };
            if (close..=1.0).contains(&used) || (step >= steps && best.is_some()) {
                break;
            }
            if step >= 100 {
                return None;
            }
            threshold = search.next(threshold);
        }
        let (chosen, bytes, at) = best?;
        log(format!("round {round}: threshold {at:.3}, {bytes} bytes, (contexts, others) {:?}", sizes(trie, &chosen)));
        threshold = at;
        kept = chosen;
        drop(estimate);
        estimate = Estimate::new(trie, discounts, &kept, true);
    }
    Some((kept, estimate))
}

/// Looks for the threshold that gives a size. Size falls with the threshold, nearly as a power of it, so the secant through
/// the two nearest points in logarithms gets there in a few steps.
struct Search {
    target: f64,
    /// The nearest (threshold, size) that is too large, and the nearest that fits.
    low: Option<(f64, f64)>,
    high: Option<(f64, f64)>,
    /// Grows while all points lie on one side.
    stride: f64,
}

impl Search {
    /// Notes a point; returns its share of the target.
    fn seen(&mut self, threshold: f64, size: f64) -> f64 {
        if size > self.target {
            self.low = Some((threshold, size));
        } else {
            self.high = Some((threshold, size));
        }
        self.stride *= 1.3;
        size / self.target
    }

    fn next(&self, threshold: f64) -> f64 {
        // A little below the target, so that the step ends on the side that fits.
        let aim = (self.target * 0.9992).ln();
        match (self.low, self.high) {
            (Some((t0, s0)), Some((t1, s1))) => {
                let share = ((s0.ln() - aim) / (s0.ln() - s1.ln())).clamp(0.02, 0.98);
                (t0.ln() + share * (t1.ln() - t0.ln())).exp()
            }
            (Some((t, s)), None) => t * (s / self.target * 1.02).powf(self.stride),
            (None, Some((t, s))) => t * (s / self.target * 0.98).powf(self.stride),
            (None, None) => threshold,
        }
    }
}

/// One pass from the highest order down.
fn choose(trie: &Trie, discounts: &[Discounts], model: &Estimate, before: &Kept, min_raw: u32, threshold: f64) -> Kept {
    let order = trie.levels.len();
    let mut kept: Kept = vec![None; order];
    let mut counts = adjusted(trie, order - 1, None);
    let mut needed = vec![false; trie.levels[order - 1].len()];
    for k in (1..order).rev() {
        if k + 1 < order {
            counts = adjusted(trie, k, Some((&counts, kept[k + 1].as_deref())));
        }
        let level = &trie.levels[k];
        let below = &model.values[k - 1];
        let mut total = vec![0.0f64; trie.levels[k - 1].len()];
        for (&h, &a) in level.context.iter().zip(&counts) {
            total[h as usize] += f64::from(a);
        }
        let (d, before) = (&discounts[k], before[k].as_deref());
        by_parent(&trie.levels[k - 1].child, &mut needed, |parent, from, keep| {
            let lower = f64::from(below.probability[parent]);
            for (i, keep) in (from..).zip(keep) {
                if *keep || (k >= 2 && level.raw[i] < min_raw) {
                    continue;
                }
                let h = level.context[i] as usize;
                let a = f64::from(counts[i]);
                let own = a - discount(d, counts[i]);
                let mut rest = f64::from(below.gamma[h]) * total[h];
                if before.is_some_and(|b| !b[i]) {
                    rest -= own;
                }
                // The back-off of a history always has some mass: at least one event's discount.
                let rest = rest.max(d[1]);
                let gain = ((own + rest * lower) / ((rest + own) * lower)).ln();
                *keep = own * gain - rest * ((rest + own) / rest).ln() >= threshold;
            }
        });
        let chosen = needed;
        needed = vec![false; trie.levels[k - 1].len()];
        if k > 1 {
            let parents = &trie.levels[k - 1].child;
            for parent in 0..trie.levels[k - 1].len() {
                let (from, to) = (parents[parent] as usize, parents[parent + 1] as usize);
                for i in (from..to).filter(|&i| chosen[i]) {
                    needed[parent] = true;
                    needed[level.context[i] as usize] = true;
                }
            }
        }
        kept[k] = Some(chosen);
    }
    kept
}

/// Which kept n-grams of level `k` (an index) are the context of a kept one.
pub fn contexts(trie: &Trie, kept: &Kept, k: usize) -> Vec<bool> {
    let mut used = vec![false; trie.levels[k].len()];
    if let Some(above) = trie.levels.get(k + 1) {
        let kept = kept[k + 1].as_deref();
        for (i, &h) in above.context.iter().enumerate() {
            if kept.is_none_or(|k| k[i]) {
                used[h as usize] = true;
            }
        }
    }
    used
}

/// For every order from two up: how many kept n-grams are contexts, and how many are not.
pub fn sizes(trie: &Trie, kept: &Kept) -> Vec<(usize, usize)> {
    (1..trie.levels.len())
        .map(|k| {
            let used = contexts(trie, kept, k);
            let all = kept[k].as_ref().map_or(trie.levels[k].len(), |kept| kept.iter().filter(|&&b| b).count());
            let inner = used.iter().filter(|&&u| u).count();
            (inner, all - inner)
        })
        .collect()
}
