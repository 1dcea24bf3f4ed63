"""What the command line prints: one form for people, one JSON object a document and line for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from ._diff import visible
from ._plan import Note
from ._result import Detection, Restoration

__all__ = [
    "DETECT_HEADER",
    "Tally",
    "complain",
    "detect_row",
    "inspect_block",
    "json_line",
    "list_skipped",
    "wants_color",
]

DETECT_HEADER = "  spun   rate      words  document"


def json_line(path: str, fields: Mapping[str, Any]) -> str:
    """Return one JSON object with ``path`` first, in pure ASCII, so that any name and text survives any terminal."""
    return json.dumps({"path": path, **fields})


def detect_row(name: str, detection: Detection) -> str:
    """Return one row below :data:`DETECT_HEADER`."""
    return f"{detection.spun:6.3f} {detection.rate:6.3f} {detection.words:10,}  {visible(name)}"


def inspect_block(name: str, restoration: Restoration, *, color: bool) -> str:
    """Return a heading with the verdict and, below it, the changed lines as a word diff."""
    facts = [
        f"spun {restoration.spun:.3f}",
        f"rate {restoration.rate:.3f}",
        f"{restoration.words:,} words",
        plural(len(restoration.edits), "edit"),
    ]
    if restoration.spinner is not None:
        facts.append(f"spinner {restoration.spinner[0]} ({restoration.spinner[1]:.2f})")
    heading = f"{visible(name)}: {', '.join(facts)}"
    if color:
        heading = f"\x1b[1m{heading}\x1b[0m"
    diff = restoration.diff(color=color)
    return f"{heading}\n{diff}\n" if diff else f"{heading}\n"


def plural(number: int, noun: str) -> str:
    """Return ``1 edit``, ``1,234 edits``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def complain(name: str, reason: str) -> None:
    """Say on standard error what went wrong with a document."""
    print(f"restore: {visible(name)}: {visible(reason)}", file=sys.stderr)


def list_skipped(skipped: Sequence[Note]) -> None:
    """Name on standard error every file that a tree holds and no document was made of."""
    for note in skipped:
        print(f"restore: skipped {visible(note.path)}: {visible(note.reason)}", file=sys.stderr)


class Tally:
    """Counts what became of the documents of ``restore clean``, for the line at the end."""

    def __init__(self) -> None:
        self.restored = 0
        self.unchanged = 0
        self.edits = 0
        self.failed = 0

    def add(self, restoration: Restoration) -> None:
        """Count a document that was done."""
        if restoration.edits:
            self.restored += 1
            self.edits += len(restoration.edits)
        else:
            self.unchanged += 1

    def line(self, output: str, skipped: int) -> str:
        """Return the summary: ``restored: 5 documents, 2 restored (1,234 edits), 3 unchanged``."""
        done = self.restored + self.unchanged
        parts = [
            plural(done, "document"),
            f"{self.restored:,} restored ({plural(self.edits, 'edit')})",
            f"{self.unchanged:,} unchanged",
        ]
        if skipped:
            parts.append(f"{skipped:,} skipped")
        if self.failed:
            parts.append(f"{self.failed:,} failed")
        return f"{visible(output)}: {', '.join(parts)}"


def wants_color(stream: TextIO, *, refused: bool) -> bool:
    """Whether to write terminal colours: on a terminal, unless ``--no-color``, ``NO_COLOR`` or ``TERM=dumb``."""
    if refused or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()
