"""The laws, on texts that mix spun prose with everything that Unicode has to offer."""

from __future__ import annotations

import re
from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import restore
from conftest import NATIVE_SEED, SPUN_SEED

SURROGATE = re.compile("[\ud800-\udfff]")
ODDITIES = (
    "İstanbul ısı",  # lower-casing changes the number of code points
    "Straße GROSSE",
    "ﬁnal oﬃce",  # ligatures
    "🙂 👩‍👩‍👧 🇬🇧",
    "e\u0301te\u0301 n\u0303",  # combining marks
    "\u202eabc\u202c \u200b \u00ad \ufeff",
    "日本語の文章。 Русский текст. نص",
    "𝒜𝓃 𝔸𝕤𝕥𝕣𝕒𝕝",  # outside the basic plane
    "\x00 \x1b[0m \x7f",
    "\r\n\r\n",
    "\r \x0b\x0c\x85\u2028\u2029",
    "https://example.org/mentioned?a=mentioned#chilly mentioned@example.org @mentioned #mentioned `mentioned()`",
    "“mentioned” ‘mentioned’ 'mentioned' \"mentioned\" mentioned’s",
    "A" * 300,
    "-" * 80,
)


@cache
def lines(spun: bool) -> list[str]:
    return (SPUN_SEED if spun else NATIVE_SEED).read_text("utf-8").split("\n")


def texts(oddities: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Lines of the spun and of the native seed with odd pieces between and inside them."""
    piece = st.one_of(st.sampled_from(lines(spun=True)), st.sampled_from(lines(spun=False)), oddities)
    joint = st.sampled_from(["\n", "\r\n", " ", "", "\n\n", "\t"])
    return st.lists(st.tuples(piece, joint), max_size=12).map(lambda parts: "".join(a + b for a, b in parts))


ANY_TEXT = texts(st.one_of(st.sampled_from(ODDITIES), st.text(max_size=20)))
SURROGATE_TEXT = texts(st.text(st.one_of(st.characters(), st.characters(categories=["Cs"])), max_size=6))


@given(ANY_TEXT)
def test_restoring_twice_changes_nothing_more(text: str) -> None:
    once = restore.clean(text)
    assert restore.clean(once) == once


@given(ANY_TEXT)
def test_edits_replay_to_the_output_and_nothing_else_changes(text: str) -> None:
    result = restore.inspect(text)
    assert restore.apply(text, result.edits) == result.text == restore.clean(text)
    here = there = 0
    for edit in (*result.edits, None):
        kept = text[here : edit.start] if edit else text[here:]
        assert result.text[there : there + len(kept)] == kept
        there += len(kept)
        if edit:
            assert result.text[there : there + len(edit.after)] == edit.after
            there += len(edit.after)
            here = edit.end
    assert there == len(result.text)


@given(ANY_TEXT)
def test_the_same_text_gives_the_same_result(text: str) -> None:
    assert restore.inspect(text) == restore.inspect(text) == restore.Restorer().inspect(text)


@given(st.lists(ANY_TEXT, max_size=6))
def test_the_number_of_threads_changes_nothing(documents: list[str]) -> None:
    restorer = restore.Restorer()
    assert list(restorer.inspect_many(documents, jobs=4)) == [restorer.inspect(text) for text in documents]


@given(SURROGATE_TEXT)
@example("mentioned \ud800 mentioned" * 40)
@example("\udc80" * 9)
def test_lone_surrogates_survive(text: str) -> None:
    result = restore.inspect(text)
    assert restore.apply(text, result.edits) == result.text == restore.clean(text)
    assert SURROGATE.findall(result.text) == SURROGATE.findall(text)
    assert not any(SURROGATE.search(edit.before + edit.after) for edit in result.edits)
    masked = restore.inspect(SURROGATE.sub("\ufffd", text))
    assert (masked.words, masked.spun, masked.rate) == (result.words, result.spun, result.rate)
    assert restore.detect(text) == restore.Detection(result.spun, result.rate, result.words)


@given(ANY_TEXT, st.integers(0, 100))
def test_edits_stay_away_from_what_is_not_prose(text: str, seed: int) -> None:
    protected = (
        f"\nhttps://example.org/{seed}/mentioned?q=chilly+struggle mentioned@example.org #mentioned {seed},000.5\n"
    )
    result = restore.inspect(text + protected + text)
    place = range(len(text) + 1, len(text) + len(protected) - 1)
    assert not any(edit.start < place.stop and edit.end > place.start for edit in result.edits)
    assert protected in result.text


@pytest.mark.parametrize("odd", ODDITIES)
def test_offsets_hold_behind_odd_characters(odd: str, spun_text: str) -> None:
    """The same article, shifted by something odd in front of it, gets the same edits, shifted."""
    plain = restore.inspect("x\n\n" + spun_text)
    assert len(plain.edits) > 20
    shifted = restore.inspect(odd + "\n\n" + spun_text)
    by = len(odd) - 1
    found = {(edit.start - by, edit.after) for edit in shifted.edits}
    expected = {(edit.start, edit.after) for edit in plain.edits}
    # what stands in front may tip a doubtful word, it may not displace any
    assert len(found & expected) >= 0.9 * len(expected)
    for edit in shifted.edits:
        assert (odd + "\n\n" + spun_text)[edit.start : edit.end] == edit.before


def test_line_ends_of_any_kind_are_kept(spun_text: str) -> None:
    plain = restore.clean(spun_text)
    windows = restore.clean(spun_text.replace("\n", "\r\n"))
    assert windows.count("\r\n") == windows.count("\n") == spun_text.count("\n")
    assert windows.replace("\r\n", "\n") == plain
    assert restore.clean("\ufeff" + spun_text) == "\ufeff" + plain
