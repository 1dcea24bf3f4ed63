//! Decoding a document: walk its lattice once, learn its spinner, weigh the same lattice again.
//!
//! The language model is asked while the lattice is walked; the result (arcs and graph of every sentence) is kept, because
//! adaptation changes what arcs cost, not what they say. Very long documents are decoded in blocks, each with its own adaptation, so
//! that memory is bounded by the block and not by the text.

use crate::adapt::{sharpen, Counts, Shown};
use crate::channel::{Channel, Weights};
use crate::lattice::{Arc, Lattice, Match, Prepared, Writes};
use crate::lexicon::{Lexicon, FAMILIES};
use crate::lm::{Model, Vocabulary, WordId};
use crate::pick::{pick, Picked};
use crate::search::{score_words, Beam, Graph, Search, Speech};
use std::ops::Range;

/// Tokens of a block.
const BLOCK: usize = 60_000;
/// Rate that the first weighing assumes.
const FIRST_RATE: f32 = 0.6;
/// Arcs that the first weighing prices below this are dropped: no context redeems them.
const HOPELESS: f32 = -6.5;

/// What decoding says of a document.
#[derive(Default)]
pub(crate) struct Decoding {
    /// Log likelihood ratio of spun against native.
    pub ratio: f32,
    /// Expected number of replaced words.
    pub replaced: f32,
    /// Readings that pass the threshold.
    pub picked: Vec<Picked>,
    /// Probability of each profile, in the first block.
    pub profile: [f32; FAMILIES],
}

/// What the decoder works with.
#[derive(Clone, Copy)]
pub(crate) struct Decoder<'e> {
    /// The language model.
    pub model: &'e Model,
    /// The lexicon.
    pub lexicon: &'e Lexicon,
    /// Weights of the channel.
    pub weights: Weights,
    /// Width of the search.
    pub beam: Beam,
    /// Least posterior of a reading.
    pub threshold: f32,
}

/// A sentence with its walked lattice.
struct Sentence<'d> {
    tokens: Range<usize>,
    found: &'d [Match],
    arcs: Vec<Arc>,
    graph: Graph,
    /// Log probability of the sentence as it stands.
    native: f32,
}

impl Decoder<'_> {
    /// Decodes the `sentences` of a document. `found` are all its matches, `gain` its evidence by profile from the screen.
    pub fn run(
        &self,
        prepared: &Prepared<'_>,
        sentences: &[Range<usize>],
        found: &[Match],
        gain: &[f32; FAMILIES],
    ) -> Decoding {
        let prior = [1.0 / FAMILIES as f32; FAMILIES];
        let first = Channel::prior(FIRST_RATE, sharpen(gain, &prior), self.weights);
        let mut search = Search::default();
        let mut decoding = Decoding { profile: first.profile, ..Decoding::default() };
        let mut rest = sentences;
        let mut is_first = true;
        while let Some(start) = rest.first().map(|s| s.start) {
            let size = rest.partition_point(|s| s.start < start + BLOCK);
            let (block, later) = rest.split_at(size);
            rest = later;
            let mut walked = self.walk(prepared, block, found, &first, &mut search);
            let mut counts = Counts::default();
            for s in &walked {
                let decoded = search.decode(&s.graph, self.weights.lm, &s.arcs);
                let shown = Shown {
                    prepared,
                    start: s.tokens.start,
                    found: s.found,
                    arcs: &s.arcs,
                    posterior: &decoded.posterior,
                };
                counts.add(&shown, self.lexicon, &first);
            }
            let second = counts.channel(&first, &prior, self.lexicon);
            if std::mem::take(&mut is_first) {
                decoding.profile = second.profile;
            }
            let mut own = counts.own.as_slice();
            for s in &mut walked {
                let (mine, others) = own.split_at(s.arcs.len());
                own = others;
                Lattice { prepared, sentence: &s.tokens, found: s.found, lexicon: self.lexicon }.price(
                    &second,
                    mine,
                    &mut s.arcs,
                );
                self.weigh(prepared, s, &mut search, &mut decoding);
            }
        }
        decoding
    }

    fn walk<'d>(
        &self,
        prepared: &Prepared<'_>,
        block: &[Range<usize>],
        found: &'d [Match],
        channel: &Channel,
        search: &mut Search,
    ) -> Vec<Sentence<'d>> {
        let mut walked = Vec::new();
        let mut next = 0;
        for tokens in block {
            next += found[next..].partition_point(|m| (m.start as usize) < tokens.start);
            let end = next + found[next..].partition_point(|m| (m.start as usize) < tokens.end);
            let here = &found[next..end];
            next = end;
            let lattice = Lattice { prepared, sentence: tokens, found: here, lexicon: self.lexicon };
            let mut arcs = lattice.arcs(self.model.vocabulary(), &self.weights);
            if arcs.len() == tokens.len() {
                continue;
            }
            lattice.price(channel, &[], &mut arcs);
            arcs.retain(|a| !matches!(a.writes, Writes::Candidate(_)) || a.price >= HOPELESS);
            let words = &prepared.words[tokens.clone()];
            let saying = Saying { model: self.model, lexicon: self.lexicon, words };
            let graph = search.expand(self.model, self.weights.lm, self.beam, tokens.len(), &arcs, &saying);
            walked.push(Sentence {
                tokens: tokens.clone(),
                found: here,
                arcs,
                graph,
                native: score_words(self.model, words),
            });
        }
        walked
    }

    fn weigh(&self, prepared: &Prepared<'_>, s: &Sentence<'_>, search: &mut Search, decoding: &mut Decoding) {
        let decoded = search.decode(&s.graph, self.weights.lm, &s.arcs);
        decoding.ratio += decoded.total - self.weights.lm * s.native;
        for (arc, p) in s.arcs.iter().zip(&decoded.posterior) {
            if matches!(arc.writes, Writes::Candidate(_)) {
                decoding.replaced += p * f32::from(arc.length);
            }
        }
        let words = &prepared.words[s.tokens.clone()];
        pick(s.tokens.start, words, &s.arcs, &decoded.posterior, self.lexicon, self.threshold, &mut decoding.picked);
    }
}

/// What the arcs of a sentence say.
struct Saying<'a> {
    model: &'a Model,
    lexicon: &'a Lexicon,
    words: &'a [WordId],
}

impl Speech for Saying<'_> {
    fn each(&self, arc: &Arc, word: &mut dyn FnMut(WordId)) {
        match arc.writes {
            Writes::Itself => word(self.words[usize::from(arc.start)]),
            Writes::Article => {
                let vocabulary = self.model.vocabulary();
                let (a, an) = (vocabulary.id("a"), vocabulary.id("an"));
                let other = if Some(self.words[usize::from(arc.start)]) == a { an } else { a };
                word(other.unwrap_or(Vocabulary::UNKNOWN));
            }
            Writes::Candidate(index) => self.lexicon.words(self.lexicon.candidate(index)).iter().for_each(|&w| word(w)),
        }
    }
}
