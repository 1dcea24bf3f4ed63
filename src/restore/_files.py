"""Reading a document, and writing one so that nothing half-written is ever seen.

A file is written under a name of its own beside the target, flushed to the disk and then renamed, which replaces the
target in one step. Whatever goes wrong on the way, the target is either the old file or the new one, and the temporary
file (``.restore-*.part``) is gone.
"""

from __future__ import annotations

import itertools
import os
import stat
import sys
import threading

__all__ = ["STDIN", "discard_parts", "read_bytes", "write_atomically"]

STDIN = "-"
"""The path that stands for standard input."""

_parts: set[str] = set()
_parts_lock = threading.Lock()
_serial = itertools.count()


def read_bytes(path: str) -> bytes:
    """Return all of a file, or of standard input for ``-``. Raises OSError."""
    if path == STDIN:
        return sys.stdin.buffer.read()
    with open(path, "rb") as file:
        return file.read()


def write_atomically(target: str, data: bytes) -> None:
    """Write ``data`` to ``target``, making its folder if need be; OSError leaves the target as it was.

    A target that is a link is followed. One that is no ordinary file (a device, a pipe) is written to in place, since
    it cannot be replaced.
    """
    if _is_special(target):
        with open(target, "wb", buffering=0) as device:
            _write_all(device.fileno(), data)
        return
    target = os.path.realpath(target)
    folder = os.path.dirname(target)
    os.makedirs(folder, exist_ok=True)
    part, descriptor = _create_part(folder)
    try:
        try:
            _write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(part, target)
    except BaseException:
        _remove(part)
        raise
    with _parts_lock:
        _parts.discard(part)


def discard_parts(patience: float = 2.0) -> None:
    """Remove every temporary file and let no new one begin; for a process that is about to end."""
    _parts_lock.acquire(timeout=patience)  # never given back
    for part in _parts:
        _unlink(part)


def _is_special(target: str) -> bool:
    try:
        mode = os.stat(target).st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _create_part(folder: str) -> tuple[str, int]:
    while True:
        part = os.path.join(folder, f".restore-{os.getpid()}-{next(_serial)}.part")
        with _parts_lock:
            try:
                descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
            except FileExistsError:  # left by a process of the same number that was killed
                continue
            _parts.add(part)
        return part, descriptor


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view[: 1 << 24]) :]


def _remove(part: str) -> None:
    with _parts_lock:
        _unlink(part)
        _parts.discard(part)


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        print(f"restore: {path}: cannot be removed: {error.strerror}", file=sys.stderr)
