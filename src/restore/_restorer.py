"""The front door: a Restorer with its settings, and the default one behind the package's functions."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from . import _stages
from ._engine import open_engine
from ._errors import UsageError
from ._parallel import check_jobs, ordered_map
from ._result import Detection, Restoration

if TYPE_CHECKING:
    from ._core import Engine

__all__ = ["DEFAULT_MIN_CONFIDENCE", "DEFAULT_STAGES", "Restorer", "default"]

DEFAULT_STAGES = ("words",)
"""The stages that run unless others are named."""

DEFAULT_MIN_CONFIDENCE = 0.5
"""The probability that an edit needs to be made, unless another is given."""


class Restorer:
    """Restores texts with settings of its own. Making one is free; the first text opens the engine (about 100 ms).

    Args:
        stages: names of the stages to run; they run in their fixed order whatever the order here.
        min_confidence: an edit is made when the probability that it is right is at least this, 0 to 1. Higher changes
            less and errs less.
        lexicons: paths of user lexicons, TSV files of ``spun<TAB>original[|original...][<TAB>weight]``; later ones win
            over earlier ones, and all of them over the built-in lexicon.
        model: path of another model file than the one that ships with the package.

    Raises:
        UsageError: an unknown stage, or a confidence outside 0..1.

    A Restorer has no state besides its settings: it may be shared by threads, used after a fork, and pickled.
    The same text always gives the same result.

    >>> import restore
    >>> restorer = restore.Restorer(min_confidence=0.9)
    >>> restorer.clean("Nothing is wrong here.")
    'Nothing is wrong here.'
    """

    def __init__(
        self,
        stages: Iterable[str] = DEFAULT_STAGES,
        min_confidence: float = DEFAULT_MIN_CONFIDENCE,
        lexicons: Iterable[str | os.PathLike[str]] = (),
        model: str | os.PathLike[str] | None = None,
    ) -> None:
        if isinstance(lexicons, (str, os.PathLike)):
            raise TypeError(f"lexicons must be a sequence of paths, such as [{lexicons!r}], not a single path")
        if not 0 <= min_confidence <= 1:  # also refuses nan
            raise UsageError(f"min_confidence must be between 0 and 1, not {min_confidence}")
        self._names = _stages.check_names(stages)
        self._min_confidence = float(min_confidence)
        self._lexicons = tuple(os.fspath(path) for path in lexicons)
        self._model = None if model is None else os.fspath(model)
        self._engine: Engine | None = None
        self._context = _stages.Context(self._open, self._min_confidence)
        self._built: tuple[_stages.Stage, ...] | None = None

    @property
    def stages(self) -> tuple[str, ...]:
        """The names of the stages, in the order in which they run."""
        return self._names

    @property
    def min_confidence(self) -> float:
        """The probability that an edit needs to be made."""
        return self._min_confidence

    @property
    def lexicons(self) -> tuple[str, ...]:
        """The paths of the user lexicons, later ones win."""
        return self._lexicons

    @property
    def model(self) -> str | None:
        """The path of the model file; None stands for the one that ships with the package."""
        return self._model

    def load(self) -> Restorer:
        """Open the model and the lexicons now instead of at the first text; return the Restorer itself.

        Raises:
            ModelError: the model file is missing, foreign, truncated or damaged.
            LexiconError: a lexicon cannot be read or holds a bad line; the message names file and line.
        """
        self._open()
        return self

    def clean(self, text: str) -> str:
        """Return ``text`` restored; the same text where there is nothing to repair. Linear in its length."""
        _check_text(text)
        for stage in self._ready():
            text = stage.clean(text)
        return text

    def inspect(self, text: str) -> Restoration:
        """Return ``text`` restored together with every edit and the verdict on the document."""
        _check_text(text)
        outcome = _stages.run(self._ready(), text)
        verdict = outcome.verdict
        if verdict is None:  # no stage that judges was run
            verdict = _stages.Verdict(*self._detect(text), log_likelihood_ratio=0.0, spinner=None)
        return Restoration(text, outcome.text, outcome.edits, *verdict)

    def detect(self, text: str) -> Detection:
        """Return how likely it is that ``text`` was spun, and how much of it; nothing is restored."""
        _check_text(text)
        return Detection(*self._detect(text))

    def clean_many(self, texts: Iterable[str], jobs: int = 1) -> Iterator[str]:
        """Yield every text restored, in order, working on ``jobs`` of them at once.

        The work is done in threads outside the interpreter's lock. ``texts`` may be endless: at most ``2 * jobs`` are
        taken ahead. The results do not depend on ``jobs``. A text that is no string raises TypeError at its turn.

        >>> import restore
        >>> list(restore.Restorer().clean_many(["One text.", "Another text."], jobs=2))
        ['One text.', 'Another text.']
        """
        return ordered_map(self.clean, texts, check_jobs(jobs))

    def inspect_many(self, texts: Iterable[str], jobs: int = 1) -> Iterator[Restoration]:
        """Yield a :class:`Restoration` for every text, in order; otherwise as :meth:`clean_many`."""
        return ordered_map(self.inspect, texts, check_jobs(jobs))

    def _open(self) -> Engine:
        if self._engine is None:
            self._engine = open_engine(self._model, self._lexicons)
        return self._engine

    def _ready(self) -> Sequence[_stages.Stage]:
        if self._built is None:
            self._built = _stages.build(self._names, self._context)
        return self._built

    def _detect(self, text: str) -> tuple[float, float, int]:
        from ._words import detect

        return detect(self._context, text)

    def __repr__(self) -> str:
        return (
            f"Restorer(stages={self._names!r}, min_confidence={self._min_confidence!r}, "
            f"lexicons={self._lexicons!r}, model={self._model!r})"
        )

    def __reduce__(self) -> tuple[type[Restorer], tuple[object, ...]]:
        return type(self), (self._names, self._min_confidence, self._lexicons, self._model)


def _check_text(text: object) -> None:
    if not isinstance(text, str):
        hint = "; decode it first" if isinstance(text, (bytes, bytearray, memoryview)) else ""
        raise TypeError(f"text must be a str, not {type(text).__name__}{hint}")


default = Restorer()
"""The Restorer behind ``restore.clean``, ``restore.inspect`` and ``restore.detect``."""
