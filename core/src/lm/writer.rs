//! Writing a model: the trainer hands over words, unigrams and n-grams by order; out come the bytes of a file.
//!
//! Values are natural logarithms. The writer quantises, places the n-grams in their tables and assembles the sections. It
//! trusts the trainer that the model is closed (prefixes and suffixes of n-grams are n-grams).

use super::format;
use super::model::NO_CONTEXT;
use super::quantise::{Book, LEVELS};
use super::table::{self, Coded, INNER, LEAF};
use super::vocabulary;

/// An n-gram of order two or more: its key ([`ngram_key`](super::ngram_key)) and values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    /// The hash of its words.
    pub key: u64,
    /// Natural logarithm of the probability of its last word after the others.
    pub probability: f32,
    /// Back-off weight, if the n-gram is the context of a longer one.
    pub backoff: Option<f32>,
}

/// The parts of a model file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parts {
    /// Origin, for people.
    pub notes: String,
    /// Words by id; `<unk>`, `<s>`, `</s>` are the first three.
    pub words: Vec<String>,
    /// For every word its probability and, where it is a context, its back-off weight.
    pub unigrams: Vec<(f32, Option<f32>)>,
    /// N-grams of order 2, 3 and so on.
    pub levels: Vec<Vec<Entry>>,
}

impl Parts {
    /// The bytes of the file.
    pub fn assemble(&self) -> Vec<u8> {
        let mut sections = vec![(self.notes.clone().into_bytes(), self.notes.len())];
        sections.extend(vocabulary::sections(&self.words));
        let unigrams = self.unigrams.iter().flat_map(|&(p, b)| {
            // A weight of exactly 0 is written as +0.0; -0.0 is the mark of a word that is no context.
            let b = b.map_or(NO_CONTEXT, |b| b + 0.0);
            p.to_le_bytes().into_iter().chain(b.to_le_bytes())
        });
        sections.push((unigrams.collect(), self.unigrams.len()));
        let order = self.levels.len() + 1;
        for (i, level) in self.levels.iter().enumerate() {
            let middle = i + 2 < order;
            let (inner, leaf): (Vec<Entry>, Vec<Entry>) = level.iter().partition(|e| middle && e.backoff.is_some());
            if middle {
                let (book, coded) = code(&inner);
                sections.push(book);
                sections.push((table::build(&coded, INNER), inner.len()));
            }
            let ((book, _), coded) = code(&leaf);
            sections.push((book[..LEVELS * 4].to_vec(), LEVELS));
            sections.push((table::build(&coded, LEAF), leaf.len()));
        }
        format::assemble(order, &sections)
    }
}

/// The bytes of a model's n-grams: `levels` holds for every order from 2 the numbers of contexts and of others.
pub fn estimated_bytes(levels: &[(usize, usize)]) -> usize {
    let leaves: usize = levels.iter().map(|&(_, leaf)| table::bytes_for(leaf, LEAF)).sum();
    let middle = levels.split_last().map_or(&[][..], |(_, middle)| middle);
    leaves + middle.iter().map(|&(inner, _)| table::bytes_for(inner, INNER)).sum::<usize>()
}

type BookSection = (Vec<u8>, usize);

fn code(entries: &[Entry]) -> (BookSection, Vec<Coded>) {
    let probabilities: Vec<f32> = entries.iter().map(|e| e.probability).collect();
    let backoffs: Vec<f32> = entries.iter().map(|e| e.backoff.unwrap_or(0.0)).collect();
    let (p, b) = (Book::learn(&probabilities), Book::learn(&backoffs));
    let bytes = p.values.iter().chain(&b.values).flat_map(|v| v.to_le_bytes()).collect();
    let coded = entries.iter().map(|e| Coded {
        key: e.key,
        probability: p.encode(e.probability),
        backoff: b.encode(e.backoff.unwrap_or(0.0)),
    });
    ((bytes, 2 * LEVELS), coded.collect())
}
