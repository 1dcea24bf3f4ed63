//! The lexicon's folder: `lexicon/*.tsv` sources and, beside it, `morphology/` with the irregular inflections.

use super::inflect::Morphology;
use super::source::{parse, Source};
use crate::error::{Error, Result};
use std::path::Path;

/// Everything the compiler reads.
#[derive(Debug, Clone)]
pub struct Directory {
    /// Sources in the order of their file names.
    pub sources: Vec<Source>,
    /// Irregular inflections.
    pub morphology: Morphology,
}

impl Directory {
    /// Reads `language/lexicon/*.tsv` and `language/morphology/{irregular,doubling}.tsv`.
    pub fn read(language: &Path) -> Result<Directory> {
        let read = |path: &Path| std::fs::read_to_string(path).map_err(|e| Error::io(path, &e));
        let folder = language.join("lexicon");
        let listing = std::fs::read_dir(&folder).map_err(|e| Error::io(&folder, &e))?;
        let mut files = Vec::new();
        for entry in listing {
            let path = entry.map_err(|e| Error::io(&folder, &e))?.path();
            if path.extension().is_some_and(|e| e == "tsv") {
                files.push(path);
            }
        }
        files.sort();
        let sources = files.iter().map(|path| {
            let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            parse(&name, &read(path)?)
        });
        let morphology = language.join("morphology");
        Ok(Directory {
            sources: sources.collect::<Result<_>>()?,
            morphology: Morphology::parse(
                &read(&morphology.join("irregular.tsv"))?,
                &read(&morphology.join("doubling.tsv"))?,
            )?,
        })
    }
}
