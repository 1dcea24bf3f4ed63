"""Two lists of edits in a row become one list that speaks of the first text.

Stage one turns text A into B, stage two turns B into C; a caller sees edits from A to C. Where the two stages changed
different places, their edits are kept apart and only moved. Where they met, what they did is one edit: it covers
everything either of them touched, and carries the lower confidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ._edits import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["compose"]


def compose(original: str, middle: str, first: Sequence[Edit], second: Sequence[Edit]) -> tuple[Edit, ...]:
    """Return the edits that lead from ``original`` straight to where ``second`` leads from ``middle``.

    ``first`` leads from ``original`` to ``middle``; both lists are in order, and so is the result. Linear in the
    number of edits and in the text that the met edits cover. A place that the second stage changed back to what the
    original reads is no edit at all.

    A stage that splits glued words, and one that restores a word behind the split:

    >>> split = [Edit(3, 3, "", " ", kind="spacing")]
    >>> word = [Edit(4, 13, "mentioned", "said", confidence=0.9)]
    >>> for edit in compose("Shementioned so.", "She mentioned so.", split, word):
    ...     print(edit.start, edit.end, repr(edit.before), repr(edit.after), edit.kind)
    3 3 '' ' ' spacing
    3 12 'mentioned' 'said' word
    """
    if not second:
        return tuple(first)
    if not first:
        return tuple(second)
    composed: list[Edit] = []
    for ours, theirs, shift in _clusters(first, second):
        if not theirs:
            composed.extend(ours)
        elif not ours:
            composed.extend(_moved(edit, -shift) for edit in theirs)
        else:
            merged = _merge(original, middle, ours, theirs, shift)
            if merged is not None:
                composed.append(merged)
    return tuple(composed)


def _clusters(first: Sequence[Edit], second: Sequence[Edit]) -> Iterator[tuple[list[Edit], list[Edit], int]]:
    """Yield groups of edits that met, in text order: (of the first list, of the second, shift before the group).

    The shift is what must be added to an offset in the original, in front of the group, to find it in the middle text.
    """
    i = j = 0
    shift = 0
    while i < len(first) or j < len(second):
        ours: list[Edit] = []
        theirs: list[Edit] = []
        grown = shift
        # start with whichever comes first in the middle text, then take in all that meets the group
        if j == len(second) or (i < len(first) and _span(first[i], shift) <= (second[j].start, second[j].end)):
            ours.append(first[i])
            grown += _growth(first[i])
            i += 1
        else:
            theirs.append(second[j])
            j += 1
        while True:
            if i < len(first) and any(_meet(_span(first[i], grown), edit) for edit in theirs[-1:]):
                ours.append(first[i])
                grown += _growth(first[i])
                i += 1
            elif j < len(second) and ours and _meet(_span(ours[-1], grown - _growth(ours[-1])), second[j]):
                theirs.append(second[j])
                j += 1
            else:
                break
        yield ours, theirs, shift
        shift = grown


def _growth(edit: Edit) -> int:
    return len(edit.after) - (edit.end - edit.start)


def _span(edit: Edit, shift: int) -> tuple[int, int]:
    """Where an edit of the first list lies in the middle text."""
    return edit.start + shift, edit.start + shift + len(edit.after)


def _meet(span: tuple[int, int], edit: Edit) -> bool:
    """Whether an edit of the second list touches ``span`` of the middle text.

    Neighbours that only abut stay apart, unless one of the two spans is empty: their order could not be told then.
    """
    start, end = span
    if start == end or edit.start == edit.end:
        return edit.start <= end and start <= edit.end
    return edit.start < end and start < edit.end


def _moved(edit: Edit, by: int) -> Edit:
    if not by:
        return edit
    return Edit(edit.start + by, edit.end + by, edit.before, edit.after, edit.kind, edit.confidence, edit.alternatives)


def _merge(original: str, middle: str, ours: list[Edit], theirs: list[Edit], shift: int) -> Edit | None:
    """Make one edit of a group that met; None where the two stages cancelled out."""
    grown = shift + sum(map(_growth, ours))
    start = min(ours[0].start + shift, theirs[0].start)
    end = max(_span(ours[-1], grown - _growth(ours[-1]))[1], theirs[-1].end)
    pieces: list[str] = []
    position = start
    for edit in theirs:
        pieces.append(middle[position : edit.start])
        pieces.append(edit.after)
        position = edit.end
    pieces.append(middle[position:end])
    before = original[start - shift : end - grown]
    after = "".join(pieces)
    if before == after:
        return None
    kinds = dict.fromkeys(edit.kind for edit in (*ours, *theirs))
    return Edit(
        start - shift,
        end - grown,
        before,
        after,
        kind="+".join(kinds),
        confidence=min(edit.confidence for edit in (*ours, *theirs)),
    )
