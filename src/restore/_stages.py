"""The stages a text goes through, in their fixed order, and how several of them become one list of edits.

A stage turns a text into a text and says what it changed; it knows nothing of the stages before and behind it. To add
one: write a :class:`Stage`, and give it a factory in ``_FACTORIES``. Its place in the order is in ``ORDER`` already.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from ._compose import compose
from ._edits import Edit
from ._errors import UsageError

if TYPE_CHECKING:
    from ._core import Engine

__all__ = ["AVAILABLE", "ORDER", "Context", "Outcome", "Stage", "Verdict", "build", "check_names", "run"]

ORDER = ("encoding", "boilerplate", "duplicates", "spacing", "words")
"""Every stage of the design, in the order in which they run whatever the order in which they are named."""


class Verdict(NamedTuple):
    """What a stage found out about the document as a whole; see :class:`restore.Restoration` for the fields."""

    spun: float
    rate: float
    words: int
    log_likelihood_ratio: float
    spinner: tuple[str, float] | None


class Outcome(NamedTuple):
    """What a stage, or a row of them, made of a text: ``apply(text given, edits) == text``."""

    text: str
    edits: tuple[Edit, ...]
    verdict: Verdict | None = None


class Context(NamedTuple):
    """What stages are built from."""

    engine: Callable[[], Engine]
    """Opens the native engine; a stage calls it at its first text, not before."""
    min_confidence: float


class Stage(ABC):
    """One step of cleaning. Stages keep no state between texts, so that one may serve many threads."""

    name: ClassVar[str]

    @abstractmethod
    def __call__(self, text: str) -> Outcome:
        """Return the text changed, with the edits (offsets in ``text``) that changed it."""

    def clean(self, text: str) -> str:
        """Return ``self(text).text``; a stage that can do so cheaper overrides this."""
        return self(text).text


def _words(context: Context) -> Stage:
    from ._words import Words

    return Words(context)


_FACTORIES: dict[str, Callable[[Context], Stage]] = {"words": _words}

AVAILABLE = tuple(name for name in ORDER if name in _FACTORIES)
"""The stages that exist in this version."""


def check_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return stage names in the order in which they run.

    Raises:
        UsageError: a name is unknown, not there yet in this version or given twice, or there is none.
        TypeError: a single string was given instead of several.
    """
    if isinstance(names, str):
        raise TypeError(f"stages must be a sequence of names, such as [{names!r}], not a single string")
    wanted = list(names)
    for name in wanted:
        if name not in ORDER:
            raise UsageError(f"unknown stage {name!r}; this version has: {', '.join(AVAILABLE)}")
        if name not in AVAILABLE:
            raise UsageError(f"stage {name!r} does not exist yet; this version has: {', '.join(AVAILABLE)}")
        if wanted.count(name) > 1:
            raise UsageError(f"stage {name!r} is named twice")
    if not wanted:
        raise UsageError(f"no stage is named; this version has: {', '.join(AVAILABLE)}")
    return tuple(name for name in ORDER if name in wanted)


def build(names: Sequence[str], context: Context) -> tuple[Stage, ...]:
    """Build the stages of these names, which :func:`check_names` has put in order."""
    return tuple(_FACTORIES[name](context) for name in names)


def run(stages: Iterable[Stage], text: str) -> Outcome:
    """Send ``text`` through ``stages``; the edits of the outcome speak of ``text`` itself.

    The verdict is that of the last stage that gave one.
    """
    current = text
    edits: tuple[Edit, ...] = ()
    verdict: Verdict | None = None
    for stage in stages:
        outcome = stage(current)
        edits = compose(text, current, edits, outcome.edits)
        current = outcome.text
        verdict = outcome.verdict or verdict
    return Outcome(current, edits, verdict)
