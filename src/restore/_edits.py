"""One change to a text, and how a list of changes is replayed.

Offsets count code points of the text that the edits belong to, as Python's own slicing does. A list of edits is
*in order* when it is sorted by ``start`` and no edit begins before the one in front of it ends; every list that this
package returns is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ._errors import UsageError

__all__ = ["Edit", "apply"]


@dataclass(frozen=True, slots=True)
class Edit:
    """One change: ``text[start:end]``, which reads ``before``, becomes ``after``.

    >>> edit = Edit(4, 10, "Chilly", "Cold", kind="word", confidence=0.97)
    >>> apply("The Chilly War", [edit])
    'The Cold War'
    """

    start: int
    """First code point of the change, counted in the original text."""
    end: int
    """One past its last code point; equal to ``start`` where something is inserted."""
    before: str
    """What the original text reads there."""
    after: str
    """What it becomes; empty where something is removed."""
    kind: str = "word"
    """What sort of change it is, see docs/concepts.md; changes that fell together join theirs with ``+``."""
    confidence: float = 1.0
    """Probability, 0 to 1, that the change is right."""
    alternatives: tuple[tuple[str, float], ...] = ()
    """Other readings with their probabilities, best first, ``after`` not among them."""

    def to_dict(self) -> dict[str, Any]:
        """Return the edit as plain lists, strings and numbers, ready for JSON."""
        return {
            "start": self.start,
            "end": self.end,
            "before": self.before,
            "after": self.after,
            "kind": self.kind,
            "confidence": self.confidence,
            "alternatives": [[reading, probability] for reading, probability in self.alternatives],
        }


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Replay ``edits`` on ``text`` and return the result; linear in the length of both.

    The edits must be in order and belong to ``text``. Leaving some out is how a caller refuses them:

    >>> text = "The Chilly Struggle was long."
    >>> edits = [Edit(4, 19, "Chilly Struggle", "Cold War", confidence=0.98), Edit(24, 28, "long", "lengthy")]
    >>> apply(text, [edit for edit in edits if edit.before != "long"])
    'The Cold War was long.'

    Raises:
        UsageError: an edit overlaps the one in front of it, lies outside the text, or its ``before`` is not what the
            text reads there.
    """
    pieces: list[str] = []
    position = 0
    for edit in edits:
        if not position <= edit.start <= edit.end <= len(text):
            raise UsageError(
                f"edit {edit.start}..{edit.end} is out of order or outside the text of {len(text)} characters"
            )
        if text[edit.start : edit.end] != edit.before:
            raise UsageError(
                f"edit {edit.start}..{edit.end} belongs to another text: "
                f"it expects {edit.before!r}, the text reads {text[edit.start : edit.end]!r}"
            )
        pieces.append(text[position : edit.start])
        pieces.append(edit.after)
        position = edit.end
    pieces.append(text[position:])
    return "".join(pieces)
