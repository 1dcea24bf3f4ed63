//! Adaptation: one document comes from one spinner, and shows that spinner's habits.
//!
//! After a pass of the decoder the expected counts of what was replaced and what was kept re-estimate the channel for this
//! document (one step of expectation-maximisation with the lexicon as prior): its spin rate, inside and outside quotations; the
//! mixture of profiles; for every original that occurs, how often it was replaced (`sigma`) and by what (`q`). "mentioned" for
//! "said", seen ten times, settles the eleventh; a "would" that still stands says that "could" is not its spun form.
//!
//! An occurrence must not be evidence for itself, or a guess would confirm itself: counts over `n` positions enter
//! as the `(n - 1) / n` of them that other positions hold.

use crate::channel::Channel;
use crate::lattice::{Arc, Match, Prepared, Writes};
use crate::lexicon::{FormId, Lexicon, FAMILIES};
use rustc_hash::FxHashMap;

/// How sharply the evidence of a document decides between profiles: its words are not independent witnesses.
const PROFILE_SHARPNESS: f32 = 0.35;
/// Strength of the prior on the rate, in replaced words.
const RATE_STRENGTH: f32 = 2.0;

#[derive(Default, Clone, Copy)]
struct Habit {
    replaced: f32,
    kept: f32,
    positions: f32,
}

/// Expected counts over a document.
#[derive(Default)]
pub struct Counts {
    originals: FxHashMap<FormId, Habit>,
    pairs: FxHashMap<u32, (f32, f32)>,
    profile: [f32; FAMILIES],
    replaced: [f32; 2],
    chances: [f32; 2],
}

impl Counts {
    /// Adds what one sentence shows. `found` are its matches, `arcs` and `posterior` its decoded lattice.
    pub fn add(
        &mut self,
        prepared: &Prepared<'_>,
        start: usize,
        found: &[Match],
        arcs: &[Arc],
        posterior: &[f32],
        lexicon: &Lexicon,
        channel: &Channel,
    ) {
        let mut itself = vec![0f32; arcs.iter().map(|a| usize::from(a.start) + 1).max().unwrap_or(0)];
        for (arc, &p) in arcs.iter().zip(posterior) {
            match arc.writes {
                Writes::Itself => itself[usize::from(arc.start)] = p,
                Writes::Article => {}
                Writes::Candidate(index) => {
                    let candidate = lexicon.candidate(index);
                    let quoted = usize::from(prepared.tokens[start + usize::from(arc.start)].quoted);
                    let habit = self.originals.entry(candidate.original).or_default();
                    habit.replaced += p;
                    habit.positions += 1.0;
                    let pair = self.pairs.entry(index).or_default();
                    pair.0 += p;
                    pair.1 += 1.0;
                    self.replaced[quoted] += p;
                    self.chances[quoted] += p * channel.prior_sigma(lexicon.form(candidate.original));
                    for (f, sum) in self.profile.iter_mut().enumerate() {
                        *sum += p * candidate.log_probability(f);
                    }
                }
            }
        }
        for m in found {
            let form = lexicon.form(m.form);
            if form.sigma[usize::from(FAMILIES as u8 - 1)] == 0 {
                continue;
            }
            let at = m.start as usize - start;
            let kept =
                (at..at + usize::from(m.length)).map(|i| itself.get(i).copied().unwrap_or(1.0)).fold(1.0, f32::min);
            let quoted = usize::from(prepared.tokens[m.start as usize].quoted);
            let habit = self.originals.entry(m.form).or_default();
            habit.kept += kept;
            habit.positions += 1.0;
            self.chances[quoted] += kept * channel.prior_sigma(form);
            for (f, sum) in self.profile.iter_mut().enumerate() {
                *sum += kept * (1.0 - (channel.rate * form.sigma(f)).min(0.97)).ln();
            }
        }
    }

    /// The channel that these counts and the lexicon make for the next pass.
    pub fn channel(&self, before: &Channel, prior_profile: &[f32; FAMILIES], lexicon: &Lexicon) -> Channel {
        let strength = before.weights.habit;
        let rate = |replaced: f32, chances: f32, toward: f32| {
            ((replaced + RATE_STRENGTH * toward) / (chances + RATE_STRENGTH)).clamp(0.005, 1.3)
        };
        let overall = rate(self.replaced[0] + self.replaced[1], self.chances[0] + self.chances[1], 0.3);
        let plain = rate(self.replaced[0], self.chances[0], overall);
        let quoted = rate(self.replaced[1], self.chances[1], overall);
        let mut next = Channel::prior(plain, sharpen(&self.profile, prior_profile), before.weights);
        next.quoted_rate = quoted.min(plain.max(overall));
        for (&original, habit) in &self.originals {
            if habit.positions < 2.0 {
                continue;
            }
            let others = (habit.positions - 1.0) / habit.positions;
            let prior = next.prior_sigma(lexicon.form(original)) * overall;
            let share =
                (habit.replaced * others + strength * prior) / ((habit.replaced + habit.kept) * others + strength);
            next.sigma.insert(original, (share / overall).clamp(1e-4, 1.0));
        }
        for (&index, &(count, positions)) in &self.pairs {
            let candidate = lexicon.candidate(index);
            let form = lexicon.form(candidate.original);
            let prior_sigma = next.prior_sigma(form).max(1e-4);
            let sigma = next.sigma(candidate.original, form);
            let prior = next.mixed(candidate) / prior_sigma;
            let (mine, all) = match self.originals.get(&candidate.original) {
                Some(h) if positions > 1.0 => {
                    (count * (positions - 1.0) / positions, h.replaced * (positions - 1.0) / positions)
                }
                // Seen at one position only: what this original became elsewhere still counts against it.
                Some(h) => (0.0, (h.replaced - count).max(0.0)),
                None => (0.0, 0.0),
            };
            let q = (mine + strength * prior) / (all + strength);
            next.pairs.insert(index, (sigma * q).max(1e-9).ln());
        }
        next
    }
}

/// Posterior of the profiles from their log likelihoods.
pub fn sharpen(log: &[f32; FAMILIES], prior: &[f32; FAMILIES]) -> [f32; FAMILIES] {
    let best = log.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let raw: [f32; FAMILIES] = std::array::from_fn(|f| prior[f] * (PROFILE_SHARPNESS * (log[f] - best)).exp());
    let sum: f32 = raw.iter().sum();
    raw.map(|x| x / sum)
}
