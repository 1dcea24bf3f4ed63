//! The state of a left-to-right scorer: the words that the model can still use, and their back-off weights.
//!
//! Only the longest suffix of the history that is the context of some n-gram of the model is kept. No longer
//! history can change any later probability, so two histories that the model cannot tell apart give equal states, and a
//! decoder may recombine them without loss (state minimisation: Li & Khudanpur 2008; Heafield 2011). The
//! back-off weights follow from the words, so equality and hashing leave them out.

use super::format::MAX_ORDER;
use super::WordId;
use std::hash::{Hash, Hasher};

const HISTORY: usize = MAX_ORDER - 1;

/// The minimal right-extendable history.
#[derive(Debug, Clone, Copy, Default)]
pub struct State {
    /// Last word first; unused places are 0.
    words: [u32; HISTORY],
    /// `backoff[i]`: the back-off weight of the last `i + 1` words.
    backoff: [f32; HISTORY],
    length: u8,
}

impl State {
    /// How many words of history count.
    pub fn len(&self) -> usize {
        usize::from(self.length)
    }

    /// Whether no history counts at all.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The words of the history, last one first.
    pub fn words(&self) -> impl Iterator<Item = WordId> + '_ {
        self.words[..self.len().min(HISTORY)].iter().map(|&w| WordId(w))
    }

    #[inline]
    pub(crate) fn word(&self, back: usize) -> WordId {
        WordId(self.words[back])
    }

    #[inline]
    pub(crate) fn backoff(&self, back: usize) -> f32 {
        self.backoff[back]
    }

    /// Takes `word` as the history's next word to the left, with the back-off weight of the history that it completes.
    #[inline]
    pub(crate) fn push(&mut self, word: WordId, backoff: f32) {
        let at = usize::from(self.length);
        if at < HISTORY {
            self.words[at] = word.0;
            self.backoff[at] = backoff;
            self.length += 1;
        }
    }
}

impl PartialEq for State {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.words == other.words && self.length == other.length
    }
}

impl Eq for State {}

impl Hash for State {
    #[inline]
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        // Word 0 (<unk>) can be part of a history, so the length is needed too.
        hasher.write_u64(u64::from(self.words[0]) | u64::from(self.words[1]) << 32);
        hasher.write_u64(u64::from(self.words[2]) << 8 | u64::from(self.words[3]) << 36 | u64::from(self.length));
    }
}
