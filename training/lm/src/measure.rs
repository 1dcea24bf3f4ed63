//! Perplexity of a model on text.

use crate::{input, Outcome};
use restore_core::lm::{Model, Vocabulary};
use restore_core::text::{lm_sentences, LmEvent};
use std::path::Path;

/// Sums over scored text.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Score {
    /// Words scored, ends of sentences included.
    pub events: u64,
    /// Those that the model does not know.
    pub unknown: u64,
    /// Sum of natural-log probabilities of all events.
    pub all: f64,
    /// The same over known events.
    pub known: f64,
}

impl Score {
    /// Perplexity over all events, unknown words scored as `<unk>`.
    pub fn perplexity(&self) -> f64 {
        (-self.all / self.events as f64).exp()
    }

    /// Perplexity over known words and ends of sentences.
    pub fn perplexity_known(&self) -> f64 {
        (-self.known / (self.events - self.unknown) as f64).exp()
    }

    /// Adds `other`.
    pub fn add(&mut self, other: &Self) {
        self.events += other.events;
        self.unknown += other.unknown;
        self.all += other.all;
        self.known += other.known;
    }
}

/// Scores the text of `path`.
pub fn file(model: &Model, path: &Path) -> Outcome<Score> {
    let mut score = Score::default();
    input::paragraphs(path, &mut |p| score.add(&paragraph(model, p)))?;
    Ok(score)
}

/// Scores one paragraph.
pub fn paragraph(model: &Model, text: &str) -> Score {
    let mut score = Score::default();
    let mut state = model.begin();
    lm_sentences(text, &mut |event| {
        let id = match event {
            LmEvent::Word(word) => model.vocabulary().id(word).unwrap_or(Vocabulary::UNKNOWN),
            LmEvent::EndSentence => Vocabulary::END,
        };
        let (p, next) = model.score(&state, id);
        score.events += 1;
        score.all += f64::from(p);
        if id == Vocabulary::UNKNOWN {
            score.unknown += 1;
        } else {
            score.known += f64::from(p);
        }
        state = if id == Vocabulary::END { model.begin() } else { next };
    });
    score
}
