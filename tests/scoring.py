"""Scores restored documents against annotated ones.

An annotated document is the spun text with marks in place: ``[[spun=>original]]``, ``[[spun=>best|second]]``,
``[[spun=>?]]`` (spun, the original unknown: any edit is allowed), ``[[spun=>best|=]]`` (leaving it is right too).
A document without marks is native text, and every edit in it is damage.

All comparison is of tokens (words, numbers, single punctuation marks), without regard to case and to the style of
quotation marks. The output is aligned with the spun text; where they differ, the difference is widened to whole marks,
differences closer than three tokens are judged together, and within such a stretch every mark is read as whichever of
its readings (spun, or an accepted original) makes the stretch fit best.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MARK = re.compile(r"\[\[(.*?)=>(.*?)\]\]", re.DOTALL)
_TOKEN = re.compile(r"\w+(?:[’'.\-]\w+)*|[^\w\s]")
_STRAIGHT_QUOTES = str.maketrans("’‘“”", "''\"\"")
_NEAR = 3
_STRETCH = 8  # so many more output tokens than its reading has may be given to one piece

Tokens = list[str]


@dataclass(frozen=True)
class Score:
    """Counts over one document or many; add them up with ``+``."""

    targets: int = 0
    restored: int = 0
    exact: int = 0  # restored, case included
    wrong: int = 0  # targets changed into something else
    left: int = 0  # targets not changed
    optional: int = 0  # right edits where leaving was right too
    unknown: int = 0  # edits where any edit is allowed
    edits: int = 0
    damage: int = 0  # edits outside the marks
    words: int = 0  # tokens outside the marks

    def __add__(self, other: Score) -> Score:
        return Score(*(a + b for a, b in zip(dataclasses.astuple(self), dataclasses.astuple(other), strict=True)))

    @property
    def precision(self) -> float:
        judged = self.edits - self.unknown
        return (self.restored + self.optional) / judged if judged else 1.0

    @property
    def recall(self) -> float:
        return self.restored / self.targets if self.targets else 0.0

    @property
    def damage_per_1000(self) -> float:
        return 1000 * self.damage / max(1, self.words)

    def __str__(self) -> str:
        return (
            f"targets {self.targets:5}  P {self.precision:.3f}  R {self.recall:.3f}  "
            f"damage {self.damage} ({self.damage_per_1000:.2f}/1000)"
        )


@dataclass
class Span:
    """A mark, in tokens of the spun text."""

    start: int
    end: int
    readings: list[str]  # the accepted originals, as text that replaces the tokens
    target: bool
    known: bool
    tail: str  # what the last token has behind the mark

    @property
    def accepted(self) -> list[Tokens]:
        return [tokens(reading) for reading in self.readings]


def tokens(text: str) -> Tokens:
    return _TOKEN.findall(text.translate(_STRAIGHT_QUOTES))


def spun_text(gold: str) -> str:
    """The document as it came from the spinner: the marks taken out."""
    return MARK.sub(lambda mark: mark.group(1), gold)


def score_all(pairs: Iterable[tuple[str, str]]) -> Score:
    """Add up the scores of (annotated document, output) pairs."""
    return sum((score(gold, output) for gold, output in pairs), Score())


def score(gold: str, output: str) -> Score:
    """Score one document; line by line where the output kept the lines."""
    gold_lines, output_lines = gold.split("\n"), output.split("\n")
    if len(gold_lines) != len(output_lines):
        return _score_chunk(gold, output)
    return sum((_score_chunk(*pair) for pair in zip(gold_lines, output_lines, strict=True)), Score())


def parse(gold: str) -> tuple[Tokens, list[Span]]:
    """Return the tokens of the spun text, and its marks widened to whole tokens; marks that share one are joined."""
    text, marks = "", []
    position = 0
    for mark in MARK.finditer(gold):
        text += gold[position : mark.start()]
        readings = [reading.strip() for reading in mark.group(2).replace("\\n", " ").split("|")]
        marks.append((len(text), len(text) + len(mark.group(1)), readings))
        text += mark.group(1)
        position = mark.end()
    text = (text + gold[position:]).translate(_STRAIGHT_QUOTES)
    places = [match.span() for match in _TOKEN.finditer(text)]

    spans: list[Span] = []
    for start, end, options in marks:
        first = next((k for k, (_, stop) in enumerate(places) if stop > start), len(places))
        last = first
        while last < len(places) and places[last][0] < end:
            last += 1
        head = text[places[first][0] : start] if first < len(places) and places[first][0] < start else ""
        tail = text[end : places[last - 1][1]] if last > first and places[last - 1][1] > end else ""
        originals = [option.translate(_STRAIGHT_QUOTES) for option in options if option not in ("?", "=")]
        target = bool(originals) and "=" not in options and "?" not in options
        span = Span(first, last, [head + original + tail for original in originals], target, "?" not in options, tail)
        if spans and first < spans[-1].end:
            _join(spans[-1], span, head)
        else:
            spans.append(span)
    return [text[a:b] for a, b in places], spans


def _join(span: Span, behind: Span, head: str) -> None:
    """Take in a second mark that lies in the last token of the first."""
    both = [
        front.removesuffix(span.tail) + back.removeprefix(head) for front in span.readings for back in behind.readings
    ]
    span.end = max(span.end, behind.end)
    span.readings = both or span.readings
    span.target = span.target and behind.target
    span.known = span.known and behind.known
    span.tail = behind.tail


def _score_chunk(gold: str, output: str) -> Score:
    spun, spans = parse(gold)
    produced = tokens(output)
    at: dict[int, Span] = {k: span for span in spans for k in range(span.start, max(span.end, span.start + 1))}
    states: dict[int, str] = {}  # by the start of the span
    edits = damage = 0
    for start, end, out_start, out_end in _stretches(spun, produced, at):
        segment = _lower(produced[out_start:out_end])
        pieces: list[tuple[Span | None, list[Tokens]]] = []
        k = start
        while k < end:
            span = at.get(k)
            if span is None:
                pieces.append((None, [[spun[k].lower()]]))
                k += 1
            else:
                readings = [spun[span.start : span.end], *span.accepted]
                pieces.append((span, [_lower(reading) for reading in readings]))
                k = max(span.end, k + 1)
        if not pieces:  # something inserted where no mark is
            edits += 1
            damage += 1
            continue
        fits = _fit([readings for _, readings in pieces], segment)
        for (span, _), (reading, misses, a, b) in zip(pieces, fits, strict=True):
            if not misses and (span is None or not reading):
                continue
            edits += 1
            if span is None:
                damage += 1
            elif misses:
                states[span.start] = "wrong"
            else:
                got = produced[out_start + a : out_start + b]
                states[span.start] = "exact" if got in span.accepted else "restored"
    return _count(spans, states, edits, damage, len(spun))


def _count(spans: Sequence[Span], states: dict[int, str], edits: int, damage: int, words: int) -> Score:
    counts = dict.fromkeys((field.name for field in dataclasses.fields(Score)), 0)
    counts.update(edits=edits, damage=damage, words=words - sum(span.end - span.start for span in spans))
    for span in spans:
        state = states.get(span.start, "left")
        right = state in ("exact", "restored")
        if span.target:
            counts["targets"] += 1
            counts["restored" if right else state] += 1
            counts["exact"] += state == "exact"
        elif not span.known:
            counts["unknown"] += state != "left"
        else:
            counts["optional"] += right
    return Score(**counts)


def _stretches(spun: Tokens, produced: Tokens, at: dict[int, Span]) -> list[list[int]]:
    """Where the two differ: [start, end) of the spun and of the produced tokens, whole marks, near ones as one."""
    matcher = difflib.SequenceMatcher(None, _lower(spun), _lower(produced), autojunk=False)
    found: list[list[int]] = []
    for what, i1, i2, j1, j2 in matcher.get_opcodes():
        if what == "equal":
            continue
        touched = [at[k] for k in range(i1, max(i2, i1 + 1)) if k in at]
        start = min([i1, *(span.start for span in touched)])
        end = max([i2, *(span.end for span in touched)])
        if i1 == i2 and i1 - 1 in at:  # an insertion right behind a mark
            start = min(start, at[i1 - 1].start)
        found.append([start, end, j1 - (i1 - start), j2 + (end - i2)])
    found.sort()
    joined: list[list[int]] = []
    for stretch in found:
        if joined and stretch[0] <= joined[-1][1] + _NEAR:
            joined[-1][1] = max(joined[-1][1], stretch[1])
            joined[-1][3] = max(joined[-1][3], stretch[3])
        else:
            joined.append(stretch)
    return joined


def _fit(pieces: Sequence[Sequence[Tokens]], produced: Tokens) -> list[tuple[int, int, int, int]]:
    """Choose a reading for each piece so that, in a row, they come nearest to ``produced``.

    Returns for each piece (number of the reading, tokens that miss, start and end in ``produced``).
    """
    for stretch in (_STRETCH, len(produced)):
        steps: list[dict[int, tuple[int, tuple[int, int, int, int]]]] = []
        reached = {0: 0}
        for readings in pieces:
            step: dict[int, tuple[int, tuple[int, int, int, int]]] = {}
            for begin in sorted(reached):
                for number, reading in enumerate(readings):
                    window = produced[begin : begin + len(reading) + stretch]
                    for taken, misses in enumerate(_prefix_distances(reading, window)):
                        total = reached[begin] + misses
                        place = begin + taken
                        if place not in step or total < step[place][0]:
                            step[place] = total, (number, misses, begin, place)
            steps.append(step)
            reached = {place: total for place, (total, _) in step.items()}
        if len(produced) in reached:
            break
    path = []
    place = len(produced)
    for step in reversed(steps):
        choice = step[place][1]
        path.append(choice)
        place = choice[2]
    return path[::-1]


def _prefix_distances(reading: Tokens, window: Tokens) -> list[int]:
    """The edit distance of ``reading`` to each beginning of ``window``, the empty one first."""
    row = list(range(len(window) + 1))
    for token in reading:
        diagonal, row[0] = row[0], row[0] + 1
        for k, other in enumerate(window, start=1):
            diagonal, row[k] = row[k], min(row[k] + 1, row[k - 1] + 1, diagonal + (token != other))
    return row


def _lower(words: Tokens) -> Tokens:
    return [word.lower() for word in words]
