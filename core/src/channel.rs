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
    /// Strength of the lexicon against the document's own habits, in occurrences.
    pub habit: f32,
    /// What a flipped article ("a" for "an") before a replacement costs.
    pub article: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Weights {
            lm: 0.55,
            channel: 1.0,
            edit: 0.5,
            keep: 1.0,
            hyphen: -2.0,
            name: -2.5,
            length: 0.0,
            habit: 1.5,
            article: -1.5,
        }
    }
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
    /// `ln sigma q` of pairs that the document shows.
    pub pairs: FxHashMap<u32, f32>,
    /// See [`Weights`].
    pub weights: Weights,
}

impl Channel {
    /// The prior for a document of spin rate `rate` by a spinner of the given profile mixture.
    pub fn prior(rate: f32, profile: [f32; FAMILIES], weights: Weights) -> Channel {
        Channel { rate, quoted_rate: rate, profile, sigma: FxHashMap::default(), pairs: FxHashMap::default(), weights }
    }

    /// Log probability that an original of `candidate` was printed as the spun form (rate included).
    pub fn replace(&self, index: u32, candidate: &Candidate, quoted: bool) -> f32 {
        let log = match self.pairs.get(&index) {
            Some(&log) => log,
            None => self.mixed(candidate).ln(),
        };
        self.rate_of(quoted).ln() + log
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
