//! From an estimate to files: the engine's model, or ARPA text for other toolkits.

use crate::estimate::{Estimate, Kept};
use crate::prune::contexts;
use crate::trie::Trie;
use restore_core::lm::{ngram_key, Entry, Parts, WordId};
use std::io::{self, Write};

/// An n-gram with its natural-log probability and, where it is a context, back-off weight.
struct Gram<'w> {
    words: &'w [WordId],
    index: usize,
}

/// Calls `sink` with every kept n-gram of level `k` (an index), in reading order.
fn each(trie: &Trie, kept: &Kept, k: usize, sink: &mut dyn FnMut(Gram<'_>)) {
    fn down(
        trie: &Trie,
        kept: &Kept,
        k: usize,
        depth: usize,
        node: usize,
        words: &mut Vec<WordId>,
        sink: &mut dyn FnMut(Gram<'_>),
    ) {
        let level = &trie.levels[depth];
        words.insert(0, WordId(level.word[node]));
        if depth == k {
            if kept[k].as_ref().is_none_or(|kept| kept[node]) {
                sink(Gram { words, index: node });
            }
        } else {
            for child in level.child[node] as usize..level.child[node + 1] as usize {
                // A model is closed: what is under a pruned n-gram is pruned.
                if depth + 1 == k || kept[depth + 1].as_ref().is_none_or(|kept| kept[child]) {
                    down(trie, kept, k, depth + 1, child, words, sink);
                }
            }
        }
        words.remove(0);
    }
    let mut words = Vec::new();
    for word in 0..trie.levels[0].len() {
        down(trie, kept, k, 0, word, &mut words, sink);
    }
}

/// The parts of a model file.
pub fn parts(trie: &Trie, words: &[String], kept: &Kept, estimate: &Estimate, notes: String) -> Parts {
    let order = trie.levels.len();
    let value = |k: usize, used: &[bool], i: usize| {
        let v = &estimate.values[k];
        (v.probability[i].ln(), used[i].then(|| v.gamma[i].ln()))
    };
    let used = contexts(trie, kept, 0);
    let unigrams = (0..words.len()).map(|i| value(0, &used, i)).collect();
    let mut levels = Vec::new();
    for k in 1..order {
        let used = contexts(trie, kept, k);
        let mut level = Vec::new();
        each(trie, kept, k, &mut |gram| {
            let (probability, backoff) = value(k, &used, gram.index);
            level.push(Entry { key: ngram_key(gram.words), probability, backoff });
        });
        levels.push(level);
    }
    Parts { notes, words: words.to_vec(), unigrams, levels }
}

/// Writes the ARPA format: base-10 logarithms, one n-gram a line.
pub fn arpa(trie: &Trie, words: &[String], kept: &Kept, estimate: &Estimate, out: &mut dyn Write) -> io::Result<()> {
    let order = trie.levels.len();
    writeln!(out, "\\data\\")?;
    for k in 0..order {
        let n = kept[k].as_ref().map_or(trie.levels[k].len(), |kept| kept.iter().filter(|&&b| b).count());
        writeln!(out, "ngram {}={n}", k + 1)?;
    }
    for k in 0..order {
        writeln!(out, "\n\\{}-grams:", k + 1)?;
        let used = contexts(trie, kept, k);
        let values = &estimate.values[k];
        let mut result = Ok(());
        each(trie, kept, k, &mut |gram| {
            if result.is_err() {
                return;
            }
            let text: Vec<&str> = gram.words.iter().map(|w| words[w.0 as usize].as_str()).collect();
            let p = values.probability[gram.index].log10();
            result = if used[gram.index] {
                writeln!(out, "{p}\t{}\t{}", text.join(" "), values.gamma[gram.index].log10())
            } else {
                writeln!(out, "{p}\t{}", text.join(" "))
            };
        });
        result?;
    }
    writeln!(out, "\n\\end\\")
}

/// The size of the file without its n-grams of two words and more.
pub fn bytes_without_ngrams(words: &[String], order: usize) -> usize {
    let unigrams = vec![(0.0, None); words.len()];
    let parts = Parts { notes: String::new(), words: words.to_vec(), unigrams, levels: vec![Vec::new(); order - 1] };
    parts.assemble().len()
}
