//! The model file: a header, a directory of sections, and the sections, each at a multiple of 64 bytes.
//!
//! All numbers are little-endian. The header is
//!
//! | bytes | what |
//! |---|---|
//! | 0..8 | magic `restr-lm` |
//! | 8..12 | format version |
//! | 12..16 | order of the model |
//! | 16..24 | XXH3-64 of every byte from 24 to the end of the file |
//! | 24..32 | length of the file |
//! | 32..40 | number of sections |
//! | 40..64 | zero |
//!
//! then one directory entry of 32 bytes a section: kind (u32), order of its n-grams or 0 (u32), offset, length in bytes,
//! number of items (u64 each). Kinds, orders and offsets are not free: section after section follows in the one
//! order that [`expected`] gives, without holes. So a reader checks the whole layout before it looks at any
//! content, and after [`parse`] every range lies inside the file.

use crate::error::{Error, Kind, Result};
use std::ops::Range;
use xxhash_rust::xxh3::xxh3_64;

/// The highest order that the engine scores: a [`State`](super::State) holds one word less.
pub const MAX_ORDER: usize = 5;

/// Version of the layout and of every constant (hash functions, bucket shapes) that a file depends on.
pub(crate) const VERSION: u32 = 1;
pub(crate) const ALIGNMENT: usize = 64;

const MAGIC: &[u8; 8] = b"restr-lm";
const HEADER: usize = 64;
const ENTRY: usize = 32;
const CHECKED_FROM: usize = 24;

/// What a section holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Tag {
    /// How the model was made, for people.
    Notes = 1,
    /// The words' UTF-8 bytes one after the other.
    Arena = 2,
    /// `words + 1` offsets (u32) into the arena.
    Offsets = 3,
    /// The hash table from word to id.
    Words = 4,
    /// A probability and a back-off weight (f32 each) for every word.
    Unigrams = 5,
    /// 256 probabilities and 256 back-off weights of the inner table.
    InnerBook = 6,
    /// N-grams that are the context of a longer one.
    Inner = 7,
    /// 256 probabilities of the leaf table.
    LeafBook = 8,
    /// N-grams that are no context.
    Leaf = 9,
}

/// A section: where it lies and how many items it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) range: Range<usize>,
    pub(crate) items: usize,
}

/// The sections of a model of `order`, in file order, each with its kind and the order of its n-grams.
pub(crate) fn expected(order: usize) -> Vec<(Tag, u32)> {
    let mut all = vec![(Tag::Notes, 0), (Tag::Arena, 0), (Tag::Offsets, 0), (Tag::Words, 0), (Tag::Unigrams, 0)];
    for k in 2..=order as u32 {
        if (k as usize) < order {
            all.extend([(Tag::InnerBook, k), (Tag::Inner, k)]);
        }
        all.extend([(Tag::LeafBook, k), (Tag::Leaf, k)]);
    }
    all
}

/// Checks header, checksum and layout; the order and the sections. The error says what is wrong, not yet where.
pub(crate) fn parse(bytes: &[u8]) -> Result<(usize, Vec<Section>)> {
    if bytes.len() < 8 || &bytes[..8] != MAGIC {
        return Err(damaged("not a restore language model (wrong magic)"));
    }
    if bytes.len() < HEADER {
        return Err(damaged("truncated: the header is incomplete"));
    }
    let version = u32_at(bytes, 8);
    if version != VERSION {
        return Err(damaged(format!("format version {version}; this engine reads version {VERSION}")));
    }
    let order = u32_at(bytes, 12) as usize;
    let length = u64_at(bytes, 24);
    if length != bytes.len() as u64 {
        return Err(damaged(format!("truncated or extended: {} bytes, its header says {length}", bytes.len())));
    }
    if u64_at(bytes, 16) != xxh3_64(&bytes[CHECKED_FROM..]) || bytes[40..HEADER].iter().any(|&b| b != 0) {
        return Err(damaged("damaged: the checksum does not match"));
    }
    if !(2..=MAX_ORDER).contains(&order) {
        return Err(damaged(format!("damaged: order {order} is outside 2..={MAX_ORDER}")));
    }
    let layout = expected(order);
    let directory_end = HEADER + layout.len() * ENTRY;
    if u64_at(bytes, 32) != layout.len() as u64 || bytes.len() < directory_end {
        return Err(damaged("damaged: wrong number of sections"));
    }
    let mut sections = Vec::with_capacity(layout.len());
    let mut at = align(directory_end);
    for (i, &(tag, k)) in layout.iter().enumerate() {
        let entry = &bytes[HEADER + i * ENTRY..HEADER + (i + 1) * ENTRY];
        let (offset, length, items) = (u64_at(entry, 8), u64_at(entry, 16), u64_at(entry, 24));
        if u32_at(entry, 0) != tag as u32 || u32_at(entry, 4) != k || offset != at as u64 {
            return Err(damaged(format!("damaged: section {i} is not the {tag:?} of order {k} at {at}")));
        }
        let end = offset.checked_add(length).filter(|&end| end <= bytes.len() as u64);
        let Some(end) = end else {
            return Err(damaged(format!("damaged: section {i} reaches beyond the file")));
        };
        // Every item takes at least a byte, in every kind of section: a bound on allocations to come.
        if items > length {
            return Err(damaged(format!("damaged: section {i} counts more items than bytes")));
        }
        sections.push(Section { range: at..end as usize, items: items as usize });
        at = align(end as usize);
    }
    if at != bytes.len() {
        return Err(damaged("damaged: the sections do not fill the file"));
    }
    Ok((order, sections))
}

/// Writes a file: `sections` (bytes and number of items each) in the order of [`expected`].
pub(crate) fn assemble(order: usize, sections: &[(Vec<u8>, usize)]) -> Vec<u8> {
    let layout = expected(order);
    assert_eq!(layout.len(), sections.len(), "one section for every place of the layout");
    let mut at = align(HEADER + layout.len() * ENTRY);
    let mut out = vec![0; HEADER];
    for ((tag, k), (content, items)) in layout.iter().zip(sections) {
        out.extend_from_slice(&(*tag as u32).to_le_bytes());
        out.extend_from_slice(&k.to_le_bytes());
        out.extend_from_slice(&(at as u64).to_le_bytes());
        out.extend_from_slice(&(content.len() as u64).to_le_bytes());
        out.extend_from_slice(&(*items as u64).to_le_bytes());
        at = align(at + content.len());
    }
    for (content, _) in sections {
        out.resize(align(out.len()), 0);
        out.extend_from_slice(content);
    }
    out.resize(align(out.len()), 0);
    let length = out.len() as u64;
    out[..8].copy_from_slice(MAGIC);
    out[8..12].copy_from_slice(&VERSION.to_le_bytes());
    out[12..16].copy_from_slice(&(order as u32).to_le_bytes());
    out[24..32].copy_from_slice(&length.to_le_bytes());
    out[32..40].copy_from_slice(&(layout.len() as u64).to_le_bytes());
    seal(&mut out);
    out
}

/// Writes the checksum that the present content has.
pub(crate) fn seal(file: &mut [u8]) {
    let checksum = xxh3_64(&file[CHECKED_FROM..]);
    file[16..24].copy_from_slice(&checksum.to_le_bytes());
}

pub(crate) fn align(offset: usize) -> usize {
    offset.next_multiple_of(ALIGNMENT)
}

pub(crate) fn damaged(reason: impl Into<String>) -> Error {
    Error::new(Kind::Model, reason)
}

/// The little-endian number at byte `at`, which the caller has checked to lie inside.
#[inline]
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut word = [0; 4];
    word.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(word)
}

#[inline]
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(word)
}

#[inline]
pub(crate) fn f32_at(bytes: &[u8], at: usize) -> f32 {
    f32::from_bits(u32_at(bytes, at))
}
