//! Words and their ids: a string arena with an open-addressed hash table, read where it lies in the model file.
//!
//! Ids are dense and sorted by falling frequency, so that the frequent words share cache lines. The table is linear
//! probing at a load of three quarters or less; a slot is a u32: `id + 1` in the low 24 bits and the top byte of the word's hash above,
//! so that a word that is not there is refused without touching the arena in 255 of 256 probes. 0 is empty.

use super::format::{damaged, u32_at, Section};
use super::mapping::Storage;
use super::WordId;
use crate::error::Result;
use std::ops::Range;
use std::sync::Arc;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

const ID_BITS: u32 = 24;
const ID_MASK: u32 = (1 << ID_BITS) - 1;

/// The largest number of words that a model can have.
pub const MAX_WORDS: usize = ID_MASK as usize - 1;

/// The words of a model. Cheap to clone: it shares the model's file.
#[derive(Clone)]
pub struct Vocabulary {
    storage: Arc<Storage>,
    arena: Range<usize>,
    offsets: usize,
    table: usize,
    mask: usize,
    words: usize,
    digest: u64,
}

impl Vocabulary {
    /// `<unk>`: every word that the training text held too seldom, as a class.
    pub const UNKNOWN: WordId = WordId(0);
    /// `<s>`: stands before a sentence; never predicted.
    pub const BEGIN: WordId = WordId(1);
    /// `</s>`: ends a sentence.
    pub const END: WordId = WordId(2);

    /// The number of words, the three special ones included.
    pub fn len(&self) -> usize {
        self.words
    }

    /// Never: every vocabulary holds the special words.
    pub fn is_empty(&self) -> bool {
        self.words == 0
    }

    /// A number that tells vocabularies apart: equal words with equal ids have equal digests, on every machine.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// The hash for [`Self::id_with_hash`].
    #[inline]
    pub fn hash(word: &str) -> u64 {
        xxh3_64(word.as_bytes())
    }

    /// The id of `word` (in its normal form), or `None` where the model does not know it.
    #[inline]
    pub fn id(&self, word: &str) -> Option<WordId> {
        self.id_with_hash(word, Self::hash(word))
    }

    /// The same for callers that have the word's hash already.
    #[inline]
    pub fn id_with_hash(&self, word: &str, hash: u64) -> Option<WordId> {
        let bytes: &[u8] = &self.storage;
        let tag = (hash >> 56) as u32;
        let mut slot = hash as usize & self.mask;
        // The table has an empty slot (checked on open), so the loop ends.
        loop {
            let entry = u32_at(bytes, self.table + slot * 4);
            if entry == 0 {
                return None;
            }
            if entry >> ID_BITS == tag {
                let id = (entry & ID_MASK) - 1;
                if self.raw(bytes, id) == word.as_bytes() {
                    return Some(WordId(id));
                }
            }
            slot = (slot + 1) & self.mask;
        }
    }

    /// The word of `id`; `<unk>` for an id of no word.
    pub fn word(&self, id: WordId) -> &str {
        let id = if (id.0 as usize) < self.words { id.0 } else { Self::UNKNOWN.0 };
        std::str::from_utf8(self.raw(&self.storage, id)).unwrap_or("")
    }

    #[inline]
    fn raw<'s>(&self, bytes: &'s [u8], id: u32) -> &'s [u8] {
        let at = self.offsets + id as usize * 4;
        let (from, to) = (u32_at(bytes, at) as usize, u32_at(bytes, at + 4) as usize);
        &bytes[self.arena.start + from..self.arena.start + to]
    }

    /// Checks the three sections: offsets ascend inside the arena on character boundaries, the table holds every id once.
    pub(crate) fn open(storage: Arc<Storage>, arena: &Section, offsets: &Section, table: &Section) -> Result<Self> {
        let words = arena.items;
        if !(3..=MAX_WORDS).contains(&words) || offsets.items != words + 1 || offsets.range.len() != (words + 1) * 4 {
            return Err(damaged("damaged: the vocabulary's sizes disagree"));
        }
        let bytes: &[u8] = &storage;
        let text = std::str::from_utf8(&bytes[arena.range.clone()])
            .map_err(|_| damaged("damaged: the vocabulary is not UTF-8"))?;
        let mut last = 0;
        for i in 0..=words {
            let next = u32_at(bytes, offsets.range.start + i * 4) as usize;
            if next < last || (i == 0 && next != 0) || !text.is_char_boundary(next) {
                return Err(damaged("damaged: a word's offset is wrong"));
            }
            last = next;
        }
        let slots = table.range.len() / 4;
        if last != text.len() || table.items != words || slots <= words || table.range.len() != slots * 4 {
            return Err(damaged("damaged: the vocabulary's sizes disagree"));
        }
        if !slots.is_power_of_two() {
            return Err(damaged("damaged: the word table's size is no power of two"));
        }
        let mut seen = vec![false; words];
        for slot in 0..slots {
            let entry = u32_at(bytes, table.range.start + slot * 4);
            if entry != 0 {
                let id = ((entry & ID_MASK) as usize).wrapping_sub(1);
                match seen.get_mut(id) {
                    Some(seen) if !*seen => *seen = true,
                    _ => return Err(damaged("damaged: the word table holds a wrong id")),
                }
            }
        }
        let digest = xxh3_64_with_seed(text.as_bytes(), xxh3_64(&bytes[offsets.range.clone()]));
        let (arena, offsets, table) = (arena.range.clone(), offsets.range.start, table.range.start);
        let vocabulary = Self { storage, arena, offsets, table, mask: slots - 1, words, digest };
        for (id, word) in [(Self::UNKNOWN, "<unk>"), (Self::BEGIN, "<s>"), (Self::END, "</s>")] {
            if vocabulary.word(id) != word {
                return Err(damaged(format!("damaged: word {} is not {word}", id.0)));
            }
        }
        Ok(vocabulary)
    }
}

/// The three sections (arena, offsets, table) for `words`, whose index is their id.
pub(crate) fn sections(words: &[String]) -> [(Vec<u8>, usize); 3] {
    let mut arena = Vec::new();
    let mut offsets = Vec::with_capacity(words.len() * 4 + 4);
    let slots = (words.len() * 4 / 3 + 1).next_power_of_two();
    let mut table = vec![0u32; slots];
    for (id, word) in words.iter().enumerate() {
        offsets.extend_from_slice(&(arena.len() as u32).to_le_bytes());
        arena.extend_from_slice(word.as_bytes());
        let hash = Vocabulary::hash(word);
        let mut slot = hash as usize & (slots - 1);
        while table[slot] != 0 {
            slot = (slot + 1) & (slots - 1);
        }
        table[slot] = ((hash >> 56) as u32) << ID_BITS | (id as u32 + 1);
    }
    offsets.extend_from_slice(&(arena.len() as u32).to_le_bytes());
    let table = table.iter().flat_map(|slot| slot.to_le_bytes()).collect();
    [(arena, words.len()), (offsets, words.len() + 1), (table, words.len())]
}
