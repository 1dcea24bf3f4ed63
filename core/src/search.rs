//! The search: a beam over the lattice with exact language-model states, and posteriors by forward-backward.
//!
//! Between two tokens stands a node; at a node, partial readings whose language-model states are equal are one state, so within the
//! beam the sums over paths are exact (Rabiner 1989 for the algorithm; the states are the minimal contexts that
//! the model can tell apart). Every edge that was walked is kept, and the backward pass runs over the kept edges.

use crate::lattice::Arc;
use crate::lm::{Model, State, Vocabulary, WordId};

/// How wide the beam is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beam {
    /// States kept at a node.
    pub states: usize,
    /// States further than this below the best of their node are dropped (nats).
    pub margin: f32,
}

impl Default for Beam {
    fn default() -> Self {
        Beam { states: 24, margin: 9.0 }
    }
}

/// Scores of one sentence.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decoded {
    /// Posterior probability of every arc, in the order of the arcs.
    pub posterior: Vec<f32>,
    /// Log sum over all readings.
    pub total: f32,
}

#[derive(Clone, Copy)]
struct Node {
    state: State,
    alpha: f32,
    beta: f32,
    alive: bool,
}

#[derive(Clone, Copy)]
struct Edge {
    from: u32,
    to: u32,
    arc: u32,
    score: f32,
}

/// Work space that is reused from sentence to sentence.
#[derive(Default)]
pub struct Search {
    nodes: Vec<Vec<Node>>,
    /// Edges by the boundary they leave.
    edges: Vec<Vec<Edge>>,
    order: Vec<(f32, u32)>,
}

/// What an arc says, for the language model.
pub trait Speech {
    /// Calls `word` with each word that `arc` writes.
    fn each(&self, arc: &Arc, word: &mut dyn FnMut(WordId));
}

impl Search {
    /// Decodes a sentence of `length` tokens. `arcs` are sorted by start and hold an arc of length 1 at every token.
    pub fn run(
        &mut self,
        model: &Model,
        lm_scale: f32,
        beam: Beam,
        length: usize,
        arcs: &[Arc],
        speech: &dyn Speech,
    ) -> Decoded {
        self.reset(length);
        self.nodes[0].push(Node { state: model.begin(), alpha: 0.0, beta: f32::NEG_INFINITY, alive: true });
        let mut next_arc = 0;
        let mut words: Vec<WordId> = Vec::new();
        for at in 0..length {
            self.prune(at, beam);
            let first = next_arc;
            while next_arc < arcs.len() && usize::from(arcs[next_arc].start) == at {
                next_arc += 1;
            }
            for (index, arc) in arcs[first..next_arc].iter().enumerate() {
                words.clear();
                speech.each(arc, &mut |w| words.push(w));
                let target = at + usize::from(arc.length);
                for from in 0..self.nodes[at].len() {
                    let node = self.nodes[at][from];
                    if !node.alive {
                        continue;
                    }
                    let (mut state, mut log) = (node.state, 0.0);
                    for &word in &words {
                        let (p, next) = model.score(&state, word);
                        log += p;
                        state = next;
                    }
                    let score = arc.price + lm_scale * log;
                    let to = self.arrive(target, state, node.alpha + score);
                    self.edges[at].push(Edge { from: from as u32, to, arc: (first + index) as u32, score });
                }
            }
        }
        self.prune(length, beam);
        let mut total = f32::NEG_INFINITY;
        for node in self.nodes[length].iter_mut().filter(|n| n.alive) {
            node.beta = lm_scale * model.score(&node.state, Vocabulary::END).0;
            total = log_add(total, node.alpha + node.beta);
        }
        Decoded { posterior: self.backward(length, arcs, total), total }
    }

    fn reset(&mut self, length: usize) {
        while self.nodes.len() <= length {
            self.nodes.push(Vec::new());
            self.edges.push(Vec::new());
        }
        for i in 0..=length {
            self.nodes[i].clear();
            self.edges[i].clear();
        }
    }

    /// Adds a path that reaches `state` at boundary `target`; the node's index.
    fn arrive(&mut self, target: usize, state: State, alpha: f32) -> u32 {
        let nodes = &mut self.nodes[target];
        if let Some(i) = nodes.iter().position(|n| n.state == state) {
            nodes[i].alpha = log_add(nodes[i].alpha, alpha);
            return i as u32;
        }
        nodes.push(Node { state, alpha, beta: f32::NEG_INFINITY, alive: true });
        nodes.len() as u32 - 1
    }

    fn prune(&mut self, at: usize, beam: Beam) {
        let nodes = &mut self.nodes[at];
        let best = nodes.iter().map(|n| n.alpha).fold(f32::NEG_INFINITY, f32::max);
        let mut alive = 0;
        for n in nodes.iter_mut() {
            n.alive = n.alpha >= best - beam.margin;
            alive += usize::from(n.alive);
        }
        if alive > beam.states {
            self.order.clear();
            self.order.extend(nodes.iter().enumerate().filter(|(_, n)| n.alive).map(|(i, n)| (n.alpha, i as u32)));
            // Ties fall to the earlier state, so that the result does not depend on the sort.
            self.order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            for &(_, i) in &self.order[beam.states..] {
                nodes[i as usize].alive = false;
            }
        }
    }

    fn backward(&mut self, length: usize, arcs: &[Arc], total: f32) -> Vec<f32> {
        let mut posterior = vec![0f32; arcs.len()];
        for at in (0..length).rev() {
            for k in 0..self.edges[at].len() {
                let e = self.edges[at][k];
                let target = at + usize::from(arcs[e.arc as usize].length);
                let to = self.nodes[target][e.to as usize];
                if !to.alive || to.beta == f32::NEG_INFINITY {
                    continue;
                }
                let tail = e.score + to.beta;
                let from = &mut self.nodes[at][e.from as usize];
                from.beta = log_add(from.beta, tail);
                posterior[e.arc as usize] += (from.alpha + tail - total).exp();
            }
        }
        posterior.iter_mut().for_each(|p| *p = p.min(1.0));
        posterior
    }
}

/// Log probability of a token sequence as it stands.
pub fn score_words(model: &Model, words: &[WordId]) -> f32 {
    let mut state = model.begin();
    let mut total = 0.0;
    for &word in words.iter().chain(std::iter::once(&Vocabulary::END)) {
        let (p, next) = model.score(&state, word);
        total += p;
        state = next;
    }
    total
}

/// `ln(e^a + e^b)`
#[inline]
pub fn log_add(a: f32, b: f32) -> f32 {
    let (high, low) = if a > b { (a, b) } else { (b, a) };
    if low == f32::NEG_INFINITY {
        return high;
    }
    high + (low - high).exp().ln_1p()
}
