//! Adaptation: one document comes from one spinner, and shows that spinner's habits.
//!
//! After a pass of the decoder, what it found re-estimates the channel for this document (one step of expectation-maximisation with the
//! lexicon as prior): its spin rate, inside and outside quotations; the mixture of profiles; how often each original that occurs was
//! replaced; and for every pair whether it is in this spinner's table at all. "mentioned" for "said", found ten times, settles the
//! eleventh; a "would" that still stands says that "could" is not its spun form.
//!
//! A pair is in the table or not, so its occurrences are judged together. Each contributes the likelihood ratio of its context: with
//! the pair in the table a share `phi` of the occurrences of `s` stands where the author wrote `o`, so the ratio is
//! `(1 - phi) + phi * P(context | o) / P(context | s)`, the context's part of the lattice odds. A context that suits `s` alone speaks
//! against the pair. No occurrence testifies for itself: its own ratio is taken off when it is priced (`Channel::replace`).

use crate::channel::{Channel, PairHabit, REPLACES};
use crate::lattice::{Arc, Match, Prepared, Writes};
use crate::lexicon::{FormId, Lexicon, FAMILIES};
use rustc_hash::FxHashMap;

/// How sharply the evidence of a document decides between profiles: its words are not independent witnesses.
const PROFILE_SHARPNESS: f32 = 0.35;
/// Strength of the prior on the rate, in replaced words.
const RATE_STRENGTH: f32 = 2.0;
/// Strength of the lexicon's share of replaced occurrences, in occurrences.
const SIGMA_STRENGTH: f32 = 1.5;

/// A pair's context ratio is clamped to this many nats: one sentence does not settle a table.
const MOST: f32 = 3.0;

#[derive(Default, Clone, Copy)]
struct Habit {
    replaced: f32,
    kept: f32,
    positions: f32,
    /// Log probability of the kept occurrences if the original were in the table.
    spared: f32,
}

/// Expected counts over a document.
#[derive(Default)]
pub struct Counts {
    originals: FxHashMap<FormId, Habit>,
    /// Evidence by pair: sums of log likelihood ratios.
    pairs: FxHashMap<u32, f32>,
    profile: [f32; FAMILIES],
    replaced: [f32; 2],
    chances: [f32; 2],
    /// What every arc of the document contributed to its pair, in order.
    pub own: Vec<f32>,
}

/// A decoded sentence.
pub struct Shown<'a> {
    /// The document.
    pub prepared: &'a Prepared<'a>,
    /// The sentence's first token.
    pub start: usize,
    /// Its matches.
    pub found: &'a [Match],
    /// Its lattice.
    pub arcs: &'a [Arc],
    /// Posteriors of the arcs.
    pub posterior: &'a [f32],
}

impl Counts {
    /// Adds what one sentence shows, decoded under `channel`.
    pub fn add(&mut self, shown: &Shown<'_>, lexicon: &Lexicon, channel: &Channel) {
        let Shown { prepared, start, arcs, posterior, .. } = *shown;
        let tokens = arcs.iter().map(|a| usize::from(a.start) + 1).max().unwrap_or(0);
        let (mut kept, mut keeping) = (vec![0f32; tokens], vec![0f32; tokens]);
        for (arc, &p) in arcs.iter().zip(posterior) {
            if arc.writes == Writes::Itself {
                kept[usize::from(arc.start)] = p;
                keeping[usize::from(arc.start)] = arc.price;
            }
        }
        let kept = |at: usize, length: usize| kept[at..(at + length).min(tokens)].iter().copied().fold(1.0, f32::min);
        for (arc, &p) in arcs.iter().zip(posterior) {
            let Writes::Candidate(index) = arc.writes else {
                self.own.push(0.0);
                continue;
            };
            let candidate = lexicon.candidate(index);
            let (at, length) = (usize::from(arc.start), usize::from(arc.length));
            let pair = self.pairs.entry(index).or_default();
            let frequency = channel.weights.lm * candidate.frequency();
            let stay: f32 = keeping[at..(at + length).min(tokens)].iter().sum();
            let odds = p.max(1e-5).ln() - kept(at, length).max(1e-5).ln();
            let context = odds - (arc.price - stay) - frequency;
            let phi = 1.0 / (1.0 + (-frequency).exp() / REPLACES);
            let ratio = ((1.0 - phi) + phi * context.min(20.0).exp()).max(1e-6).ln().clamp(-0.5, MOST);
            *pair += ratio;
            self.own.push(ratio);
            let quoted = usize::from(prepared.tokens[start + at].quoted);
            let habit = self.originals.entry(candidate.original).or_default();
            habit.replaced += p;
            habit.positions += 1.0;
            self.replaced[quoted] += p;
            self.chances[quoted] += p * channel.prior_sigma(lexicon.form(candidate.original));
            for (f, sum) in self.profile.iter_mut().enumerate() {
                *sum += p * candidate.log_probability(f);
            }
        }
        for m in shown.found {
            let form = lexicon.form(m.form);
            if !form.is_original() {
                continue;
            }
            let kept = kept(m.start as usize - start, usize::from(m.length));
            let quoted = prepared.tokens[m.start as usize].quoted;
            let habit = self.originals.entry(m.form).or_default();
            habit.kept += kept;
            habit.positions += 1.0;
            let often = REPLACES * (channel.rate_of(quoted) / channel.rate).min(1.0);
            habit.spared += (1.0 - often * kept).ln();
            self.chances[usize::from(quoted)] += kept * channel.prior_sigma(form);
            for (f, sum) in self.profile.iter_mut().enumerate() {
                *sum += kept * (1.0 - (channel.rate * form.sigma(f)).min(0.97)).ln();
            }
        }
    }

    /// The channel that these counts and the lexicon make for the next pass.
    pub fn channel(&self, before: &Channel, prior_profile: &[f32; FAMILIES], lexicon: &Lexicon) -> Channel {
        let rate = |replaced: f32, chances: f32, toward: f32| {
            ((replaced + RATE_STRENGTH * toward) / (chances + RATE_STRENGTH)).clamp(0.005, 1.3)
        };
        let overall = rate(self.replaced[0] + self.replaced[1], self.chances[0] + self.chances[1], 0.3);
        let plain = rate(self.replaced[0], self.chances[0], overall);
        let quoted = rate(self.replaced[1], self.chances[1], overall);
        let weights = before.weights;
        let mut next = Channel::prior(plain, sharpen(&self.profile, prior_profile), weights);
        next.quoted_rate = quoted.min(plain.max(overall));
        for (&original, habit) in &self.originals {
            if habit.positions < 2.0 {
                continue;
            }
            let others = (habit.positions - 1.0) / habit.positions;
            let prior = next.prior_sigma(lexicon.form(original)) * overall;
            let seen = (habit.replaced + habit.kept) * others;
            let share = (habit.replaced * others + SIGMA_STRENGTH * prior) / (seen + SIGMA_STRENGTH);
            next.sigma.insert(original, (share / overall).clamp(1e-4, 1.0));
        }
        let log_odds = |index: u32, evidence: f32| {
            let candidate = lexicon.candidate(index);
            let p = (plain * next.mixed(candidate) / REPLACES).min(0.9);
            let spared = self.originals.get(&candidate.original).map_or(0.0, |h| h.spared.max(-8.0));
            let prior = p.ln() - (1.0 - p).ln() + weights.against * spared;
            PairHabit { prior, evidence }
        };
        // One synonym a headword: what an original surely became, it did not become otherwise.
        let mut taken: FxHashMap<FormId, f32> = FxHashMap::default();
        let mut pairs: Vec<(u32, PairHabit)> = self.pairs.iter().map(|(&i, &e)| (i, log_odds(i, e))).collect();
        pairs.sort_unstable_by_key(|&(index, _)| index);
        let settled = |habit: &PairHabit| (1.0 - sigmoid(habit.prior + weights.habit * habit.evidence) * 0.9).ln();
        for (index, habit) in &pairs {
            *taken.entry(lexicon.candidate(*index).original).or_default() += settled(habit);
        }
        for (index, habit) in pairs {
            let others = taken[&lexicon.candidate(index).original] - settled(&habit);
            let prior = habit.prior + weights.against * others;
            next.pairs.insert(index, PairHabit { prior, ..habit });
        }
        next
    }
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// Posterior of the profiles from their log likelihoods.
pub fn sharpen(log: &[f32; FAMILIES], prior: &[f32; FAMILIES]) -> [f32; FAMILIES] {
    let best = log.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let raw: [f32; FAMILIES] = std::array::from_fn(|f| prior[f] * (PROFILE_SHARPNESS * (log[f] - best)).exp());
    let sum: f32 = raw.iter().sum();
    raw.map(|x| x / sum)
}
