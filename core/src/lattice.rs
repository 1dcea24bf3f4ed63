//! The lattice: a document as the decoder sees it, with every original that the lexicon offers.
//!
//! [`Prepared`] turns a text into word ids once. [`matches`] finds the forms of the lexicon in it: those with candidates are
//! possible replacements, those that are originals tell what this spinner leaves alone. [`Lattice`] makes arcs of them for one
//! sentence and prices them under a [`Channel`]: an arc reads one or more tokens of the text and writes the words of an original.

use crate::channel::{Channel, Weights};
use crate::language::{is_code, is_english};
use crate::lexicon::{FormId, Lexicon, SurfaceId, LONGEST_FORM};
use crate::lm::{Model, Vocabulary, WordId};
use crate::text::{lower_into, normal_form, tokenize, Case, Document, Gap, Token, TokenKind};
use std::ops::Range;

/// Sentences longer than this are decoded in pieces: text without full stops must not cost more than other text.
const LONGEST_SENTENCE: u32 = 160;

/// A tokenized text with its word ids.
pub struct Prepared<'t> {
    /// The text.
    pub text: &'t str,
    /// Its tokens.
    pub tokens: Vec<Token>,
    /// Sentences, none longer than the decoder likes.
    pub sentences: Vec<Range<usize>>,
    /// Word ids for the lexicon.
    pub surface: Vec<SurfaceId>,
    /// Word ids for the language model.
    pub words: Vec<WordId>,
}

/// A form found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// First token.
    pub start: u32,
    /// Number of tokens.
    pub length: u8,
    /// The form.
    pub form: FormId,
}

/// What an arc writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    /// The tokens as they stand.
    Itself,
    /// The other form of the indefinite article, as the replacement after it needs it.
    Article,
    /// A candidate of the lexicon, by index.
    Candidate(u32),
}

/// One alternative of the lattice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arc {
    /// First token, counted from the sentence's first.
    pub start: u16,
    /// Number of tokens read.
    pub length: u16,
    /// What is written.
    pub writes: Writes,
    /// The part of the price that no channel changes.
    pub fixed: f32,
    /// Log price, weights included.
    pub price: f32,
}

impl<'t> Prepared<'t> {
    /// Tokenizes `text` and looks its words up.
    pub fn new(text: &'t str, model: &Model, lexicon: &Lexicon) -> Prepared<'t> {
        let Document { tokens, sentences } = tokenize(text);
        let vocabulary = model.vocabulary();
        let (mut surface, mut words) = (Vec::with_capacity(tokens.len()), Vec::with_capacity(tokens.len()));
        let mut scratch = String::new();
        for token in &tokens {
            match token.kind {
                TokenKind::Word | TokenKind::Clitic => {
                    lower_into(token.of(text), &mut scratch);
                    let id = vocabulary.id(&scratch);
                    words.push(id.unwrap_or(Vocabulary::UNKNOWN));
                    surface.push(id.map_or_else(|| lexicon.own_surface(&scratch), |id| SurfaceId(id.0)));
                }
                TokenKind::Number => {
                    lower_into(token.of(text), &mut scratch);
                    surface.push(lexicon.surface(vocabulary, &scratch));
                    words.push(vocabulary.id(normal_form(text, token, &mut scratch)).unwrap_or(Vocabulary::UNKNOWN));
                }
                TokenKind::Punctuation => {
                    let id = vocabulary.id(normal_form(text, token, &mut scratch));
                    surface.push(id.map_or(SurfaceId::NONE, |id| SurfaceId(id.0)));
                    words.push(id.unwrap_or(Vocabulary::UNKNOWN));
                }
                TokenKind::Protected => {
                    surface.push(SurfaceId::NONE);
                    words.push(vocabulary.id("<url>").unwrap_or(Vocabulary::UNKNOWN));
                }
            }
        }
        let pieces = |s: Range<u32>| {
            let count = (s.end - s.start).div_ceil(LONGEST_SENTENCE).max(1);
            let size = (s.end - s.start).div_ceil(count);
            (0..count).map(move |i| (s.start + i * size) as usize..(s.start + (i + 1) * size).min(s.end) as usize)
        };
        let sentences = sentences.into_iter().flat_map(pieces).collect();
        Prepared { text, tokens, sentences, surface, words }
    }

    /// Number of words and numbers.
    pub fn word_count(&self) -> usize {
        self.tokens.iter().filter(|t| matches!(t.kind, TokenKind::Word | TokenKind::Number)).count()
    }

    /// Whether a sentence is English prose.
    pub fn is_prose(&self, sentence: &Range<usize>) -> bool {
        let known = |i: usize| self.words[sentence.start + i] != Vocabulary::UNKNOWN;
        let tokens = &self.tokens[sentence.clone()];
        is_english(self.text, tokens, &known) && !is_code(self.text, tokens)
    }

    /// Whether a token is a part of a hyphenated compound.
    pub fn hyphenated(&self, range: Range<usize>) -> bool {
        let hyphen = |i: usize| {
            self.tokens.get(i).is_some_and(|t| {
                t.kind == TokenKind::Punctuation && matches!(t.of(self.text), "-" | "\u{2010}" | "\u{2011}")
            })
        };
        let before = range.start > 0 && self.tokens[range.start].gap == Gap::Glued && hyphen(range.start - 1);
        let after = hyphen(range.end)
            && self.tokens[range.end].gap == Gap::Glued
            && self.tokens.get(range.end + 1).is_some_and(|t| t.gap == Gap::Glued);
        before || after
    }
}

/// Finds every form of `lexicon` within the sentences of `prepared`, in order of position and length.
pub fn matches(prepared: &Prepared<'_>, lexicon: &Lexicon) -> Vec<Match> {
    let trie = lexicon.trie();
    let mut out = Vec::new();
    for sentence in &prepared.sentences {
        for start in sentence.clone() {
            let mut node = trie.first(prepared.surface[start]);
            let mut length = 1;
            while let Some(at) = node {
                if let Some(form) = trie.form(at) {
                    out.push(Match { start: start as u32, length: length as u8, form });
                }
                let next = start + length;
                if length == LONGEST_FORM || next >= sentence.end || !joins(prepared, next) {
                    break;
                }
                node = trie.next(at, prepared.surface[next]);
                length += 1;
            }
        }
    }
    out
}

/// Whether a form may run on over the gap before token `at`: one line, and hyphens and slashes only when they touch both sides.
fn joins(prepared: &Prepared<'_>, at: usize) -> bool {
    let (token, before) = (&prepared.tokens[at], &prepared.tokens[at - 1]);
    match token.gap {
        Gap::Glued => !(token.kind == TokenKind::Word && before.kind == TokenKind::Word),
        Gap::Space => token.kind != TokenKind::Punctuation && before.kind != TokenKind::Punctuation,
        Gap::Line | Gap::Sentence => false,
    }
}

/// A sentence with what the lexicon says of it.
#[derive(Clone, Copy)]
pub struct Lattice<'a> {
    /// The document.
    pub prepared: &'a Prepared<'a>,
    /// The sentence's tokens.
    pub sentence: &'a Range<usize>,
    /// The matches that start in it.
    pub found: &'a [Match],
    /// The lexicon.
    pub lexicon: &'a Lexicon,
}

impl Lattice<'_> {
    /// The arcs of the sentence, sorted by start, with the part of their price that no channel changes.
    pub fn arcs(&self, vocabulary: &Vocabulary, weights: &Weights) -> Vec<Arc> {
        let Lattice { prepared, sentence, .. } = self;
        let title = is_title(&prepared.tokens[(*sentence).clone()]);
        let mut arcs: Vec<Arc> = Vec::new();
        let mut replaceable = vec![false; sentence.len() + 1];
        for m in self.found {
            let at = m.start as usize;
            let tokens = &prepared.tokens[at..at + usize::from(m.length)];
            let first = self.lexicon.first_candidate(m.form);
            let hyphenated = prepared.hyphenated(at..at + tokens.len());
            // A capital inside a sentence marks a name; at its start, or where all is capitalised, it says nothing.
            let capital = !title
                && at > sentence.start
                && matches!(tokens[0].case, Case::Capital | Case::Mixed)
                && tokens[0].of(prepared.text) != "I";
            let acronym = tokens.len() == 1 && tokens[0].case == Case::Upper && !title;
            for (k, candidate) in self.lexicon.candidates(m.form).iter().enumerate() {
                let named = candidate.capitals != 0;
                let fits = |i: usize| candidate.capitals & (1 << i) == 0 || tokens[i].case != Case::Lower;
                if (acronym && !named) || !(0..tokens.len().min(8)).all(fits) {
                    continue;
                }
                let mut fixed = weights.edit;
                fixed += if hyphenated { weights.hyphen } else { 0.0 };
                fixed += if capital && !named { weights.name } else { 0.0 };
                fixed += weights.length * (f32::from(candidate.word_count) - tokens.len() as f32).abs();
                replaceable[at - sentence.start] = true;
                let (start, writes) = ((at - sentence.start) as u16, Writes::Candidate(first + k as u32));
                arcs.push(Arc { start, length: u16::from(m.length), writes, fixed, price: fixed });
            }
        }
        let (a, an) = (vocabulary.id("a"), vocabulary.id("an"));
        for i in 0..sentence.len() {
            let word = Some(prepared.words[sentence.start + i]);
            arcs.push(Arc { start: i as u16, length: 1, writes: Writes::Itself, fixed: 0.0, price: 0.0 });
            if (word == a || word == an) && replaceable[i + 1] {
                let (fixed, writes) = (weights.article, Writes::Article);
                arcs.push(Arc { start: i as u16, length: 1, writes, fixed, price: fixed });
            }
        }
        arcs.sort_by_key(|a| a.start);
        arcs
    }

    /// Prices the arcs under `channel`. `own` is what each arc itself has contributed to the channel's knowledge of its pair
    /// (empty before any pass).
    pub fn price(&self, channel: &Channel, own: &[f32], arcs: &mut [Arc]) {
        let mut keep = vec![0f32; self.sentence.len()];
        let quoted = |at: usize| self.prepared.tokens[at].quoted;
        for m in self.found {
            let form = self.lexicon.form(m.form);
            if form.is_original() {
                let at = m.start as usize;
                keep[at - self.sentence.start] += channel.keep(m.form, form, quoted(at));
            }
        }
        for (i, arc) in arcs.iter_mut().enumerate() {
            let at = usize::from(arc.start);
            arc.price = arc.fixed
                + match arc.writes {
                    Writes::Itself | Writes::Article => keep[at],
                    Writes::Candidate(index) => {
                        let own = own.get(i).copied().unwrap_or(0.0);
                        let (candidate, quoted) = (self.lexicon.candidate(index), quoted(self.sentence.start + at));
                        channel.weights.channel * channel.replace(index, candidate, quoted, own)
                    }
                };
        }
    }
}

/// Whether most words of a sentence are capitalised, so that capitals mark no names.
fn is_title(tokens: &[Token]) -> bool {
    let words = tokens.iter().filter(|t| t.kind == TokenKind::Word && t.end - t.start > 3);
    let (mut capital, mut all) = (0, 0);
    for t in words {
        all += 1;
        capital += i32::from(matches!(t.case, Case::Capital | Case::Upper | Case::Mixed));
    }
    all >= 3 && capital * 10 >= all * 7
}
