//! The compiled lexicon as bytes: little-endian arrays, each with its length, under a magic number and a checksum.
//!
//! The bytes are embedded in the library, so they are trusted to be ours, but not blindly: a lexicon compiled for
//! another language model, or damaged, is an error when it is read.

use super::{Candidate, Form, FormId, Lexicon, Trie, FAMILIES};
use crate::error::{Error, Kind, Result};
use crate::lm::{Vocabulary, WordId};
use xxhash_rust::xxh3::xxh3_64;

const MAGIC: &[u8; 8] = b"RSTLEX02";

impl Lexicon {
    /// Writes the lexicon.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer(Vec::new());
        w.0.extend_from_slice(MAGIC);
        w.0.extend_from_slice(&[0; 8]);
        w.u64(self.vocabulary_digest);
        w.u32(self.vocabulary_length);
        w.text(&self.own_words.join("\n"));
        w.text(&self.texts);
        w.list(&self.trie.root, |w, &x| w.u32(x));
        w.list(&self.trie.forms, |w, &x| w.u32(x));
        w.list(&self.trie.keys, |w, &x| w.u64(x));
        w.list(&self.trie.values, |w, &x| w.u32(x));
        w.u32(self.trie.used);
        w.list(&self.words, |w, x| w.u32(x.0));
        w.list(&self.forms, |w, f| {
            w.u32(f.first);
            w.u32(f.count);
            w.0.extend_from_slice(&f.sigma);
            w.0.extend(f.gain.iter().map(|g| g.to_le_bytes()[0]));
        });
        w.list(&self.candidates, |w, c| {
            w.u32(c.words);
            w.u32(c.text);
            w.u32(c.original.0);
            w.0.extend_from_slice(&[c.word_count, c.text_length, c.capitals, u8::from(c.stated)]);
            w.0.extend_from_slice(&c.frequency.to_le_bytes());
            w.0.extend_from_slice(&c.cost);
        });
        let sum = xxh3_64(&w.0[16..]);
        w.0[8..16].copy_from_slice(&sum.to_le_bytes());
        w.0
    }

    /// Reads a lexicon that was compiled for `vocabulary`.
    pub fn from_bytes(bytes: &[u8], vocabulary: &Vocabulary) -> Result<Lexicon> {
        let bad = |reason: &str| Error::new(Kind::Lexicon, format!("compiled lexicon: {reason}"));
        if bytes.len() < 16 || &bytes[..8] != MAGIC {
            return Err(bad("not a compiled lexicon of this version"));
        }
        let mut r = Reader(&bytes[8..]);
        if r.u64() != Some(xxh3_64(&bytes[16..])) {
            return Err(bad("damaged (checksum)"));
        }
        let lexicon = r.lexicon().ok_or_else(|| bad("damaged (lengths)"))?;
        if lexicon.vocabulary_digest != vocabulary.digest() || lexicon.vocabulary_length as usize != vocabulary.len() {
            return Err(bad("compiled for another language model"));
        }
        if !lexicon.is_sound() {
            return Err(bad("damaged (references)"));
        }
        Ok(lexicon)
    }

    fn is_sound(&self) -> bool {
        let words = self.vocabulary_length;
        self.trie.is_sound(self.forms.len())
            && self.forms.iter().all(|f| f.first as usize + f.count as usize <= self.candidates.len())
            && self.words.iter().all(|w| w.0 < words)
            && self.candidates.iter().all(|c| {
                let (text, end) = (c.text as usize, c.text as usize + usize::from(c.text_length));
                c.words as usize + usize::from(c.word_count) <= self.words.len()
                    && self.texts.get(text..end).is_some()
                    && (c.original.0 as usize) < self.forms.len()
            })
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn u32(&mut self, x: u32) {
        self.0.extend_from_slice(&x.to_le_bytes());
    }

    fn u64(&mut self, x: u64) {
        self.0.extend_from_slice(&x.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.u32(text.len() as u32);
        self.0.extend_from_slice(text.as_bytes());
    }

    fn list<T>(&mut self, items: &[T], mut one: impl FnMut(&mut Self, &T)) {
        self.u32(items.len() as u32);
        for item in items {
            one(self, item);
        }
    }
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, n: usize) -> Option<&'b [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.array()?))
    }

    fn text(&mut self) -> Option<&'b str> {
        let n = self.u32()? as usize;
        std::str::from_utf8(self.take(n)?).ok()
    }

    /// A list of items that take `size` bytes each.
    fn list<T>(&mut self, size: usize, one: impl Fn(&mut Reader<'b>) -> Option<T>) -> Option<Vec<T>> {
        let n = self.u32()? as usize;
        let mut items = Reader(self.take(n.checked_mul(size)?)?);
        (0..n).map(|_| one(&mut items)).collect()
    }

    fn lexicon(&mut self) -> Option<Lexicon> {
        let vocabulary_digest = self.u64()?;
        let vocabulary_length = self.u32()?;
        let own_words: Vec<String> = self.text()?.split('\n').filter(|w| !w.is_empty()).map(str::to_string).collect();
        let own_ids = own_words.iter().enumerate().map(|(i, w)| (w.clone(), vocabulary_length + i as u32)).collect();
        let texts = self.text()?.to_string();
        let trie = Trie {
            root: self.list(4, Reader::u32)?,
            forms: self.list(4, Reader::u32)?,
            keys: self.list(8, Reader::u64)?,
            values: self.list(4, Reader::u32)?,
            used: self.u32()?,
        };
        let words = self.list(4, |r| Some(WordId(r.u32()?)))?;
        let forms = self.list(8 + 2 * FAMILIES, |r| {
            let (first, count, sigma) = (r.u32()?, r.u32()?, r.array()?);
            Some(Form { first, count, sigma, gain: r.array::<FAMILIES>()?.map(|g| i8::from_le_bytes([g])) })
        })?;
        let candidates = self.list(18 + FAMILIES, |r| {
            let (words, text, original) = (r.u32()?, r.u32()?, FormId(r.u32()?));
            let [word_count, text_length, capitals, stated] = r.array()?;
            let (frequency, cost) = (i16::from_le_bytes(r.array()?), r.array()?);
            let stated = stated != 0;
            Some(Candidate { words, text, original, word_count, text_length, capitals, stated, frequency, cost })
        })?;
        self.0.is_empty().then_some(())?;
        Some(Lexicon {
            vocabulary_digest,
            vocabulary_length,
            own_words,
            own_ids,
            trie,
            forms,
            candidates,
            words,
            texts,
        })
    }
}
