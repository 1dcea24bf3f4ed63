//! The search: a beam over the lattice with exact language-model states, and posteriors by forward-backward.
//!
//! Between two tokens stand nodes, one for each language-model state that partial readings end in: readings that the model cannot
//! tell apart share a node, so within the beam the sums over paths are exact (Rabiner 1989 for the algorithm; states are the minimal
//! contexts, as in KenLM). [`Search::expand`] walks the lattice once, asking the language model, and leaves a [`Graph`];
//! [`Graph::decode`] sums over the graph under any prices of the arcs. Adaptation changes prices, never words, so a second pass
//! over a document costs no language-model query.

use crate::lattice::Arc;
use crate::lm::{Model, State, Vocabulary, WordId};

/// How wide the beam is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beam {
    /// States kept between two tokens.
    pub states: usize,
    /// States further than this below the best one are dropped (nats).
    pub margin: f32,
}

impl Default for Beam {
    fn default() -> Self {
        Beam { states: 6, margin: 4.5 }
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

/// What an arc says, for the language model.
pub trait Speech {
    /// Calls `word` with each word that `arc` writes.
    fn each(&self, arc: &Arc, word: &mut dyn FnMut(WordId));
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Edge {
    from: u32,
    to: u32,
    arc: u32,
    /// Log probability of the arc's words after the state of `from`.
    lm: f32,
}

/// The part of a sentence's lattice that the beam kept, with the language model's scores.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Graph {
    nodes: u32,
    /// Topologically sorted: an edge comes after all edges into its `from`.
    edges: Vec<Edge>,
    /// Nodes at the end of the sentence with the log probability of ending there.
    ends: Vec<(u32, f32)>,
}

#[derive(Clone, Copy)]
struct Node {
    state: State,
    alpha: f32,
    id: u32,
}

const DEAD: u32 = u32::MAX;

/// Work space that is reused from sentence to sentence.
#[derive(Default)]
pub struct Search {
    /// Nodes by boundary.
    boundaries: Vec<Vec<Node>>,
    /// Edges of the graph under construction; `to` is (boundary's position) until the node has its number.
    edges: Vec<(Edge, u32)>,
    order: Vec<(f32, u32)>,
    /// What the arcs of a boundary say, one after the other, and where each ends.
    words: Vec<WordId>,
    ends: Vec<usize>,
    /// First words scored at the current node.
    begun: Vec<(WordId, f32, State)>,
    alpha: Vec<f32>,
    beta: Vec<f32>,
}

impl Search {
    /// Walks a sentence of `length` tokens. `arcs` are sorted by start and hold an arc of length 1 at every token.
    pub fn expand(
        &mut self,
        model: &Model,
        lm_scale: f32,
        beam: Beam,
        length: usize,
        arcs: &[Arc],
        speech: &dyn Speech,
    ) -> Graph {
        while self.boundaries.len() <= length {
            self.boundaries.push(Vec::new());
        }
        self.boundaries[..=length].iter_mut().for_each(Vec::clear);
        self.edges.clear();
        self.boundaries[0].push(Node { state: model.begin(), alpha: 0.0, id: DEAD });
        let (mut nodes, mut next_arc) = (0, 0);
        for at in 0..length {
            self.prune(at, beam, &mut nodes);
            let first = next_arc;
            while next_arc < arcs.len() && usize::from(arcs[next_arc].start) == at {
                next_arc += 1;
            }
            self.words.clear();
            self.ends.clear();
            for arc in &arcs[first..next_arc] {
                let words = &mut self.words;
                speech.each(arc, &mut |w| words.push(w));
                self.ends.push(self.words.len());
            }
            for from in 0..self.boundaries[at].len() {
                let node = self.boundaries[at][from];
                if node.id != DEAD {
                    self.leave(model, lm_scale, at, &node, first, &arcs[first..next_arc]);
                }
            }
        }
        self.prune(length, beam, &mut nodes);
        let alive = self.boundaries[length].iter().filter(|n| n.id != DEAD);
        let ends = alive.map(|n| (n.id, model.score(&n.state, Vocabulary::END).0)).collect();
        let boundaries = &self.boundaries;
        let numbered = self.edges.iter().filter_map(|&(edge, target)| {
            let to = boundaries[target as usize][edge.to as usize].id;
            (to != DEAD).then_some(Edge { to, ..edge })
        });
        Graph { nodes, edges: numbered.collect(), ends }
    }

    /// Follows the arcs that start at a node. Originals that start with the same word share its look-up.
    fn leave(&mut self, model: &Model, lm_scale: f32, at: usize, node: &Node, first: usize, arcs: &[Arc]) {
        self.begun.clear();
        let mut start = 0;
        for (index, (arc, &end)) in arcs.iter().zip(&self.ends).enumerate() {
            let (mut state, mut lm) = (node.state, 0.0);
            if let [word, rest @ ..] = &self.words[start..end] {
                (lm, state) = match self.begun.iter().find(|(w, ..)| w == word) {
                    Some(&(_, p, next)) => (p, next),
                    None => {
                        let (p, next) = model.score_token(&state, *word);
                        self.begun.push((*word, p, next));
                        (p, next)
                    }
                };
                for &word in rest {
                    let (p, next) = model.score_token(&state, word);
                    lm += p;
                    state = next;
                }
            }
            start = end;
            let target = at + usize::from(arc.length);
            let to = arrive(&mut self.boundaries[target], state, node.alpha + arc.price + lm_scale * lm);
            let edge = Edge { from: node.id, to, arc: (first + index) as u32, lm };
            self.edges.push((edge, target as u32));
        }
    }

    /// Drops the hopeless nodes of a boundary and numbers the others.
    fn prune(&mut self, at: usize, beam: Beam, numbers: &mut u32) {
        let nodes = &mut self.boundaries[at];
        let best = nodes.iter().map(|n| n.alpha).fold(f32::NEG_INFINITY, f32::max);
        self.order.clear();
        self.order.extend(
            nodes.iter().enumerate().filter(|(_, n)| n.alpha >= best - beam.margin).map(|(i, n)| (n.alpha, i as u32)),
        );
        if self.order.len() > beam.states {
            // Ties fall to the earlier node, so that the result does not depend on the sort.
            self.order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            self.order.truncate(beam.states);
            self.order.sort_unstable_by_key(|&(_, i)| i);
        }
        for &(_, i) in &self.order {
            nodes[i as usize].id = *numbers;
            *numbers += 1;
        }
    }

    /// Sums over all readings of `graph`: posteriors of its arcs under their prices.
    pub fn decode(&mut self, graph: &Graph, lm_scale: f32, arcs: &[Arc]) -> Decoded {
        let score = |e: &Edge| arcs[e.arc as usize].price + lm_scale * e.lm;
        let (alpha, beta) = (&mut self.alpha, &mut self.beta);
        for side in [&mut *alpha, &mut *beta] {
            side.clear();
            side.resize(graph.nodes as usize, f32::NEG_INFINITY);
        }
        alpha[0] = 0.0;
        for e in &graph.edges {
            alpha[e.to as usize] = log_add(alpha[e.to as usize], alpha[e.from as usize] + score(e));
        }
        let mut total = f32::NEG_INFINITY;
        for &(node, end) in &graph.ends {
            beta[node as usize] = lm_scale * end;
            total = log_add(total, alpha[node as usize] + lm_scale * end);
        }
        let mut posterior = vec![0f32; arcs.len()];
        for e in graph.edges.iter().rev() {
            let tail = score(e) + beta[e.to as usize];
            let from = e.from as usize;
            beta[from] = log_add(beta[from], tail);
            posterior[e.arc as usize] += (alpha[from] + tail - total).exp();
        }
        posterior.iter_mut().for_each(|p| *p = p.min(1.0));
        Decoded { posterior, total }
    }
}

/// Adds a path that reaches `state` at a boundary; its position there.
fn arrive(nodes: &mut Vec<Node>, state: State, alpha: f32) -> u32 {
    if let Some(i) = nodes.iter().position(|n| n.state == state) {
        nodes[i].alpha = log_add(nodes[i].alpha, alpha);
        return i as u32;
    }
    nodes.push(Node { state, alpha, id: DEAD });
    nodes.len() as u32 - 1
}

/// Log probability of a token sequence as it stands.
pub fn score_words(model: &Model, words: &[WordId]) -> f32 {
    let mut state = model.begin();
    let mut total = 0.0;
    for &word in words.iter().chain(std::iter::once(&Vocabulary::END)) {
        let (p, next) = model.score_token(&state, word);
        total += p;
        state = next;
    }
    total
}

/// `ln(e^a + e^b)`
#[inline]
pub fn log_add(a: f32, b: f32) -> f32 {
    let (high, low) = if a > b { (a, b) } else { (b, a) };
    let gap = high - low;
    // Beyond 16 nats the smaller term is below the resolution of the larger one.
    if gap > 16.0 || low == f32::NEG_INFINITY {
        return high;
    }
    high + (-gap).exp().ln_1p()
}
