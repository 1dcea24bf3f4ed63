//! Reading text: plain, .gz, .xz or .zst files, a paragraph a line.
//!
//! A blank line ends a document; n-grams do not cross sentences, so the trainer needs no more than the lines. Errors name the
//! file, and the line where the text is not UTF-8.

use crate::{Failure, Outcome};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// Calls `sink` with every line of `path` that is not blank.
pub fn paragraphs(path: &Path, sink: &mut dyn FnMut(&str)) -> Outcome<()> {
    let named = |cause: &dyn std::fmt::Display| Failure(format!("{}: {cause}", path.display()));
    let file = File::open(path).map_err(|e| named(&e))?;
    let reader: Box<dyn Read> = match path.extension().and_then(|e| e.to_str()) {
        Some("gz") => Box::new(flate2::read::MultiGzDecoder::new(file)),
        Some("xz") => Box::new(xz2::read::XzDecoder::new_multi_decoder(file)),
        Some("zst") => Box::new(zstd::stream::read::Decoder::new(file).map_err(|e| named(&e))?),
        _ => Box::new(file),
    };
    let mut reader = BufReader::with_capacity(1 << 20, reader);
    let mut line = Vec::new();
    let mut number = 0u64;
    loop {
        line.clear();
        number += 1;
        if reader.read_until(b'\n', &mut line).map_err(|e| named(&e))? == 0 {
            return Ok(());
        }
        let text = std::str::from_utf8(&line).map_err(|e| named(&format!("line {number} is not UTF-8: {e}")))?;
        let text = text.trim();
        if !text.is_empty() {
            sink(text);
        }
    }
}
