//! Picking: from posteriors of arcs to the edits worth making.
//!
//! Several arcs can say the same thing: "within" -> "in" and "within the" -> "in the" are one edit told twice, and the search splits the
//! probability between them. So arcs are grouped by what they change once the words that both sides share at their ends are cut off;
//! a group has the sum of its arcs' posteriors, and is written by its shortest arc.

use crate::lattice::{Arc, Writes};
use crate::lexicon::Lexicon;
use crate::lm::WordId;
use std::ops::Range;

/// Alternatives reported for an edit.
const ALTERNATIVES: usize = 4;
/// Readings below this are not worth reporting.
const FAINT: f32 = 0.005;

/// An edit that passed the threshold, in document tokens.
pub(crate) struct Picked {
    /// The tokens it replaces.
    pub span: Range<usize>,
    /// The candidate that writes it.
    pub candidate: u32,
    /// Its posterior.
    pub confidence: f32,
    /// Other readings of the span (`None`: as it stands), best first.
    pub others: Vec<(Option<u32>, f32)>,
}

/// Arcs that change the same words into the same words.
struct Group {
    changed: (usize, usize),
    arc: usize,
    candidate: u32,
    posterior: f32,
}

/// Takes the readings of a sentence (first token `start`, the language model's `words`) whose posterior passes `threshold`;
/// where two overlap, the more probable one.
pub(crate) fn pick(
    start: usize,
    words: &[WordId],
    arcs: &[Arc],
    posterior: &[f32],
    lexicon: &Lexicon,
    threshold: f32,
    out: &mut Vec<Picked>,
) {
    let groups = groups(words, arcs, posterior, lexicon);
    let span = |g: &Group| usize::from(arcs[g.arc].start)..usize::from(arcs[g.arc].start + arcs[g.arc].length);
    let mut wanted: Vec<&Group> = groups.iter().filter(|g| g.posterior >= threshold).collect();
    wanted.sort_by(|a, b| b.posterior.total_cmp(&a.posterior).then(a.arc.cmp(&b.arc)));
    let mut taken: Vec<&Group> = Vec::new();
    for group in wanted {
        let here = span(group);
        if !taken.iter().any(|g| span(g).start < here.end && here.start < span(g).end) {
            taken.push(group);
        }
    }
    taken.sort_by_key(|g| arcs[g.arc].start);
    for group in taken {
        let here = span(group);
        let same =
            groups.iter().filter(|g| g.changed == group.changed && g.candidate != group.candidate && span(g) == here);
        let mut others: Vec<(Option<u32>, f32)> = same.map(|g| (Some(g.candidate), g.posterior)).collect();
        others.push((None, stays(&here, arcs, posterior)));
        others.retain(|o| o.1 >= FAINT);
        others.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        others.truncate(ALTERNATIVES);
        let span = start + here.start..start + here.end;
        out.push(Picked { span, candidate: group.candidate, confidence: group.posterior.min(1.0), others });
    }
}

/// Probability that the tokens of `span` stand as they are.
fn stays(span: &Range<usize>, arcs: &[Arc], posterior: &[f32]) -> f32 {
    let itself =
        arcs.iter().zip(posterior).filter(|(a, _)| a.writes == Writes::Itself && span.contains(&usize::from(a.start)));
    itself.map(|(_, &p)| p).fold(1.0, f32::min)
}

fn groups(words: &[WordId], arcs: &[Arc], posterior: &[f32], lexicon: &Lexicon) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (i, arc) in arcs.iter().enumerate() {
        let Writes::Candidate(candidate) = arc.writes else { continue };
        if posterior[i] < FAINT / 2.0 {
            continue;
        }
        let (changed, written) = trimmed(words, arc, lexicon.words(lexicon.candidate(candidate)));
        let same = groups.iter_mut().rev().find(|g| {
            let other = trimmed(words, &arcs[g.arc], lexicon.words(lexicon.candidate(g.candidate)));
            g.changed == changed && other.1 == written
        });
        match same {
            Some(group) => {
                group.posterior += posterior[i];
                if arc.length < arcs[group.arc].length {
                    (group.arc, group.candidate) = (i, candidate);
                }
            }
            None => groups.push(Group { changed, arc: i, candidate, posterior: posterior[i] }),
        }
    }
    groups
}

/// What an arc changes: (first token, number of tokens) and the words written there, without what both sides share at their ends.
fn trimmed<'w>(words: &[WordId], arc: &Arc, written: &'w [WordId]) -> ((usize, usize), &'w [WordId]) {
    let mut spun = &words[usize::from(arc.start)..usize::from(arc.start + arc.length)];
    let (mut start, mut written) = (usize::from(arc.start), written);
    while let ([a, rest @ ..], [b, tail @ ..]) = (spun, written) {
        if a != b {
            break;
        }
        (spun, written, start) = (rest, tail, start + 1);
    }
    while let ([rest @ .., a], [tail @ .., b]) = (spun, written) {
        if a != b {
            break;
        }
        (spun, written) = (rest, tail);
    }
    ((start, spun.len()), written)
}
