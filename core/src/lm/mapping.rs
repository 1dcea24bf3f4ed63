//! The bytes of a model: a file mapped into memory, or a vector.
//!
//! Mapping makes the model load in the time that one pass over it takes, and lets every process on the machine share
//! the same pages. It is the one place of the crate with `unsafe`: `memmap2` cannot promise that nobody truncates or
//! rewrites the file while it is mapped. Rewriting it in place would change answers (never memory safety here: every
//! access is bounds-checked and every index is used through such a check), and truncating it would end the process
//! with SIGBUS, as with every mapped library. Install a new model under a new name or by renaming over the old one.
#![allow(unsafe_code)]

use crate::error::{Error, Kind, Result};
use std::fs::File;
use std::ops::Deref;
use std::path::Path;

/// Read-only bytes, shared between the parts of a model.
pub(crate) enum Storage {
    Mapped(memmap2::Mmap),
    Owned(Vec<u8>),
}

impl Storage {
    /// Maps the whole of `path`.
    pub(crate) fn map(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|cause| Error::io(path, &cause))?;
        let metadata = file.metadata().map_err(|cause| Error::io(path, &cause))?;
        if !metadata.is_file() {
            return Err(Error::new(Kind::Model, format!("{}: not a model: not a regular file", path.display())));
        }
        if metadata.len() == 0 {
            return Err(Error::new(Kind::Model, format!("{}: not a model: the file is empty", path.display())));
        }
        // SAFETY: the mapping is private to this process and read-only; see the module's head for what a writer
        // elsewhere could do.
        let map = unsafe { memmap2::Mmap::map(&file) }.map_err(|cause| Error::io(path, &cause))?;
        Ok(Self::Mapped(map))
    }
}

impl Deref for Storage {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Owned(bytes) => bytes,
        }
    }
}
