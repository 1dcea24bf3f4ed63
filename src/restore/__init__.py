"""Gives back the words that an article spinner took away.

A spinner copies an article and replaces words and phrases by dictionary synonyms: the Cold War becomes the "Chilly
Struggle". This package tells such texts from native ones, restores what their authors wrote, and leaves native texts
alone.

* :func:`clean` restores a text, :func:`inspect` shows every change, :func:`detect` only judges.
* :class:`Restorer` does the same with settings of your own and on many texts at once.
* :class:`Edit`, :class:`Restoration`, :class:`Detection` are what comes back, :func:`apply` replays edits.
* :class:`RestoreError` is the root of all exceptions of the package.

Importing is cheap, for everything is loaded when it is first used; the first call opens the model (about 100 ms),
which all threads and forks then share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._edits import Edit, apply
    from ._errors import EngineError, InputError, LexiconError, ModelError, RestoreError, UsageError
    from ._restorer import Restorer
    from ._result import Detection, Restoration

__all__ = [
    "Detection",
    "Edit",
    "EngineError",
    "InputError",
    "LexiconError",
    "ModelError",
    "Restoration",
    "RestoreError",
    "Restorer",
    "UsageError",
    "__version__",
    "apply",
    "clean",
    "detect",
    "inspect",
]

__version__: str

_HOMES = {
    "Detection": "_result",
    "Edit": "_edits",
    "EngineError": "_errors",
    "InputError": "_errors",
    "LexiconError": "_errors",
    "ModelError": "_errors",
    "Restoration": "_result",
    "RestoreError": "_errors",
    "Restorer": "_restorer",
    "UsageError": "_errors",
    "apply": "_edits",
}
"""Where the public names live; each module is imported when one of its names is first asked for."""


def clean(text: str) -> str:
    """Return ``text`` with its spun words restored; a native text comes back equal.

    Linear in the length of the text. Anything that is not part of a change is kept as it is.

    >>> import restore
    >>> restore.clean("The committee met on Tuesday.")
    'The committee met on Tuesday.'

    Raises:
        TypeError: ``text`` is no str.
    """
    from ._restorer import default

    return default.clean(text)


def inspect(text: str) -> Restoration:
    """Return ``text`` restored together with every change and the verdict on the document.

    >>> import restore
    >>> result = restore.inspect("The committee met on Tuesday.")
    >>> result.text, result.edits, result.words
    ('The committee met on Tuesday.', (), 5)

    Raises:
        TypeError: ``text`` is no str.
    """
    from ._restorer import default

    return default.inspect(text)


def detect(text: str) -> Detection:
    """Return how likely it is that ``text`` was spun, and how much of it.

    >>> import restore
    >>> restore.detect("The committee met on Tuesday.").spun < 0.5
    True

    Raises:
        TypeError: ``text`` is no str.
    """
    from ._restorer import default

    return default.detect(text)


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        value: object = version("restore-text")
    elif name in _HOMES:
        from importlib import import_module

        value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
