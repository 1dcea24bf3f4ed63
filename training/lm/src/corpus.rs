//! The training text as word ids, and the vocabulary that gives them.
//!
//! Each file is tokenized once, with ids of its own for its words; when all are read, the words seen often enough get the model's ids,
//! the most frequent first (equal counts by spelling), and all others become `<unk>`, which is from then on a word
//! like any other: its n-grams are counted, so the model knows where rare words stand. The result does not depend on the
//! number of threads.

use crate::{input, Outcome};
use rayon::prelude::*;
use restore_core::lm::{Vocabulary, MAX_WORDS};
use restore_core::text::{lm_sentences, LmEvent};
use rustc_hash::FxHashMap;
use std::path::PathBuf;

/// Marks the end of a sentence in [`Corpus::streams`]. No word has this id.
pub const STOP: u32 = u32::MAX;

/// Tokenized text.
pub struct Corpus {
    /// Words by id; the first three are `<unk>`, `<s>`, `</s>`.
    pub words: Vec<String>,
    /// One stream of ids a file; each sentence is closed by [`STOP`].
    pub streams: Vec<Vec<u32>>,
    /// Number of words of the text, known and unknown.
    pub tokens: u64,
    /// How many of them are unknown.
    pub unknown: u64,
    /// How many different words they are: the class `<unk>` stands for so many.
    pub unknown_types: u64,
    /// Number of sentences.
    pub sentences: u64,
}

/// Ids of one file.
#[derive(Default)]
struct Local {
    ids: FxHashMap<String, u32>,
    counts: Vec<u32>,
    stream: Vec<u32>,
}

impl Local {
    fn read(&mut self, paragraph: &str) {
        let mut open = false;
        lm_sentences(paragraph, &mut |event| match event {
            LmEvent::Word(word) => {
                open = true;
                let id = match self.ids.get(word) {
                    Some(&id) => id,
                    None => {
                        let id = self.counts.len() as u32;
                        self.ids.insert(word.to_string(), id);
                        self.counts.push(0);
                        id
                    }
                };
                self.counts[id as usize] += 1;
                self.stream.push(id);
            }
            LmEvent::EndSentence => {
                if open {
                    self.stream.push(STOP);
                }
                open = false;
            }
        });
        if open {
            self.stream.push(STOP);
        }
    }
}

/// Reads `files`. Words seen `min_count` times make the vocabulary, `max_words` of them at most.
pub fn read(files: &[PathBuf], min_count: u64, max_words: usize) -> Outcome<Corpus> {
    let locals = files
        .par_iter()
        .with_max_len(1)
        .map(|path| {
            let mut local = Local::default();
            input::paragraphs(path, &mut |paragraph| local.read(paragraph))?;
            Ok(local)
        })
        .collect::<Outcome<Vec<Local>>>()?;
    Ok(unite(locals, min_count, max_words))
}

/// The same for paragraphs in memory.
pub fn from_paragraphs<'p>(paragraphs: impl IntoIterator<Item = &'p str>, min_count: u64) -> Corpus {
    let mut local = Local::default();
    paragraphs.into_iter().for_each(|p| local.read(p));
    unite(vec![local], min_count, MAX_WORDS)
}

fn unite(locals: Vec<Local>, min_count: u64, max_words: usize) -> Corpus {
    let mut counts: FxHashMap<&str, u64> = FxHashMap::default();
    for local in &locals {
        for (word, &id) in &local.ids {
            *counts.entry(word).or_default() += u64::from(local.counts[id as usize]);
        }
    }
    let types = counts.len();
    let mut frequent: Vec<(&str, u64)> = counts.into_iter().filter(|&(_, n)| n >= min_count).collect();
    frequent.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    frequent.truncate(max_words.min(MAX_WORDS) - 3);
    let unknown_types = (types - frequent.len()) as u64;
    let words: Vec<String> =
        ["<unk>", "<s>", "</s>"].into_iter().chain(frequent.iter().map(|f| f.0)).map(str::to_string).collect();
    let known: FxHashMap<&str, u32> = words.iter().enumerate().map(|(i, w)| (w.as_str(), i as u32)).collect();
    let (mut tokens, mut unknown, mut sentences) = (0, 0, 0);
    let mut streams = Vec::with_capacity(locals.len());
    for local in locals {
        let mut ids = vec![Vocabulary::UNKNOWN.0; local.counts.len()];
        for (word, id) in &local.ids {
            if let Some(&known) = known.get(word.as_str()) {
                ids[*id as usize] = known;
            }
        }
        let mut stream = local.stream;
        for id in &mut stream {
            if *id == STOP {
                sentences += 1;
            } else {
                *id = ids[*id as usize];
                tokens += 1;
                unknown += u64::from(*id == Vocabulary::UNKNOWN.0);
            }
        }
        streams.push(stream);
    }
    Corpus { words, streams, tokens, unknown, unknown_types, sentences }
}
