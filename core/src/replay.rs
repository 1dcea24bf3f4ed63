//! Edits as values: applying them, and composing the edits of two rounds into edits of the first text.
//!
//! A restored text may, rarely, show more once it is read again. The engine then goes on until nothing changes, so that restoring is
//! idempotent, and reports one list of edits against the text that it was given.

use crate::engine::{Edit, EditKind};

/// `text` with `edits` (sorted, disjoint) made.
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        out.push_str(&text[at..edit.start]);
        out.push_str(&edit.after);
        at = edit.end;
    }
    out.push_str(&text[at..]);
    out
}

/// The edits of `text` that do what `first` and then `second` (edits of the text that `first` leaves) do.
///
/// Edits of the second round that touch the words of one of the first become one edit with it, with the lower confidence.
pub fn compose(text: &str, first: &[Edit], second: &[Edit]) -> Vec<Edit> {
    let between = apply(text, first);
    let mut out: Vec<Edit> = Vec::with_capacity(first.len() + second.len());
    let (mut i, mut k) = (0, 0);
    // Offset of the middle text against the first one, before edit `i`.
    let mut shift = 0isize;
    let middle = |edit: &Edit, shift: isize| edit.start.wrapping_add_signed(shift);
    while i < first.len() || k < second.len() {
        let next_first = first.get(i).map(|e| (middle(e, shift), middle(e, shift) + e.after.len()));
        let next_second = second.get(k).map(|e| (e.start, e.end));
        match (next_first, next_second) {
            (Some((_, end)), Some((start, _))) if end <= start => {
                out.push(first[i].clone());
                shift += growth(&first[i]);
                i += 1;
            }
            (Some(_), None) => {
                out.push(first[i].clone());
                i += 1;
            }
            (Some((start, _)), Some((_, end))) if end <= start => {
                out.push(moved(&second[k], shift));
                k += 1;
            }
            (None, Some(_)) => {
                out.push(moved(&second[k], shift));
                k += 1;
            }
            (Some((a, _)), Some((b, _))) => {
                // A run of edits that overlap in the middle text.
                let from = a.min(b);
                let start = from.wrapping_add_signed(-shift);
                let (mut to, mut confidence, mut after, mut copied) = (from, 1f32, String::new(), from);
                let (run_first, run_second) = (i, k);
                loop {
                    if let Some(e) = first.get(i).filter(|e| middle(e, shift) < to || i == run_first) {
                        to = to.max(middle(e, shift) + e.after.len());
                        shift += growth(e);
                        confidence = confidence.min(e.confidence);
                        i += 1;
                    } else if let Some(e) = second.get(k).filter(|e| e.start < to || k == run_second) {
                        after.push_str(&between[copied..e.start]);
                        after.push_str(&e.after);
                        copied = e.end;
                        to = to.max(e.end);
                        confidence = confidence.min(e.confidence);
                        k += 1;
                    } else {
                        break;
                    }
                }
                after.push_str(&between[copied..to]);
                let end = to.wrapping_add_signed(-shift);
                if text[start..end] != after {
                    out.push(Edit { start, end, after, kind: EditKind::Phrase, confidence, alternatives: Vec::new() });
                }
            }
            (None, None) => break,
        }
    }
    out
}

fn growth(edit: &Edit) -> isize {
    edit.after.len() as isize - (edit.end - edit.start) as isize
}

fn moved(edit: &Edit, shift: isize) -> Edit {
    let back = |at: usize| at.wrapping_add_signed(-shift);
    Edit { start: back(edit.start), end: back(edit.end), ..edit.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edits(length: usize, raw: &[(usize, usize, String)]) -> Vec<Edit> {
        let mut out: Vec<Edit> = Vec::new();
        let mut at = 0;
        for (gap, width, after) in raw {
            let (start, end) = (at + gap, at + gap + width);
            if end > length {
                break;
            }
            let (after, alternatives) = (after.clone(), Vec::new());
            out.push(Edit { start, end, after, kind: EditKind::Word, confidence: 0.9, alternatives });
            at = end;
        }
        out
    }

    proptest! {
        #[test]
        fn composition_replays(
            text in "[a-j]{0,30}",
            one in prop::collection::vec((0usize..5, 1usize..5, "[K-P]{0,5}"), 0..6),
            two in prop::collection::vec((0usize..5, 1usize..5, "[v-z]{0,5}"), 0..6),
        ) {
            let first = edits(text.len(), &one);
            let between = apply(&text, &first);
            let second = edits(between.len(), &two);
            let both = compose(&text, &first, &second);
            prop_assert_eq!(apply(&text, &both), apply(&between, &second));
            prop_assert!(both.windows(2).all(|w| w[0].end <= w[1].start));
        }
    }
}
