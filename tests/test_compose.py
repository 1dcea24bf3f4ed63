"""Edits of several stages in a row: offsets must always speak of the first text."""

from __future__ import annotations

from typing import ClassVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import restore
from restore import Edit, _stages
from restore._compose import compose


def draw_edits(data: st.DataObject, text: str) -> list[Edit]:
    """Some edits of ``text``, in order, among them insertions, deletions and neighbours that abut."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    edits: list[Edit] = []
    position = 0
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        if start < position or (edits and start == end == edits[-1].end):
            continue
        before = text[start:end]
        after = data.draw(st.text("xyz ", max_size=4))
        if before != after:
            edits.append(Edit(start, end, before, after, confidence=data.draw(st.sampled_from([0.5, 0.75, 1.0]))))
            position = end
    return edits


def assert_in_order(edits: tuple[Edit, ...]) -> None:
    position = 0
    for edit in edits:
        assert position <= edit.start <= edit.end
        assert edit.before != edit.after
        position = edit.end


@given(st.text("abc ", max_size=20), st.data())
def test_composed_edits_replay_to_the_same_text(text: str, data: st.DataObject) -> None:
    current = text
    edits: tuple[Edit, ...] = ()
    for _ in range(data.draw(st.integers(1, 4))):
        step = draw_edits(data, current)
        changed = restore.apply(current, step)
        edits = compose(text, current, edits, step)
        current = changed
        assert_in_order(edits)
        assert restore.apply(text, edits) == current


@given(st.text("abc ", max_size=20), st.data())
def test_composition_touches_only_what_a_stage_touched(text: str, data: st.DataObject) -> None:
    first = draw_edits(data, text)
    middle = restore.apply(text, first)
    second = draw_edits(data, middle)
    composed = compose(text, middle, first, second)
    origin: list[int | None] = []  # of each code point of the middle text
    position = 0
    for edit in first:
        origin += [*range(position, edit.start), *[None] * len(edit.after)]
        position = edit.end
    origin += range(position, len(text))
    touched = {place for edit in first for place in range(edit.start, edit.end)}
    touched |= {place for edit in second for place in origin[edit.start : edit.end] if place is not None}
    assert {place for edit in composed for place in range(edit.start, edit.end)} <= touched
    assert len(composed) <= len(first) + len(second)


def test_distant_edits_are_only_moved() -> None:
    first = [Edit(0, 2, "ab", "a", "one", 0.9)]
    second = [Edit(3, 4, "d", "DD", "two", 0.8, (("q", 0.1),))]
    assert compose("ab cd", "a cd", first, second) == (
        Edit(0, 2, "ab", "a", "one", 0.9),
        Edit(4, 5, "d", "DD", "two", 0.8, (("q", 0.1),)),
    )


def test_edits_that_meet_become_one() -> None:
    first = [Edit(2, 4, "cd", "XY", "one", 0.9, (("z", 0.1),))]
    second = [Edit(3, 5, "Ye", "!", "two", 0.8)]
    assert compose("abcdef", "abXYef", first, second) == (Edit(2, 5, "cde", "X!", "one+two", 0.8),)


def test_one_edit_may_meet_many() -> None:
    first = [Edit(1, 2, "b", "B"), Edit(3, 4, "d", ""), Edit(5, 5, "", "+")]
    middle = restore.apply("abcdefg", first)
    assert middle == "aBce+fg"
    assert compose("abcdefg", middle, first, [Edit(0, 6, "aBce+f", "-")]) == (Edit(0, 6, "abcdef", "-"),)
    second = [Edit(0, 2, "aB", "1"), Edit(2, 3, "c", "2"), Edit(3, 6, "e+f", "3")]
    composed = compose("abcdefg", middle, first, second)
    assert restore.apply("abcdefg", composed) == "123g"


def test_what_the_second_stage_takes_back_is_no_edit() -> None:
    assert compose("a cat", "a dog", [Edit(2, 5, "cat", "dog")], [Edit(2, 5, "dog", "cat")]) == ()


class Toy(_stages.Stage):
    """Replaces one string by another everywhere."""

    name: ClassVar[str] = "toy"

    def __init__(self, before: str, after: str) -> None:
        self.before = before
        self.after = after

    def __call__(self, text: str) -> _stages.Outcome:
        edits = []
        start = text.find(self.before)
        while start >= 0:
            end = start + len(self.before)
            if self.before != self.after:
                edits.append(Edit(start, end, self.before, self.after, kind="toy"))
            start = text.find(self.before, end)
        verdict = _stages.Verdict(0.25, 0.0, len(text.split()), 0.0, None) if self.before == "judge" else None
        return _stages.Outcome(restore.apply(text, edits), tuple(edits), verdict)


@example("heSaid heSaid  so", ["eS>e S", "Sa>sa", "  > "])
@given(
    st.text("ab ", max_size=30),
    st.lists(st.from_regex("[ab ]{1,3}>[ab ]{0,3}", fullmatch=True), min_size=1, max_size=5),
)
def test_toy_stages_in_a_row(text: str, rules: list[str]) -> None:
    stages = [Toy(*rule.split(">")) for rule in rules]
    outcome = _stages.run(stages, text)
    expected = text
    for stage in stages:
        expected = expected.replace(stage.before, stage.after)
        assert stage.clean(text) == text.replace(stage.before, stage.after)
    assert outcome.text == expected == restore.apply(text, outcome.edits)
    assert_in_order(outcome.edits)
    assert outcome.verdict is None


def test_the_last_verdict_counts() -> None:
    judge = Toy("judge", "JUDGE")
    assert _stages.run([Toy("a", "b"), judge, Toy("c", "d")], "a judge").verdict == (0.25, 0.0, 2, 0.0, None)


def test_a_restorer_runs_its_stages_in_order(monkeypatch: pytest.MonkeyPatch, spun_text: str) -> None:
    glued = spun_text.replace("Pentagon mentioned", "Pentagonmentioned", 1)
    assert glued != spun_text
    factories = {"spacing": lambda _context: Toy("Pentagonmentioned", "Pentagon mentioned"), **_stages._FACTORIES}
    monkeypatch.setattr(_stages, "_FACTORIES", factories)
    monkeypatch.setattr(_stages, "AVAILABLE", ("spacing", "words"))
    restorer = restore.Restorer(stages=["words", "spacing"])
    assert restorer.stages == ("spacing", "words")
    result = restorer.inspect(glued)
    assert result.text == restore.clean(spun_text) == restorer.clean(glued)
    assert restore.apply(glued, result.edits) == result.text
    assert {"toy", "word"} <= {kind for edit in result.edits for kind in edit.kind.split("+")}
    alone = restore.Restorer(stages=["spacing"]).inspect(glued)
    assert alone.text == spun_text
    assert alone.spun > 0.9, "the verdict comes from the engine where no stage gives one"
