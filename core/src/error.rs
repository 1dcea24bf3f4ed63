//! One opaque error for the whole engine: a [`Kind`] that callers branch on and a message for people.
//!
//! The message names the file (and line, where there is one) and the reason, so that a caller can print it
//! unchanged. New kinds may be added without breaking callers.

use std::fmt;

/// What went wrong, coarse enough to branch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A file could not be opened, read or written.
    Io,
    /// A model file is foreign, of another version, truncated or damaged.
    Model,
    /// A lexicon holds a line that cannot be understood.
    Lexicon,
    /// An argument is outside its range.
    Argument,
}

/// The engine's error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    message: String,
}

/// Shorthand for results of the engine.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of `kind` with a message for people.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// An I/O error on `path`.
    pub fn io(path: &std::path::Path, cause: &std::io::Error) -> Self {
        Self::new(Kind::Io, format!("{}: {cause}", path.display()))
    }

    /// What went wrong.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
