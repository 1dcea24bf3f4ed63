//! The language model: how probable a word is after the words before it.
//!
//! An n-gram model with modified Kneser-Ney estimates, trained by `training/lm` and read here from one memory-mapped file. The
//! engine asks two things of it: ids for words ([`Vocabulary`]), and a score for a word after a history
//! ([`Model::score`]). Histories are [`State`]s, cut to what the model can still use. Below that lie the file's
//! layout (`format`), the hash tables of n-grams (`table`), the quantiser and the writer that the trainer calls.

mod format;
mod mapping;
mod model;
mod quantise;
mod state;
mod table;
mod vocabulary;
mod writer;

#[cfg(test)]
mod tests;

pub use format::MAX_ORDER;
pub use model::Model;
pub use state::State;
pub use table::ngram_key;
pub use vocabulary::{Vocabulary, MAX_WORDS};
pub use writer::{estimated_bytes, Entry, Parts};

/// A word of a [`Vocabulary`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct WordId(pub u32);
