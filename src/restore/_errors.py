"""The exceptions of ``restore``: one root, one class for each thing a caller may want to handle on its own.

::

    RestoreError
    ├── UsageError    (also ValueError)   an argument is wrong: unknown stage, confidence outside 0..1, bad edits
    ├── LexiconError  (also ValueError)   a user lexicon cannot be read or holds a bad line; file and line are named
    ├── InputError    (also ValueError)   a document is not text: binary, or not in the stated encoding
    ├── ModelError                        the model file is missing, foreign, truncated or damaged
    └── EngineError                       a defect of the engine itself; the document was left alone

A wrong *type* (bytes where a str belongs) is a plain :class:`TypeError`, as everywhere in Python.
Every message is meant for people and names the file, and the line or byte offset where there is one.
"""

from __future__ import annotations

__all__ = ["EngineError", "InputError", "LexiconError", "ModelError", "RestoreError", "UsageError"]


class RestoreError(Exception):
    """The root of every exception that ``restore`` raises on its own account."""


class UsageError(RestoreError, ValueError):
    """An argument has the right type and a wrong value."""


class LexiconError(RestoreError, ValueError):
    """A user lexicon cannot be read, or one of its lines cannot be understood; the message names file and line."""


class InputError(RestoreError, ValueError):
    """A document is not text, or not text in the stated encoding; the message says why and where."""


class ModelError(RestoreError):
    """The model file is missing, of another version, truncated or damaged."""


class EngineError(RestoreError):
    """The engine failed on a document through a defect of its own; nothing was changed. Please report it."""
