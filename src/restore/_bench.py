"""Measures this machine: speed on one core, start-up and memory, beside well-known peers in the same run.

The peers do other jobs; they are here as marks on a scale that every reader knows. ``re.findall`` cuts a text into
words and does nothing else, ``ftfy.fix_text`` repairs mojibake, symspellpy's ``lookup_compound`` corrects misspellings.
"""

from __future__ import annotations

import os
import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ._bench_texts import KINDS, sample
from ._engine import DEFAULT_MODEL
from ._restorer import Restorer

__all__ = ["measure", "table"]

Work = Callable[[str], object]

_PEAK = """
import sys
def peak():
    try:
        with open("/proc/self/status") as status:  # ru_maxrss would count what the parent had before the exec
            return 1024 * int(next(line for line in status if line.startswith("VmHWM")).split()[1])
    except OSError:
        import resource
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
"""
_BARE = _PEAK + "print(peak())"
_PROBE = (
    _PEAK
    + """
import time
begin = time.perf_counter()
import restore
imported = time.perf_counter()
restore.clean(sys.argv[1])
called = time.perf_counter()
first = peak()
restore.clean(sys.argv[1] * 100)
print(imported - begin, called - imported, first, peak())
"""
)

_PROBES = 5
"""Fresh processes for start-up and memory."""
_ROUNDS = 3
"""Least number of times that each job is done; the fastest counts."""
_ROUND_BYTES = 200_000
"""Size of one round's documents together."""


def measure(seconds: float = 2.0, texts: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return all figures as plain dicts and numbers; see docs/cli.md for their meaning.

    Args:
        seconds: about how long each job runs on each text.
        texts: texts to measure with, by name; the bundled sample if none are given.
    """
    texts = texts or {kind: sample(kind) for kind in KINDS}
    jobs = dict(_jobs())
    speed = {name: _speeds(text, jobs, seconds) for name, text in texts.items()}
    ratios = {
        name: {
            peer: rates["restore"]["mb_per_s"] / rate["mb_per_s"] for peer, rate in rates.items() if peer != "restore"
        }
        for name, rates in speed.items()
    }
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        "speed": speed,
        "ratios": ratios,
        **_process_figures(list(texts.values())[-1]),
    }


def _ratios(rates: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """How many times as fast as each of the other jobs restoring is."""
    ours = rates["restore"]["mb_per_s"]
    return {job: ours / rate["mb_per_s"] for job, rate in rates.items() if job != "restore"}


def _jobs() -> Iterator[tuple[str, Work]]:
    """Yield the jobs by name, restore first, then the peers that are installed."""
    restorer = Restorer().load()
    yield "restore", restorer.clean
    yield "restore detect", restorer.detect
    yield r"re.findall(r'\w+')", re.compile(r"\w+").findall
    try:
        import ftfy
    except ImportError:
        pass
    else:
        yield "ftfy.fix_text", ftfy.fix_text
    try:
        import importlib.resources

        from symspellpy import SymSpell
    except ImportError:
        pass
    else:
        speller = SymSpell(max_dictionary_edit_distance=2, prefix_length=7)
        dictionary = importlib.resources.files("symspellpy") / "frequency_dictionary_en_82_765.txt"
        with importlib.resources.as_file(dictionary) as path:
            speller.load_dictionary(path, term_index=0, count_index=1)

        def lookup(text: str) -> None:
            for sentence in text.split("."):
                speller.lookup_compound(sentence, max_edit_distance=2)

        yield "symspellpy lookup_compound", lookup


def _speeds(text: str, jobs: Mapping[str, Work], seconds: float) -> dict[str, dict[str, float]]:
    """Do every job on copies of ``text``, in turns so that all meet the same disturbances."""
    size = len(text.encode())
    words = len(re.findall(r"\w+", text))
    best: dict[str, float] = {}  # seconds for one copy
    copies: dict[str, int] = {}
    for name, work in jobs.items():
        begin = time.perf_counter()
        work(text)
        once = time.perf_counter() - begin
        copies[name] = max(1, min(_ROUND_BYTES // size, int(seconds / _ROUNDS / max(once, 1e-7))))
        best[name] = once
    end = time.perf_counter() + seconds * len(jobs)
    done = 0
    while done < _ROUNDS or time.perf_counter() < end:
        for name, work in jobs.items():
            begin = time.perf_counter()
            for _ in range(copies[name]):
                work(text)
            best[name] = min(best[name], (time.perf_counter() - begin) / copies[name])
        done += 1
    return {name: {"mb_per_s": size / once / 1e6, "words_per_s": words / once} for name, once in best.items()}


def _process_figures(text: str) -> dict[str, dict[str, float]]:
    """Start-up, and memory after one copy of ``text`` and after one document of a hundred, each of a fresh process."""
    rows = [_figures_of(_PROBE, text) for _ in range(_PROBES)]
    imports, calls, first, peak = zip(*rows, strict=True)
    return {
        "startup": {
            "import_ms": 1000 * statistics.median(imports),
            "first_call_ms": 1000 * statistics.median(calls),
        },
        "memory": {
            "python_mb": _figures_of(_BARE, "")[0] / 1e6,
            "after_first_call_mb": max(first) / 1e6,
            "peak_mb": max(peak) / 1e6,
            "model_file_mb": os.path.getsize(DEFAULT_MODEL) / 1e6,
        },
    }


def _figures_of(program: str, argument: str) -> list[float]:
    command = [sys.executable, "-c", program, argument]
    return [float(field) for field in subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.split()]


def table(figures: Mapping[str, Any]) -> str:
    """Return the figures of :func:`measure` as a table for people."""
    lines = [f"Python {figures['python']}, {figures['machine']}, one core", ""]
    for name, rates in figures["speed"].items():
        lines.append(f"{name + ' text':30}{'MB/s':>9}{'words/s':>14}{'restore is':>14}")
        for job, rate in rates.items():
            ratio = figures["ratios"][name].get(job)
            times = f"{ratio:11.3g} x" if ratio is not None else ""
            lines.append(
                f"  {job:28}{rate['mb_per_s']:>{12 - 5 + len(name)}.3f}{rate['words_per_s']:>14,.0f}{times:>14}"
            )
        lines.append("")
    startup, memory = figures["startup"], figures["memory"]
    lines.append(f"import {startup['import_ms']:.1f} ms, first call {startup['first_call_ms']:.1f} ms")
    lines.append(
        f"memory {memory['after_first_call_mb']:.0f} MB after the first call, {memory['peak_mb']:.0f} MB at most "
        f"(model file {memory['model_file_mb']:.0f} MB, Python alone {memory['python_mb']:.0f} MB)"
    )
    return "\n".join(lines)
