"""What the package hands back: a verdict on a document, and a document restored with every change accounted for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ._edits import Edit

__all__ = ["Detection", "Restoration"]


@dataclass(frozen=True, slots=True)
class Detection:
    """The verdict on one document, from :func:`restore.detect`."""

    spun: float
    """Probability, 0 to 1, that a spinner went over the document."""
    rate: float
    """Estimated share, 0 to 1, of its words and phrases that were replaced; 0 for a native text."""
    words: int
    """Words in the document; a verdict on fewer than about 150 is weak."""

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as plain numbers, ready for JSON."""
        return {"spun": self.spun, "rate": self.rate, "words": self.words}


@dataclass(frozen=True, slots=True)
class Restoration:
    """A document restored, with the evidence: what :func:`restore.inspect` returns.

    ``restore.apply(result.original, result.edits) == result.text`` always holds, and outside the edits every
    character of ``text`` is the original's.
    """

    original: str
    """The text as it was given."""
    text: str
    """The text restored; the very same object as ``original`` where nothing was changed."""
    edits: tuple[Edit, ...]
    """Every change, in order; offsets are code points of ``original``."""
    spun: float
    """Probability, 0 to 1, that a spinner went over the document."""
    rate: float
    """Estimated share, 0 to 1, of its words and phrases that were replaced; 0 for a native text."""
    words: int
    """Words in the document."""
    log_likelihood_ratio: float
    """The evidence behind ``spun``: natural logarithm of how much likelier the text is as a spun one at ``rate``."""
    spinner: tuple[str, float] | None = None
    """The family of spinner that fits best and its probability, where one can be told."""

    @property
    def changed(self) -> bool:
        """Whether anything was changed."""
        return bool(self.edits)

    @property
    def removed(self) -> tuple[Edit, ...]:
        """The edits that only take text away."""
        return tuple(edit for edit in self.edits if not edit.after)

    def diff(self, *, color: bool = False) -> str:
        """Return the changed lines as a word diff, each with its line number in the original.

        Plain markers are ``[-before-]{+after+}`` with the confidence behind; with ``color`` the same is shown in red
        and green by terminal escapes. Control characters of the text come out escaped, so that printing the result is
        safe. Empty where nothing was changed.

        >>> import restore
        >>> restore.inspect("Nothing is wrong here.").diff()
        ''
        """
        from ._diff import word_diff

        return word_diff(self.original, self.edits, color=color)

    def to_dict(self) -> dict[str, Any]:
        """Return everything but ``original`` as plain dicts, lists, strings and numbers, ready for JSON."""
        return {
            "text": self.text,
            "spun": self.spun,
            "rate": self.rate,
            "words": self.words,
            "log_likelihood_ratio": self.log_likelihood_ratio,
            "spinner": None if self.spinner is None else {"family": self.spinner[0], "probability": self.spinner[1]},
            "edits": [edit.to_dict() for edit in self.edits],
        }
