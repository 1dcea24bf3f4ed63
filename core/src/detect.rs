//! Detection: is this document spun at all?
//!
//! Two looks. The *screen* sums the gains of the forms found in the text, without the language model's context: it costs a
//! table look-up a word, and ordinary text is declared clean by it alone. What it lets through is decoded, and the *verdict* is the
//! likelihood ratio of the document at its best rate against rate 0, turned into a probability by a logistic curve that was fitted
//! on annotated and clean documents.

use crate::lattice::Match;
use crate::lexicon::{Lexicon, FAMILIES};

/// Evidence of a document by profile, from gains alone, in nats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Screen {
    /// Sum of gains by profile.
    pub gain: [f32; FAMILIES],
}

/// Documents whose best profile stays below this are clean without a further look.
const SCREEN: f32 = 0.0;

impl Screen {
    /// Sums gains over the longest matches that do not overlap.
    pub fn of(found: &[Match], lexicon: &Lexicon) -> Screen {
        let mut gain = [0f32; FAMILIES];
        let mut covered = 0u32;
        let mut i = 0;
        while i < found.len() {
            let mut longest = i;
            while i < found.len() && found[i].start == found[longest].start {
                longest = i;
                i += 1;
            }
            let m = found[longest];
            if m.start < covered {
                continue;
            }
            covered = m.start + u32::from(m.length);
            let form = lexicon.form(m.form);
            for (f, sum) in gain.iter_mut().enumerate() {
                *sum += form.gain(f);
            }
        }
        Screen { gain }
    }

    /// Whether the document is worth decoding.
    pub fn is_suspect(&self) -> bool {
        self.best() > SCREEN
    }

    /// Evidence of the most probable profile.
    pub fn best(&self) -> f32 {
        self.gain.iter().copied().fold(f32::NEG_INFINITY, f32::max)
    }
}

/// Evidence per square root of a word at which a document is as likely spun as not, and the slope there: fitted on annotated documents
/// left out of the lexicon, against native ones of every kind (docs/model.md).
const EVEN: f32 = 1.85;
const SLOPE: f32 = 4.0;

/// Shorter texts are judged as if they had this many words: one phrase convicts nobody.
const SHORTEST: usize = 9;

/// Probability that a document is spun, from its log likelihood ratio and its length in words.
///
/// The rate was fitted to the document, so a native one collects evidence by chance as well; it grows with the square root of the
/// length, as sums of independent accidents do, while a spun one's grows with the length.
pub fn verdict(ratio: f32, words: usize) -> f32 {
    let evidence = ratio / (words.max(SHORTEST) as f32).sqrt();
    1.0 / (1.0 + (-SLOPE * (evidence - EVEN)).exp())
}
