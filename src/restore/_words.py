"""The ``words`` stage: spun words and phrases back to what the author wrote, by the native engine."""

from __future__ import annotations

import re

from ._core import Result
from ._edits import Edit
from ._stages import Context, Outcome, Stage, Verdict

__all__ = ["Words", "detect"]

_SURROGATE = re.compile("[\ud800-\udfff]")
_MASK = "\N{REPLACEMENT CHARACTER}"


class Words(Stage):
    """Restores words and phrases; every character outside its edits stays as it is.

    Lone surrogates, which Python strings may hold and Unicode text may not, are hidden from the engine one for one, so
    that offsets stay true; no edit ever covers one.
    """

    name = "words"

    def __init__(self, context: Context) -> None:
        self._open = context.engine
        self._min_confidence = context.min_confidence

    def __call__(self, text: str) -> Outcome:
        engine = self._open()
        try:
            result = engine.restore(text, min_confidence=self._min_confidence)
            masked = False
        except UnicodeEncodeError:
            result = engine.restore(_masked(text), min_confidence=self._min_confidence)
            masked = True
        edits = _edits(text, result)
        if masked:
            edits = [edit for edit in edits if not _SURROGATE.search(edit.before) and _MASK not in edit.after]
        verdict = Verdict(result.spun, result.rate, result.words, result.log_likelihood_ratio, result.spinner)
        return Outcome(_replayed(text, edits), tuple(edits), verdict)

    def clean(self, text: str) -> str:
        try:
            cleaned = self._open().clean(text, min_confidence=self._min_confidence)
        except UnicodeEncodeError:
            return self(text).text
        return text if cleaned is None else cleaned


def detect(context: Context, text: str) -> tuple[float, float, int]:
    """Return (spun, rate, words) of ``text`` without restoring it."""
    engine = context.engine()
    try:
        return engine.detect(text)
    except UnicodeEncodeError:
        return engine.detect(_masked(text))


def _masked(text: str) -> str:
    return _SURROGATE.sub(_MASK, text)


def _edits(text: str, result: Result) -> list[Edit]:
    return [
        Edit(start, end, text[start:end], after, kind, confidence, tuple(alternatives))
        for start, end, after, kind, confidence, alternatives in result.edits
    ]


def _replayed(text: str, edits: list[Edit]) -> str:
    """Apply the engine's edits without the checks that :func:`restore.apply` owes to callers."""
    if not edits:
        return text
    pieces: list[str] = []
    position = 0
    for edit in edits:
        pieces.append(text[position : edit.start])
        pieces.append(edit.after)
        position = edit.end
    pieces.append(text[position:])
    return "".join(pieces)
