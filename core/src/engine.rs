//! The engine: one object that holds the models and restores documents.
//!
//! A document goes through it as DESIGN's channel says: screen (is it worth a look), a first pass of the decoder under the
//! lexicon's prior, adaptation to this document's spinner, a second pass, the verdict (is it spun at all), and only
//! then edits, each with its posterior. The engine is immutable and shared by threads; all work space belongs to the call.

use crate::channel::Weights;
use crate::decode::Decoder;
use crate::detect::{verdict, Screen};
use crate::error::{Error, Kind, Result};
use crate::lattice::{matches, Prepared};
use crate::lexicon::{parse, Family, Lexicon};
use crate::lm::Model;
use crate::pick::Picked;
use crate::render::{article_for, replacement, Apostrophe};
use crate::replay::{apply, compose};
use crate::search::Beam;
use std::ops::Range;
use std::path::Path;

/// Texts from this size on are refused: offsets are 32 bits.
const LONGEST_TEXT: usize = u32::MAX as usize;
/// Rounds after which a text that keeps changing is left as it is, by default.
const MOST_ROUNDS: usize = 8;

/// How to restore.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Least posterior of an edit, 0 to 1.
    pub min_confidence: f32,
    /// Least probability that the document is spun.
    pub min_spun: f32,
    /// Weights of the channel.
    pub weights: Weights,
    /// Width of the search.
    pub beam: Beam,
    /// Most rounds of reading the text again after an edit.
    pub rounds: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            min_confidence: 0.5,
            min_spun: 0.5,
            weights: Weights::default(),
            beam: Beam::default(),
            rounds: MOST_ROUNDS,
        }
    }
}

/// What an edit replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditKind {
    /// One word by one word.
    Word,
    /// A phrase, or a word by a phrase.
    Phrase,
    /// A name or a term that the lexicon spells with capitals.
    Name,
    /// An indefinite article that agrees with the edit after it.
    Article,
}

impl EditKind {
    /// The kind as reports write it.
    pub fn as_str(self) -> &'static str {
        match self {
            EditKind::Word => "word",
            EditKind::Phrase => "phrase",
            EditKind::Name => "name",
            EditKind::Article => "article",
        }
    }
}

/// One replacement: `text[start..end]` becomes `after`.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// What stands there afterwards.
    pub after: String,
    /// What was replaced.
    pub kind: EditKind,
    /// Posterior probability of this edit.
    pub confidence: f32,
    /// The other readings of the same span with their posteriors, best first; the span as it stands is one of them.
    pub alternatives: Vec<(String, f32)>,
}

/// What the engine says of a document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// Edits in order, disjoint.
    pub edits: Vec<Edit>,
    /// Probability that the document is spun.
    pub spun: f32,
    /// Share of the words that the spinner replaced, expected.
    pub rate: f32,
    /// Words and numbers.
    pub words: usize,
    /// Log likelihood ratio of spun against native.
    pub llr: f32,
    /// The most probable profile and its probability, for spun documents.
    pub spinner: Option<(String, f32)>,
}

/// See the module's head.
pub struct Engine {
    model: Model,
    lexicon: Lexicon,
}

impl Engine {
    /// Opens a model file and reads a compiled lexicon; `user` are lexicons as (name, TSV text), later ones win.
    pub fn open(model: &Path, lexicon: &[u8], user: &[(String, String)]) -> Result<Engine> {
        let model = Model::open(model)?;
        let lexicon = Lexicon::from_bytes(lexicon, model.vocabulary())?;
        Engine::new(model, lexicon, user)
    }

    /// An engine of a model and a lexicon.
    pub fn new(model: Model, mut lexicon: Lexicon, user: &[(String, String)]) -> Result<Engine> {
        for (name, text) in user {
            lexicon = lexicon.overlay(&parse(name, text)?, &model)?;
        }
        Ok(Engine { model, lexicon })
    }

    /// The engine's lexicon.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// Whether `text` is spun, without edits.
    pub fn detect(&self, text: &str, options: &Options) -> Result<Report> {
        self.run(text, options, false)
    }

    /// Restores `text`. What it leaves is read again until nothing changes, so that restoring a restored text changes nothing.
    pub fn restore(&self, text: &str, options: &Options) -> Result<Report> {
        let mut report = self.run(text, options, true)?;
        for _ in 0..options.rounds {
            if report.edits.is_empty() {
                break;
            }
            let more = self.run(&apply(text, &report.edits), options, true)?.edits;
            if more.is_empty() {
                break;
            }
            report.edits = compose(text, &report.edits, &more);
        }
        Ok(report)
    }

    fn run(&self, text: &str, options: &Options, edit: bool) -> Result<Report> {
        if text.len() >= LONGEST_TEXT {
            return Err(Error::new(
                Kind::Argument,
                format!("a text of {} bytes; the longest is {LONGEST_TEXT}", text.len()),
            ));
        }
        if !(0.0..=1.0).contains(&options.min_confidence) {
            return Err(Error::new(
                Kind::Argument,
                format!("min_confidence is a probability, not {}", options.min_confidence),
            ));
        }
        let prepared = Prepared::new(text, &self.model, &self.lexicon);
        let mut report = Report { words: prepared.word_count(), ..Report::default() };
        let found = matches(&prepared, &self.lexicon);
        let screen = Screen::of(&found, &self.lexicon);
        report.llr = screen.best().min(0.0);
        report.spun = verdict(report.llr, report.words);
        if !screen.is_suspect() {
            return Ok(report);
        }
        let sentences: Vec<Range<usize>> =
            prepared.sentences.iter().filter(|s| prepared.is_prose(s)).cloned().collect();
        let decoder = Decoder {
            model: &self.model,
            lexicon: &self.lexicon,
            weights: options.weights,
            beam: options.beam,
            threshold: options.min_confidence,
        };
        let decoding = decoder.run(&prepared, &sentences, &found, &screen.gain);
        report.llr = decoding.ratio;
        report.rate = decoding.replaced / report.words.max(1) as f32;
        report.spun = verdict(decoding.ratio, report.words);
        if report.spun >= options.min_spun {
            let probability = |f: &Family| decoding.profile[usize::from(f.0)];
            let best = Family::all().max_by(|a, b| probability(a).total_cmp(&probability(b)));
            report.spinner = best.map(|f| (f.name().to_string(), probability(&f)));
            if edit {
                report.edits = self.edits(&prepared, &decoding.picked);
            }
        }
        Ok(report)
    }

    fn edits(&self, prepared: &Prepared<'_>, picked: &[Picked]) -> Vec<Edit> {
        let apostrophe = Apostrophe::of(prepared.text);
        let mut edits: Vec<Edit> = Vec::with_capacity(picked.len());
        for p in picked {
            let (first, last) = (&prepared.tokens[p.span.start], &prepared.tokens[p.span.end - 1]);
            let (start, end) = (first.start as usize, last.end as usize);
            let candidate = self.lexicon.candidate(p.candidate);
            let write =
                |index: u32| replacement(prepared, &p.span, self.lexicon.candidate(index), &self.lexicon, apostrophe);
            let after = write(p.candidate);
            if after == prepared.text[start..end] {
                continue;
            }
            if let Some(article) = self.article(prepared, p, &after, edits.last()) {
                edits.push(article);
            }
            let as_it_stands = &prepared.text[start..end];
            let alternatives =
                p.others.iter().map(|&(index, p)| (index.map_or_else(|| as_it_stands.to_string(), write), p)).collect();
            let kind = if candidate.capitals != 0 {
                EditKind::Name
            } else if p.span.len() > 1 || candidate.word_count > 1 {
                EditKind::Phrase
            } else {
                EditKind::Word
            };
            edits.push(Edit { start, end, after, kind, confidence: p.confidence, alternatives });
        }
        edits
    }

    /// The edit of the article before an edit that begins with another sound.
    fn article(&self, prepared: &Prepared<'_>, p: &Picked, after: &str, last: Option<&Edit>) -> Option<Edit> {
        let token = &prepared.tokens[p.span.start.checked_sub(1)?];
        let (start, end) = (token.start as usize, token.end as usize);
        let touches = prepared.text[end..].starts_with(' ') && end + 1 == prepared.tokens[p.span.start].start as usize;
        let free = last.is_none_or(|e| e.end <= start);
        let article = article_for(token.of(prepared.text), after).filter(|_| touches && free)?;
        Some(Edit {
            start,
            end,
            after: article.to_string(),
            kind: EditKind::Article,
            confidence: p.confidence,
            alternatives: Vec::new(),
        })
    }
}
