"""Many texts at once: in order, the same for any number of threads, in bounded memory."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator

import pytest

import restore
from restore._parallel import ordered_map


@pytest.fixture(scope="module")
def texts(spun_text: str, native_text: str) -> list[str]:
    lines = (spun_text + native_text).split("\n")
    pieces = ["\n".join(lines[k : k + 1 + k % 7]) for k in range(len(lines))]
    return [*pieces, spun_text, native_text, "", "one"]


def test_results_do_not_depend_on_the_number_of_threads(texts: list[str]) -> None:
    restorer = restore.Restorer()
    expected = [restorer.clean(text) for text in texts]
    for jobs in (1, 2, 4, 9):
        assert list(restorer.clean_many(texts, jobs=jobs)) == expected
    assert [result.text for result in restorer.inspect_many(texts, jobs=4)] == expected
    assert list(restorer.inspect_many(texts, jobs=4)) == [restorer.inspect(text) for text in texts]


def test_endless_input_is_taken_only_so_far_ahead() -> None:
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        for number in itertools.count():
            taken += 1
            yield f"Text {number}."

    results = restore.Restorer().clean_many(endless(), jobs=3)
    assert list(itertools.islice(results, 10)) == [f"Text {number}." for number in range(10)]
    assert taken <= 10 + 2 * 3
    del results


def test_order_holds_when_later_work_is_done_first() -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.05 if number == 0 else 0)
        return number

    assert list(ordered_map(slow_first, range(20), 4)) == list(range(20))


@pytest.mark.parametrize("jobs", [1, 4])
def test_an_error_comes_at_its_turn(jobs: int) -> None:
    results = restore.Restorer().clean_many(["a", "b", 3, "c"], jobs=jobs)  # type: ignore[list-item]
    assert [next(results), next(results)] == ["a", "b"]
    with pytest.raises(TypeError, match="not int"):
        next(results)


@pytest.mark.parametrize("jobs", [1, 4])
def test_an_error_of_the_source_comes_behind_its_results(jobs: int) -> None:
    def source() -> Iterator[str]:
        yield "a"
        yield "b"
        raise OSError("gone")

    results = restore.Restorer().clean_many(source(), jobs=jobs)
    assert [next(results), next(results)] == ["a", "b"]
    with pytest.raises(OSError, match="gone"):
        next(results)


def test_closing_early_ends_the_threads() -> None:
    before = threading.active_count()
    results = ordered_map(len, ("x" for _ in itertools.count()), 3)
    assert next(results) == 1
    results.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before


def test_the_number_of_threads_is_checked_at_the_call() -> None:
    restorer = restore.Restorer()
    for jobs in (0, -1):
        with pytest.raises(restore.UsageError, match="jobs must be 1 or more"):
            restorer.clean_many([], jobs=jobs)
    for wrong in (1.5, "2", True):
        with pytest.raises(TypeError, match="jobs must be an int"):
            restorer.clean_many([], jobs=wrong)  # type: ignore[arg-type]


def test_threads_work_outside_the_interpreters_lock(spun_text: str) -> None:
    """While one thread restores a large text, another one goes on running Python."""
    restorer = restore.Restorer().load()
    large = spun_text * 200
    done = threading.Event()

    def work() -> None:
        restorer.clean(large)
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    longest = 0.0
    last = time.perf_counter()
    while not done.is_set():
        time.sleep(0.001)
        now = time.perf_counter()
        longest = max(longest, now - last)
        last = now
    thread.join()
    began = time.perf_counter()
    restorer.clean(large)
    alone = time.perf_counter() - began
    assert longest < max(0.5 * alone, 0.25)
