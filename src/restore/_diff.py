"""A text with its edits as a word diff for people, safe to print on a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ._edits import Edit

__all__ = ["visible", "word_diff"]

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control characters, direction marks and lone surrogates: what could move the cursor or deceive the eye."""

_RED, _GREEN, _DIM, _BOLD, _PLAIN = "\x1b[31;9m", "\x1b[32;1m", "\x1b[2m", "\x1b[1m", "\x1b[0m"

_LONG = 400
"""An unchanged stretch of a line is shortened beyond this many characters."""
_KEPT = 160
"""What is left of a shortened stretch at either end."""


def visible(text: str) -> str:
    r"""Return ``text`` with what is unsafe on a terminal as escapes (``\x1b``, ``\u202e``); tabs and line feeds stay.

    >>> visible("plain \x1b[31m")
    'plain \\x1b[31m'
    """
    return _UNSAFE.sub(lambda match: ascii(match.group())[1:-1], text)


def word_diff(original: str, edits: Sequence[Edit], *, color: bool = False) -> str:
    r"""Return the lines of ``original`` that have edits, numbered, every edit marked and its confidence behind it.

    >>> print(word_diff("One\nThe Chilly War", [Edit(8, 14, "Chilly", "Cold", confidence=0.97)]))
    2: The [-Chilly-]{+Cold+}(0.97) War
    """
    return "\n".join(_blocks(original, edits, color))


def _blocks(original: str, edits: Sequence[Edit], color: bool) -> Iterator[str]:
    line_number = 1
    counted = 0
    i = 0
    while i < len(edits):
        start = original.rfind("\n", 0, edits[i].start) + 1
        end = _line_end(original, edits[i].end)
        j = i + 1
        while j < len(edits) and edits[j].start <= end:
            end = max(end, _line_end(original, edits[j].end))
            j += 1
        line_number += original.count("\n", counted, start)
        counted = start
        body = _marked(original, start, end, edits[i:j], color)
        number = f"{_BOLD}{line_number}:{_PLAIN}" if color else f"{line_number}:"
        yield f"{number} {body}"
        i = j


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _marked(original: str, start: int, end: int, edits: Sequence[Edit], color: bool) -> str:
    pieces: list[str] = []
    position = start
    for edit in edits:
        pieces.append(_shortened(original[position : edit.start], head=position > start, tail=True))
        pieces.append(_mark(edit, color))
        position = edit.end
    pieces.append(_shortened(original[position:end].removesuffix("\r"), head=True, tail=False))
    return "".join(pieces)


def _shortened(stretch: str, *, head: bool, tail: bool) -> str:
    if len(stretch) > _LONG:
        front = stretch[:_KEPT] if head else ""
        back = stretch[-_KEPT:] if tail else ""
        stretch = f"{front} … {back}"
    return visible(stretch)


def _mark(edit: Edit, color: bool) -> str:
    before = visible(edit.before).replace("\n", "\\n")
    after = visible(edit.after).replace("\n", "\\n")
    if color:
        old = f"{_RED}{before}{_PLAIN}" if before else ""
        new = f"{_GREEN}{after}{_PLAIN}" if after else ""
        gap = " " if old and new else ""
        return f"{old}{gap}{new}{_DIM}({edit.confidence:.2f}){_PLAIN}"
    old = f"[-{before}-]" if before else ""
    new = f"{{+{after}+}}" if after else ""
    return f"{old}{new}({edit.confidence:.2f})"
