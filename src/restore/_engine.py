"""Opens the native engine, once for each model and set of lexicons, and keeps it.

Importing the package must not load the engine; the first call does. Engines are immutable and shared by every
thread; a process that forks inherits them together with the memory-mapped model.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from ._errors import LexiconError

if TYPE_CHECKING:
    from ._core import Engine

__all__ = ["DEFAULT_MODEL", "open_engine"]

DEFAULT_MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "en", "model.bin")
"""The English model that ships with the package."""

_lock = threading.Lock()
_shared: Engine | None = None


def open_engine(model: str | None, lexicons: tuple[str, ...]) -> Engine:
    """Return the engine for a model file (None: the shipped one) and user lexicons.

    The engine of the shipped model without user lexicons is opened once a process and shared. Safe to call from any
    thread; about 100 ms when something has to be opened.

    Raises:
        ModelError: the model file is missing, foreign, truncated or damaged.
        LexiconError: a lexicon cannot be read or holds a bad line.
    """
    global _shared
    if model is not None or lexicons:
        return _open(model or DEFAULT_MODEL, lexicons)
    if _shared is None:
        with _lock:
            if _shared is None:
                _shared = _open(DEFAULT_MODEL, ())
    return _shared


def _open(model: str, lexicons: tuple[str, ...]) -> Engine:
    from ._core import Engine

    return Engine(model, lexicons=[(path, _read_lexicon(path)) for path in lexicons])


def _read_lexicon(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8-sig")
    except OSError as error:
        raise LexiconError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise LexiconError(f"{path}:{line}: not UTF-8: byte 0x{error.object[error.start]:02x}") from error


def _new_lock() -> None:
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    # another thread may hold the lock at the moment of the fork; nobody in the child would ever release it
    os.register_at_fork(after_in_child=_new_lock)
