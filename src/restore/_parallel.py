"""Work on many things at once and hand the results back in the order in which the things came."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from ._errors import UsageError

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["check_jobs", "ordered_map", "threaded_map"]

_T = TypeVar("_T")
_R = TypeVar("_R")

_AHEAD = 2
"""How many things may be under way or waiting for each worker."""


def check_jobs(jobs: int) -> int:
    """Return ``jobs``, or raise UsageError where it is below 1 (TypeError where it is no int)."""
    if not isinstance(jobs, int) or isinstance(jobs, bool):
        raise TypeError(f"jobs must be an int, not {type(jobs).__name__}")
    if jobs < 1:
        raise UsageError(f"jobs must be 1 or more, not {jobs}")
    return jobs


def ordered_map(function: Callable[[_T], _R], things: Iterable[_T], jobs: int) -> Iterator[_R]:
    """Yield ``function(thing)`` for each thing, in order: in this thread, or with ``jobs`` threads if more than one.

    At most ``2 * jobs`` things are taken ahead of the result that is waited for, so a stream of any length runs in
    bounded memory. What ``function`` or ``things`` raises comes up when its turn does, after the results in front.
    Closing the iterator early drops what has not begun.
    """
    if jobs == 1:
        return map(function, things)
    return threaded_map(function, things, jobs)


def threaded_map(function: Callable[[_T], _R], things: Iterable[_T], jobs: int) -> Iterator[_R]:
    """As :func:`ordered_map`, in threads even for one job, so that this thread stays free for signals."""
    from concurrent.futures import ThreadPoolExecutor

    waiting: deque[Future[_R]] = deque()
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="restore")
    try:
        source = iter(things)
        failure: BaseException | None = None
        while True:
            while failure is None and len(waiting) < _AHEAD * jobs:
                try:
                    waiting.append(pool.submit(function, next(source)))
                except StopIteration:
                    failure = StopIteration()
                except Exception as error:
                    failure = error
            if not waiting:
                break
            yield waiting.popleft().result()
        if failure is not None and not isinstance(failure, StopIteration):
            raise failure
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
