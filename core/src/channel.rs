//! The channel: how probable it is that this document's spinner printed what we read.
//!
//! A [`Channel`] is the lexicon's prior seen through one document: its spin rate, the mixture of spinner profiles, and what the
//! document itself has shown (`adapt`). It prices two things: replacing (`ln r sigma(o) q(s|o)`) and keeping
//! (`ln (1 - r sigma(w))`), to which a few weights are added that cross-validation over documents tuned.

use crate::lexicon::{Candidate, Form, FormId, FAMILIES};
use rustc_hash::FxHashMap;

/// The model's few free weights. The defaults are the tuned ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// Scale of the language model's log probability.
    pub lm: f32,
    /// Scale of the channel's log probability of a replacement.
    pub channel: f32,
    /// Added to every replacement.
    pub edit: f32,
    /// Scale of what keeping a headword costs.
    pub keep: f32,
    /// Added where the spun word is part of a hyphenated compound, which most spinners skip.
    pub hyphen: f32,
    /// Added where a capitalised word inside a sentence would be replaced by an entry that is no name.
    pub name: f32,
    /// Added per word that a replacement adds or takes away.
    pub length: f32,
    /// Scale of what other occurrences of a pair say (they are not independent).
    pub habit: f32,
    /// Scale of what originals that were kept, or became something else, say against a pair.
    pub against: f32,
    /// What a flipped article ("a" for "an") before a replacement costs.
    pub article: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Weights {
            lm: 0.55,
            channel: 1.1,
            edit: 0.7,
            keep: 1.0,
            hyphen: -2.0,
            name: -2.5,
            length: 0.0,
            habit: 0.5,
            against: 0.2,
            article: -1.5,
        }
    }
}

/// How often a spinner that has a pair in its table uses it.
pub const REPLACES: f32 = 0.85;

/// Whether this document's spinner has a pair in its table, in log odds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PairHabit {
    /// From the lexicon, and from originals that were kept or became something else.
    pub prior: f32,
    /// Sum of the log likelihood ratios of the pair's occurrences.
    pub evidence: f32,
}

/// `ln(1 / (1 + e^-x))`
fn log_sigmoid(x: f32) -> f32 {
    -((-x).exp().ln_1p())
}

/// What a document has shown about its spinner.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Spin rate: scales every `sigma`.
    pub rate: f32,
    /// Spin rate inside quotations, which some spinners leave alone.
    pub quoted_rate: f32,
    /// Probability of each profile.
    pub profile: [f32; FAMILIES],
    /// `sigma` of originals that the document shows, replaced or kept.
    pub sigma: FxHashMap<FormId, f32>,
    /// Pairs that the document shows.
    pub pairs: FxHashMap<u32, PairHabit>,
    /// See [`Weights`].
    pub weights: Weights,
}

impl Channel {
    /// The prior for a document of spin rate `rate` by a spinner of the given profile mixture.
    pub fn prior(rate: f32, profile: [f32; FAMILIES], weights: Weights) -> Channel {
        Channel { rate, quoted_rate: rate, profile, sigma: FxHashMap::default(), pairs: FxHashMap::default(), weights }
    }

    /// Log probability that an original of `candidate` was printed as the spun form (rate included). `own` is what this
    /// occurrence has contributed to the evidence for the pair: it does not testify for itself.
    pub fn replace(&self, index: u32, candidate: &Candidate, quoted: bool, own: f32) -> f32 {
        match self.pairs.get(&index) {
            Some(pair) => {
                let rate = (self.rate_of(quoted) / self.rate).min(1.0).ln();
                rate + REPLACES.ln() + log_sigmoid(pair.prior + self.weights.habit * (pair.evidence - own))
            }
            None => self.rate_of(quoted).ln() + self.mixed(candidate).ln(),
        }
    }

    /// `sigma q` of a candidate under the mixture of profiles, without what the document has shown.
    pub fn mixed(&self, candidate: &Candidate) -> f32 {
        let p: f32 = self.profile.iter().enumerate().map(|(f, w)| w * candidate.log_probability(f).exp()).sum();
        p.max(1e-9)
    }

    /// `sigma` of an original.
    pub fn sigma(&self, id: FormId, form: &Form) -> f32 {
        match self.sigma.get(&id) {
            Some(&sigma) => sigma,
            None => self.prior_sigma(form),
        }
    }

    /// `sigma` under the mixture of profiles, without what the document has shown.
    pub fn prior_sigma(&self, form: &Form) -> f32 {
        self.profile.iter().enumerate().map(|(f, w)| w * form.sigma(f)).sum()
    }

    /// Log probability that a native occurrence of `form` stayed as it was.
    pub fn keep(&self, id: FormId, form: &Form, quoted: bool) -> f32 {
        let replaced = (self.rate_of(quoted) * self.sigma(id, form)).min(0.97);
        self.weights.keep * (1.0 - replaced).ln()
    }

    /// The spin rate inside or outside quotations.
    pub fn rate_of(&self, quoted: bool) -> f32 {
        if quoted {
            self.quoted_rate
        } else {
            self.rate
        }
    }
}
