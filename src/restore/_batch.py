"""Sends the documents of a plan through a Restorer, several at once, and reports on each in order.

One document's failure never stops the others: whatever goes wrong with it becomes the reason in its record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ._decode import decode, encode
from ._errors import InputError, RestoreError
from ._files import STDIN, read_bytes, write_atomically
from ._parallel import threaded_map
from ._plan import Task
from ._restorer import Restorer
from ._result import Detection, Restoration

__all__ = ["Record", "clean_files", "clean_to_bytes", "detect_files", "inspect_files"]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Record(Generic[_T]):
    """What became of one document: a result, or the reason why there is none."""

    task: Task
    result: _T | None
    failure: str = ""

    @property
    def name(self) -> str:
        """The document's name for messages."""
        return "standard input" if self.task.source == STDIN else self.task.source


def clean_files(tasks: Sequence[Task], restorer: Restorer, encoding: str, jobs: int) -> Iterator[Record[Restoration]]:
    """Restore each document into its target, whole or not at all."""

    def work(task: Task) -> Restoration:
        text, codec = _read(task, encoding)
        restoration = restorer.inspect(text)
        assert task.target is not None
        write_atomically(task.target, encode(restoration.text, codec))
        return restoration

    return _each(work, tasks, jobs)


def clean_to_bytes(tasks: Sequence[Task], restorer: Restorer, encoding: str, jobs: int) -> Iterator[Record[bytes]]:
    """Restore each document and hand it back in its own encoding."""

    def work(task: Task) -> bytes:
        text, codec = _read(task, encoding)
        return encode(restorer.clean(text), codec)

    return _each(work, tasks, jobs)


def inspect_files(tasks: Sequence[Task], restorer: Restorer, encoding: str, jobs: int) -> Iterator[Record[Restoration]]:
    """Restore each document and hand back everything that is known of it."""
    return _each(lambda task: restorer.inspect(_read(task, encoding)[0]), tasks, jobs)


def detect_files(tasks: Sequence[Task], restorer: Restorer, encoding: str, jobs: int) -> Iterator[Record[Detection]]:
    """Judge each document."""
    return _each(lambda task: restorer.detect(_read(task, encoding)[0]), tasks, jobs)


def _each(work: Callable[[Task], _T], tasks: Sequence[Task], jobs: int) -> Iterator[Record[_T]]:
    def guarded(task: Task) -> Record[_T]:
        try:
            return Record(task, work(task))
        except OSError as error:  # of reading, _read has made an InputError
            return Record(task, None, f"cannot write {task.target}: {error.strerror or error}")
        except RestoreError as error:
            return Record(task, None, str(error))
        except MemoryError:
            return Record(task, None, "not enough memory for a document of this size")

    return threaded_map(guarded, tasks, jobs)


def _read(task: Task, encoding: str) -> tuple[str, str]:
    try:
        data = read_bytes(task.source)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}") from error
    return decode(data, encoding)
