//! Opening a model file and scoring words with it.
//!
//! A model is a back-off model (Katz 1987; Chen & Goodman 1998 for the estimate): the probability of a word is that of the
//! longest n-gram of the model that the history and the word end in, times the back-off weights of the
//! longer histories. Every prefix and suffix of an n-gram of the model is in the model, so the look-up climbs from the unigram and stops at
//! the first miss (Heafield 2011). N-grams of middle order lie in two tables, those that are the context of a longer
//! one (inner: with back-off weight) and those that are not (leaf: three bytes each); since suffixes of contexts are
//! contexts, no inner n-gram ends in a leaf, so a look-up that has met a leaf asks only the leaf tables from there on.

use super::format::{self, damaged, f32_at, Section, MAX_ORDER};
use super::mapping::Storage;
use super::quantise::LEVELS;
use super::table::{self, Table, BUCKET, INNER, LEAF};
use super::{State, Vocabulary, WordId};
use crate::error::{Error, Result};
use std::path::Path;
use std::sync::Arc;

/// An n-gram language model, mapped from its file. Shared freely between threads.
pub struct Model {
    storage: Arc<Storage>,
    vocabulary: Vocabulary,
    order: usize,
    unigrams: usize,
    /// Orders 2 and up.
    levels: Vec<Level>,
    notes: String,
    counts: Vec<(usize, usize)>,
    begin: State,
}

struct Level {
    inner: Option<(Table<INNER>, Box<Books>)>,
    leaf: Table<LEAF>,
    leaf_book: Box<[f32; LEVELS]>,
}

struct Books {
    probability: [f32; LEVELS],
    backoff: [f32; LEVELS],
}

/// Logarithm of the number of word types that a training text of this size leaves unknown (229,507 for the shipped model).
const UNKNOWN_TYPES: f32 = 12.3;

impl Model {
    /// Maps the model at `path` after checking all of it: magic, version, sizes, checksum, layout, word offsets, values. Whatever
    /// the bytes are, the outcome is a model or an error of [`Kind::Model`](crate::error::Kind) that names the file.
    pub fn open(path: &Path) -> Result<Self> {
        Self::parse(Storage::map(path)?).map_err(|e| Error::new(e.kind(), format!("{}: {e}", path.display())))
    }

    /// The same from bytes in memory.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self> {
        Self::parse(Storage::Owned(bytes))
    }

    fn parse(storage: Storage) -> Result<Self> {
        let storage = Arc::new(storage);
        let bytes: &[u8] = &storage;
        let (order, sections) = format::parse(bytes)?;
        let layout = format::expected(order);
        let notes = String::from_utf8(bytes[sections[0].range.clone()].to_vec())
            .map_err(|_| damaged("damaged: the notes are not UTF-8"))?;
        let vocabulary = Vocabulary::open(Arc::clone(&storage), &sections[1], &sections[2], &sections[3])?;
        let unigrams = &sections[4];
        if unigrams.items != vocabulary.len() || unigrams.range.len() != vocabulary.len() * 8 {
            return Err(damaged("damaged: the unigrams and the vocabulary differ in number"));
        }
        if !values(bytes, unigrams).all(f32::is_finite) {
            return Err(damaged("damaged: a unigram's value is no number"));
        }
        let mut levels = Vec::new();
        let mut counts = vec![(0, vocabulary.len())];
        let mut at = 5;
        for k in 2..=order {
            let mut inner = None;
            if k < order {
                debug_assert_eq!(layout[at].0, format::Tag::InnerBook);
                let both = book::<{ 2 * LEVELS }>(bytes, &sections[at])?;
                let mut books = Box::new(Books { probability: [0.0; LEVELS], backoff: [0.0; LEVELS] });
                books.probability.copy_from_slice(&both[..LEVELS]);
                books.backoff.copy_from_slice(&both[LEVELS..]);
                inner = Some((table::<INNER>(&sections[at + 1])?, books));
                at += 2;
            }
            debug_assert_eq!(layout[at].0, format::Tag::LeafBook);
            let leaf_book = book::<LEVELS>(bytes, &sections[at])?;
            let leaf = table::<LEAF>(&sections[at + 1])?;
            counts.push((if k < order { sections[at - 1].items } else { 0 }, sections[at + 1].items));
            levels.push(Level { inner, leaf, leaf_book });
            at += 2;
        }
        let unigrams = unigrams.range.start;
        let mut model = Self { storage, vocabulary, order, unigrams, levels, notes, counts, begin: State::default() };
        if let (_, Some(backoff)) = model.unigram_values(&model.storage, Vocabulary::BEGIN) {
            model.begin.push(Vocabulary::BEGIN, backoff);
        }
        Ok(model)
    }

    /// The length of the longest n-grams.
    pub fn order(&self) -> usize {
        self.order
    }

    /// The words.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Order, sizes and origin in a few lines, for people.
    pub fn describe(&self) -> String {
        let mut text =
            format!("{}-gram model, {} words, {} bytes\n", self.order, self.vocabulary.len(), self.storage.len());
        for (k, (inner, leaf)) in self.counts.iter().enumerate().skip(1) {
            text += &format!("{}-grams: {} ({inner} of them contexts)\n", k + 1, inner + leaf);
        }
        text + &self.notes
    }

    /// The state at the start of a sentence.
    pub fn begin(&self) -> State {
        self.begin
    }

    /// The state without history.
    pub fn null(&self) -> State {
        State::default()
    }

    /// The natural logarithm of the probability of `word` without history. Ids of no word count as unknown.
    #[inline]
    pub fn unigram(&self, word: WordId) -> f32 {
        self.unigram_values(&self.storage, self.known(word)).0
    }

    /// [`score`](Model::score) of a word as it stands in a text: one particular unknown word has a share of its class only.
    #[inline]
    pub fn score_token(&self, state: &State, word: WordId) -> (f32, State) {
        let (p, next) = self.score(state, word);
        (if word == Vocabulary::UNKNOWN { p - UNKNOWN_TYPES } else { p }, next)
    }

    /// The natural logarithm of the probability of `word` after `state`, and the state after it. An unknown word is scored as its
    /// whole class.
    #[inline]
    pub fn score(&self, state: &State, word: WordId) -> (f32, State) {
        let bytes: &[u8] = &self.storage;
        let word = self.known(word);
        let mut next = State::default();
        let (mut probability, backoff) = self.unigram_values(bytes, word);
        let mut extendable = backoff.is_some();
        if let Some(backoff) = backoff {
            next.push(word, backoff);
        }
        let history = state.len().min(MAX_ORDER - 1);
        let mut keys = [0; MAX_ORDER - 1];
        let mut touched = 0;
        let mut context = table::ROOT;
        for (i, level) in self.levels.iter().enumerate().take(history) {
            context = table::extend(context, state.word(i));
            keys[i] = table::key(context, word);
            // The buckets of all orders are fetched at once: the climb below would wait for memory at every step.
            if let Some((table, _)) = &level.inner {
                touched ^= table.touch(bytes, keys[i]);
            }
            touched ^= level.leaf.touch(bytes, keys[i]);
        }
        std::hint::black_box(touched);
        let mut matched = 0;
        for (i, level) in self.levels.iter().enumerate().take(history) {
            let key = keys[i];
            if extendable {
                if let Some((table, books)) = &level.inner {
                    if let Some((p, b)) = table.get(bytes, key) {
                        probability = books.probability[usize::from(p)];
                        next.push(state.word(i), books.backoff[usize::from(b)]);
                        matched = i + 1;
                        continue;
                    }
                }
                extendable = false;
            }
            match level.leaf.get(bytes, key) {
                Some(code) => probability = level.leaf_book[usize::from(code)],
                None => break,
            }
            matched = i + 1;
        }
        for i in matched..history {
            probability += state.backoff(i);
        }
        (probability, next)
    }

    #[inline]
    fn known(&self, word: WordId) -> WordId {
        if (word.0 as usize) < self.vocabulary.len() {
            word
        } else {
            Vocabulary::UNKNOWN
        }
    }

    /// Probability and, where the word is a context of some bigram, its back-off weight. A weight of -0.0 says that it is none.
    #[inline]
    fn unigram_values(&self, bytes: &[u8], word: WordId) -> (f32, Option<f32>) {
        let at = self.unigrams + word.0 as usize * 8;
        let backoff = f32_at(bytes, at + 4);
        (f32_at(bytes, at), (backoff.to_bits() != NO_CONTEXT.to_bits()).then_some(backoff))
    }
}

/// The back-off weight of a word that is no context.
pub(crate) const NO_CONTEXT: f32 = -0.0;

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model").field("order", &self.order).field("words", &self.vocabulary.len()).finish()
    }
}

fn values<'b>(bytes: &'b [u8], section: &Section) -> impl Iterator<Item = f32> + 'b {
    bytes[section.range.clone()].chunks_exact(4).map(|b| f32_at(b, 0))
}

fn book<const N: usize>(bytes: &[u8], section: &Section) -> Result<Box<[f32; N]>> {
    let all: Vec<f32> = values(bytes, section).collect();
    if section.range.len() != N * 4 || !all.iter().all(|v| v.is_finite()) {
        return Err(damaged("damaged: a table of values is wrong"));
    }
    Box::<[f32; N]>::try_from(all.into_boxed_slice()).map_err(|_| damaged("damaged: a table of values is wrong"))
}

fn table<const SLOTS: usize>(section: &Section) -> Result<Table<SLOTS>> {
    let buckets = section.range.len() / BUCKET;
    if buckets == 0 || section.range.len() != buckets * BUCKET || section.items > buckets * SLOTS {
        return Err(damaged("damaged: a table's size is wrong"));
    }
    Ok(Table { offset: section.range.start, buckets })
}
