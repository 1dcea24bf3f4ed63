//! The compiler: weighed pairs become forms, candidates and a trie over word ids.
//!
//! Each form also gets its *gain*: the log ratio of how probable the form is in spun text (as itself, or as the spun form of any of
//! its originals) to how probable it is in native text, both by the language model without context. Summed over a
//! document, gains screen clean text at the price of one table look-up a word.

use super::source::{Direction, Source};
use super::weigh::{weigh, LeaveOut, Prior, Weighed};
use super::{
    Candidate, Form, FormId, Lexicon, Morphology, SurfaceId, COST_STEPS, FAMILIES, FREQUENCY_STEPS, GAIN_STEPS,
    LONGEST_FORM,
};
use crate::error::{Error, Kind, Result};
use crate::lm::{Model, Vocabulary, WordId};
use crate::text::{lower_into, normal_form, tokenize, Case, TokenKind};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Spin rate at which gains are computed: a heavily spun document.
const GAIN_RATE: f32 = 0.7;
/// Candidates that no profile gives this much are left out.
const LEAST: f32 = 2e-4;
/// Channel probability of an entry of a user's lexicon of weight 1: the user says so.
const STATED: f32 = 0.5;

/// What the compiler did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompileReport {
    /// Forms with candidates.
    pub spun_forms: usize,
    /// Pairs.
    pub pairs: usize,
    /// Pairs dropped: longer than [`LONGEST_FORM`] tokens on a side, or spelled alike.
    pub dropped: usize,
}

struct Phrase {
    surface: Vec<SurfaceId>,
    words: Vec<WordId>,
    capitals: u8,
}

/// Compiles sources into a lexicon over the vocabulary of `model`.
pub fn compile(
    sources: &[Source],
    morphology: &Morphology,
    prior: &Prior,
    leave_out: &LeaveOut,
    model: &Model,
) -> (Lexicon, CompileReport) {
    let attested = |word: &str| model.vocabulary().id(word).is_some();
    let weighed = weigh(sources, morphology, prior, leave_out, &attested);
    let mut report = CompileReport::default();
    let mut builder = Builder::over(Lexicon::empty(model.vocabulary()), model);
    for Weighed { original, sigma, spun } in &weighed {
        let Some(phrase) = builder.phrase(original) else {
            report.dropped += spun.len();
            continue;
        };
        let head = builder.form(&phrase);
        for (to, s) in builder.lexicon.forms[head.0 as usize].sigma.iter_mut().zip(sigma) {
            *to = (*to).max((s * 255.0).round().clamp(1.0, 255.0) as u8);
        }
        let base = builder.original(original, &phrase, head);
        for (text, p) in spun.iter().filter(|(_, p)| p.iter().any(|&p| p >= LEAST)) {
            match builder.phrase(text) {
                Some(s) if s.surface != phrase.surface => {
                    let form = builder.form(&s);
                    builder.list(form).push(Candidate { capitals: s.capitals, cost: p.map(cost), ..base });
                    report.pairs += 1;
                }
                _ => report.dropped += 1,
            }
        }
    }
    let lexicon = builder.finish();
    report.spun_forms = lexicon.size().0;
    (lexicon, report)
}

impl Lexicon {
    /// Lays a user's lexicon over this one: what it says of a spun form replaces what was said before.
    pub fn overlay(self, source: &Source, model: &Model) -> Result<Lexicon> {
        let fail = |reason: String| Error::new(Kind::Lexicon, format!("{}: {reason}", source.name));
        if !matches!(source.direction, Direction::Spun | Direction::Original) {
            return Err(fail("a user lexicon lists pairs, not counts".to_string()));
        }
        let too_long = |form: &str| fail(format!("{form:?} has no words, or more than {LONGEST_FORM} tokens"));
        let mut builder = Builder::over(self, model);
        for kept in &source.kept {
            let phrase = builder.phrase(kept).ok_or_else(|| too_long(kept))?;
            let form = builder.form(&phrase);
            builder.list(form);
        }
        for pair in &source.pairs {
            let original = builder.phrase(&pair.original).ok_or_else(|| too_long(&pair.original))?;
            let spun = builder.phrase(&pair.spun).ok_or_else(|| too_long(&pair.spun))?;
            let head = builder.form(&original);
            let form = builder.form(&spun);
            let base = builder.original(&pair.original, &original, head);
            let cost = [cost((STATED * pair.weight).min(0.95)); FAMILIES];
            builder.list(form).push(Candidate { capitals: spun.capitals, cost, stated: true, ..base });
        }
        Ok(builder.finish())
    }
}

/// Adds forms and candidates to a lexicon. The lists of the forms it touches replace what the lexicon had.
struct Builder<'m> {
    lexicon: Lexicon,
    model: &'m Model,
    lists: BTreeMap<FormId, Vec<Candidate>>,
    /// Log probability of a form as native text.
    native: FxHashMap<FormId, f32>,
    texts: FxHashMap<String, u32>,
}

impl<'m> Builder<'m> {
    fn over(lexicon: Lexicon, model: &'m Model) -> Self {
        Self { lexicon, model, lists: BTreeMap::new(), native: FxHashMap::default(), texts: FxHashMap::default() }
    }

    /// Cuts a form into words; `None` when it has none or too many.
    fn phrase(&mut self, text: &str) -> Option<Phrase> {
        let vocabulary = self.model.vocabulary();
        let document = tokenize(text);
        if document.tokens.is_empty() || document.tokens.len() > LONGEST_FORM {
            return None;
        }
        let mut phrase = Phrase { surface: Vec::new(), words: Vec::new(), capitals: 0 };
        let (mut lower, mut normal) = (String::new(), String::new());
        for (i, token) in document.tokens.iter().enumerate() {
            lower_into(token.of(text), &mut lower);
            let id = vocabulary.id(&lower).map_or_else(|| self.own_word(&lower), |id| SurfaceId(id.0));
            phrase.surface.push(id);
            phrase.words.push(vocabulary.id(normal_form(text, token, &mut normal)).unwrap_or(Vocabulary::UNKNOWN));
            if matches!(token.case, Case::Capital | Case::Upper | Case::Mixed)
                && token.kind == TokenKind::Word
                && lower != "i"
            {
                phrase.capitals |= 1 << i;
            }
        }
        Some(phrase)
    }

    fn own_word(&mut self, word: &str) -> SurfaceId {
        let lexicon = &mut self.lexicon;
        if let Some(&id) = lexicon.own_ids.get(word) {
            return SurfaceId(id);
        }
        let id = lexicon.vocabulary_length + lexicon.own_words.len() as u32;
        lexicon.own_words.push(word.to_string());
        lexicon.own_ids.insert(word.to_string(), id);
        SurfaceId(id)
    }

    fn form(&mut self, phrase: &Phrase) -> FormId {
        let node = self.lexicon.trie.insert(&phrase.surface);
        let form = self.lexicon.trie.form(node).unwrap_or_else(|| {
            let form = FormId(self.lexicon.forms.len() as u32);
            self.lexicon.trie.set_form(node, form);
            self.lexicon.forms.push(Form::default());
            form
        });
        let model = self.model;
        self.native.entry(form).or_insert_with(|| log_probability(model, &phrase.words));
        form
    }

    fn list(&mut self, form: FormId) -> &mut Vec<Candidate> {
        self.lists.entry(form).or_default()
    }

    /// A candidate that writes `original`, without its channel.
    fn original(&mut self, original: &str, phrase: &Phrase, head: FormId) -> Candidate {
        let lexicon = &mut self.lexicon;
        let text = *self.texts.entry(original.to_string()).or_insert_with(|| {
            lexicon.texts.push_str(original);
            (lexicon.texts.len() - original.len()) as u32
        });
        let words = lexicon.words.len() as u32;
        lexicon.words.extend(&phrase.words);
        let (word_count, text_length) = (phrase.words.len() as u8, original.len() as u8);
        Candidate { words, text, original: head, word_count, text_length, ..Candidate::default() }
    }

    fn finish(mut self) -> Lexicon {
        for (form, mut list) in std::mem::take(&mut self.lists) {
            for candidate in &mut list {
                let ratio = self.native[&candidate.original] - self.native[&form];
                candidate.frequency = (ratio * FREQUENCY_STEPS).round().clamp(-32_000.0, 32_000.0) as i16;
            }
            merge(&mut list, &self.lexicon.words);
            // Stable, so that the order of the sources settles ties.
            list.sort_by_key(|c| c.cost.iter().map(|&x| u32::from(x)).sum::<u32>());
            let f = &mut self.lexicon.forms[form.0 as usize];
            (f.first, f.count) = (self.lexicon.candidates.len() as u32, list.len() as u32);
            self.lexicon.candidates.append(&mut list);
        }
        for (&form, &native) in &self.native {
            self.lexicon.forms[form.0 as usize].gain = self.gains(form, native);
        }
        self.lexicon
    }

    fn gains(&self, form: FormId, native: f32) -> [i8; FAMILIES] {
        let f = self.lexicon.form(form);
        // Names are told by their capitals, which the screen does not see.
        let plain = || self.lexicon.candidates(form).iter().filter(|c| c.capitals == 0);
        let originals: Vec<f32> =
            plain().map(|c| (log_probability(self.model, self.lexicon.words(c)) - native).min(30.0).exp()).collect();
        std::array::from_fn(|k| {
            let from_others: f32 = plain().zip(&originals).map(|(c, ratio)| c.log_probability(k).exp() * ratio).sum();
            let ratio = 1.0 - GAIN_RATE * f.sigma(k) + GAIN_RATE * from_others;
            (ratio.max(1e-6).ln() * GAIN_STEPS).round().clamp(-127.0, 127.0) as i8
        })
    }
}

/// Candidates that write the same words ("Cold War", "cold war") become one: it asks for no capitals if one of them asks for none.
fn merge(list: &mut Vec<Candidate>, words: &[WordId]) {
    let says = |c: &Candidate| &words[c.words as usize..c.words as usize + usize::from(c.word_count)];
    let mut merged: Vec<Candidate> = Vec::with_capacity(list.len());
    for candidate in list.drain(..) {
        match merged.iter_mut().find(|m| says(m) == says(&candidate)) {
            Some(twin) => {
                for (a, b) in twin.cost.iter_mut().zip(candidate.cost) {
                    let (p, q) = (f32::from(*a) / -COST_STEPS, f32::from(b) / -COST_STEPS);
                    *a = cost((p.exp() + q.exp()).min(0.95));
                }
                if candidate.capitals == 0 {
                    let cost = twin.cost;
                    *twin = Candidate { cost, ..candidate };
                }
            }
            None => merged.push(candidate),
        }
    }
    *list = merged;
}

/// Log probability of `words` without context.
fn log_probability(model: &Model, words: &[WordId]) -> f32 {
    let mut state = model.null();
    words.iter().fold(0.0, |sum, &word| {
        let (p, next) = model.score_token(&state, word);
        state = next;
        sum + p
    })
}

/// `-ln p` in the candidate's unit.
fn cost(p: f32) -> u8 {
    (-p.max(1e-6).ln() * COST_STEPS).round().clamp(0.0, 255.0) as u8
}
