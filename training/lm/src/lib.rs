//! The trainer of restore's language model: text in, one model file out.
//!
//! `input` reads files, `corpus` turns them into word ids, `trie` counts n-grams, `estimate` smooths the counts, `prune` chooses what
//! to keep, `export` writes, `measure` scores held-out text.
#![deny(unsafe_code)]

pub mod corpus;
pub mod estimate;
pub mod export;
pub mod input;
pub mod measure;
pub mod prune;
pub mod trie;

/// Why the trainer gave up, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(pub String);

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<restore_core::error::Error> for Failure {
    fn from(e: restore_core::error::Error) -> Self {
        Self(e.to_string())
    }
}

/// Shorthand for results of the trainer.
pub type Outcome<T> = Result<T, Failure>;
