//! All n-grams of the text in a trie that is read from the last word backward.
//!
//! Node `r0 r1 .. r(k-1)` at depth k is the k-gram whose last word is r0, whose word before that is r1, and so on. Its parent is
//! its suffix (the n-gram without its first word), which is what smoothing interpolates with; its
//! children are its left extensions, which is what Kneser-Ney counts. `context` links it to its prefix (the n-gram without its last
//! word), whose back-off weight it shares. The layout follows from one sort of the longest n-grams: a level is a run of
//! arrays in sorted order, the children of a node are neighbours, and every later step is a pass over arrays.
//!
//! A sentence w1 .. wm stands as <s> w1 .. wm </s>; n-grams end at w1 or later, and reach back to <s> at most. So
//! an n-gram that begins with <s> has no left extension.

use crate::corpus::{Corpus, STOP};
use rayon::prelude::*;
use restore_core::lm::{Vocabulary, MAX_ORDER};

const FIELD: u32 = 24;

/// The k-grams of one k.
#[derive(Default)]
pub struct Level {
    /// The first word of each.
    pub word: Vec<u32>,
    /// How often it occurs.
    pub raw: Vec<u32>,
    /// Where its children begin at the next level; one entry more than nodes. Empty at the last level.
    pub child: Vec<u32>,
    /// Its prefix, one level up. Empty at the first level.
    pub context: Vec<u32>,
}

impl Level {
    /// The number of n-grams.
    pub fn len(&self) -> usize {
        self.word.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.word.is_empty()
    }
}

/// The n-grams of orders 1 to `levels.len()`. The first level holds the whole vocabulary: a word's id is its index.
pub struct Trie {
    pub levels: Vec<Level>,
}

impl Trie {
    /// Counts the n-grams of `corpus`, whose streams it uses up.
    pub fn count(corpus: &mut Corpus, order: usize) -> Self {
        assert!((2..=MAX_ORDER).contains(&order));
        let streams = std::mem::take(&mut corpus.streams);
        let mut keys = Vec::with_capacity((corpus.tokens + corpus.sentences) as usize);
        for stream in streams {
            push_keys(&stream, order, &mut keys);
        }
        keys.par_sort_unstable();
        let mut trie = Self::layout(&keys, order, corpus.words.len());
        drop(keys);
        for k in 1..order {
            trie.link(k);
        }
        trie
    }

    /// The number of n-grams of all orders.
    pub fn ngrams(&self) -> usize {
        self.levels.iter().map(Level::len).sum()
    }

    fn layout(keys: &[u128], order: usize, words: usize) -> Self {
        let mut sizes = vec![0usize; order];
        let mut last = 0;
        for &key in keys {
            for size in &mut sizes[shared(last, key)..length(key)] {
                *size += 1;
            }
            last = key;
        }
        sizes[0] = words;
        let mut levels: Vec<Level> = sizes
            .iter()
            .enumerate()
            .map(|(k, &n)| Level {
                word: Vec::with_capacity(n),
                raw: Vec::with_capacity(n),
                child: Vec::with_capacity(if k + 1 < order { n + 1 } else { 0 }),
                context: Vec::new(),
            })
            .collect();
        let push = |k: usize, word: u32, levels: &mut Vec<Level>| {
            if k + 1 < order {
                let next = levels[k + 1].word.len() as u32;
                levels[k].child.push(next);
            }
            levels[k].word.push(word);
            levels[k].raw.push(0);
        };
        let mut last = 0;
        for &key in keys {
            let to = length(key);
            for k in shared(last, key)..to {
                let word = field(key, k);
                if k == 0 {
                    while levels[0].word.len() < word as usize {
                        let absent = levels[0].word.len() as u32;
                        push(0, absent, &mut levels);
                    }
                }
                push(k, word, &mut levels);
            }
            for level in &mut levels[..to] {
                if let Some(raw) = level.raw.last_mut() {
                    *raw += 1;
                }
            }
            last = key;
        }
        while levels[0].word.len() < words {
            let absent = levels[0].word.len() as u32;
            push(0, absent, &mut levels);
        }
        for k in 0..order - 1 {
            let end = levels[k + 1].word.len() as u32;
            levels[k].child.push(end);
        }
        Self { levels }
    }

    /// Finds the prefixes of the nodes of level `k` (an index). The prefix of a child of P is a child of the prefix of P: the words
    /// of the former are among those of the latter, and both are sorted.
    fn link(&mut self, k: usize) {
        let (upper, lower) = self.levels.split_at_mut(k);
        let (parents, level) = (&upper[k - 1], &mut lower[0]);
        let mut context = vec![0u32; level.len()];
        if k == 1 {
            context.copy_from_slice(&level.word);
        } else {
            let grand = &upper[k - 2];
            let words = &level.word;
            by_parent(&parents.child, &mut context, |parent, from, out| {
                let prefix = parents.context[parent] as usize;
                let (mut at, end) = (grand.child[prefix] as usize, grand.child[prefix + 1] as usize);
                for (i, link) in out.iter_mut().enumerate() {
                    let word = words[from + i];
                    at += gallop(&parents.word[at..end], word);
                    *link = at as u32;
                }
            });
        }
        level.context = context;
    }
}

/// Calls `work(parent, index of its first child, its children's part of out)` for every parent, in parallel.
pub fn by_parent<T: Send>(child: &[u32], out: &mut [T], work: impl Fn(usize, usize, &mut [T]) + Sync) {
    const PARTS: usize = 256;
    let parents = child.len() - 1;
    let step = parents.div_ceil(PARTS).max(1);
    let mut parts = Vec::with_capacity(PARTS);
    let mut rest = out;
    for first in (0..parents).step_by(step) {
        let last = (first + step).min(parents);
        let (part, others) = rest.split_at_mut((child[last] - child[first]) as usize);
        rest = others;
        parts.push((first..last, part));
    }
    parts.into_par_iter().for_each(|(range, part)| {
        let base = child[range.start] as usize;
        for parent in range {
            let (from, to) = (child[parent] as usize, child[parent + 1] as usize);
            if to > from {
                work(parent, from, &mut part[from - base..to - base]);
            }
        }
    });
}

/// The index of the first element that is not less than `word`.
fn gallop(sorted: &[u32], word: u32) -> usize {
    let mut step = 1;
    while step < sorted.len() && sorted[step - 1] < word {
        step *= 2;
    }
    let from = step / 2;
    let to = step.min(sorted.len());
    from + sorted[from..to].partition_point(|&w| w < word)
}

fn push_keys(stream: &[u32], order: usize, keys: &mut Vec<u128>) {
    let window =
        (u128::MAX >> (128 - FIELD as usize * MAX_ORDER)) & (u128::MAX << (FIELD as usize * (MAX_ORDER - order)));
    let begin = u128::from(Vocabulary::BEGIN.0 + 1) << (FIELD as usize * (MAX_ORDER - 1));
    let mut key = begin;
    for &id in stream {
        let word = if id == STOP { Vocabulary::END.0 } else { id };
        key = (key >> FIELD | u128::from(word + 1) << (FIELD as usize * (MAX_ORDER - 1))) & window;
        keys.push(key);
        if id == STOP {
            key = begin;
        }
    }
}

/// Word `k` of a key, 0 being the last word of the n-gram.
fn field(key: u128, k: usize) -> u32 {
    stored(key, k) - 1
}

fn stored(key: u128, k: usize) -> u32 {
    (key >> (FIELD as usize * (MAX_ORDER - 1 - k))) as u32 & ((1 << FIELD) - 1)
}

/// The number of words of a key; shorter than the order where it begins with <s>.
fn length(key: u128) -> usize {
    (0..MAX_ORDER).take_while(|&k| stored(key, k) != 0).count()
}

/// How many words two keys share from the end of the n-gram.
fn shared(a: u128, b: u128) -> usize {
    let equal = (a ^ b).leading_zeros() - (128 - FIELD * MAX_ORDER as u32);
    ((equal / FIELD) as usize).min(length(b))
}
