"""The native engine, built from bindings/. Offsets are code points of the text that was passed in.

Text must be valid Unicode: a lone surrogate raises UnicodeEncodeError. All methods release the interpreter's lock while
they work, and an engine may be used from any number of threads.
"""

from collections.abc import Sequence
from typing import final

@final
class Result:
    """What the engine found in one text; every attribute is read-only."""

    @property
    def edits(self) -> list[tuple[int, int, str, str, float, list[tuple[str, float]]]]:
        """Per edit: start, end, after, kind, confidence, alternatives (reading, probability). In order, disjoint."""
    @property
    def spun(self) -> float: ...
    @property
    def rate(self) -> float: ...
    @property
    def words(self) -> int: ...
    @property
    def log_likelihood_ratio(self) -> float: ...
    @property
    def spinner(self) -> tuple[str, float] | None: ...

@final
class Engine:
    """A model and a lexicon, opened once. Immutable."""

    def __new__(cls, model_path: str, *, lexicons: Sequence[tuple[str, str]] = ()) -> Engine:
        """Open the model file at ``model_path`` and add user lexicons, each (name for messages, TSV text).

        Raises restore.ModelError and restore.LexiconError.
        """
    def restore(self, text: str, *, min_confidence: float) -> Result: ...
    def clean(self, text: str, *, min_confidence: float) -> str | None:
        """Return what the edits of :meth:`restore` make of ``text``; None where there are none."""
    def detect(self, text: str) -> tuple[float, float, int]:
        """Return (spun, rate, words)."""
