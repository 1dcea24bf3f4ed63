"""The public functions and classes, as a user meets them."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import restore


def test_every_public_name_is_there() -> None:
    for name in restore.__all__:
        assert getattr(restore, name) is not None
    assert set(restore.__all__) <= set(dir(restore))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        restore.nonsense  # noqa: B018


def test_clean_restores_a_spun_text(spun_text: str) -> None:
    cleaned = restore.clean(spun_text)
    assert "the Cold War" in cleaned
    assert "Chilly Struggle" not in cleaned


def test_a_native_text_comes_back_as_the_same_object(native_text: str) -> None:
    assert restore.clean(native_text) is native_text
    result = restore.inspect(native_text)
    assert result.text is native_text
    assert (result.edits, result.removed, result.changed) == ((), (), False)


@pytest.mark.parametrize("text", ["", " ", "\n", "\ufeff", "word", "\0", "\0\0\n\0", "🙂", "\r\n\r\n"])
def test_trivial_texts_come_back_equal(text: str) -> None:
    assert restore.clean(text) == text
    result = restore.inspect(text)
    assert (result.text, result.edits) == (text, ())
    assert restore.detect(text) == restore.Detection(result.spun, result.rate, result.words)
    assert result.spun < 0.5


def test_inspect_accounts_for_every_change(spun_text: str) -> None:
    result = restore.inspect(spun_text)
    assert result.original is spun_text
    assert result.text == restore.clean(spun_text) == restore.apply(spun_text, result.edits)
    assert result.changed
    assert result.spun > 0.9
    assert 0 < result.rate < 1
    assert 800 < result.words < 1200
    assert result.log_likelihood_ratio > 0
    for edit in result.edits:
        assert edit.before == spun_text[edit.start : edit.end]
        assert edit.before != edit.after
        assert 0.5 <= edit.confidence <= 1
        assert edit.kind
        assert edit.after not in [reading for reading, _ in edit.alternatives]
        assert all(0 <= probability <= 1 for _, probability in edit.alternatives)


def test_detect_agrees_with_inspect(spun_text: str, native_text: str) -> None:
    for text in (spun_text, native_text):
        result = restore.inspect(text)
        assert restore.detect(text) == restore.Detection(result.spun, result.rate, result.words)
    assert restore.detect(spun_text).spun > 0.9 > 0.1 > restore.detect(native_text).spun


def test_min_confidence_is_kept_and_only_ever_takes_edits_away(spun_text: str) -> None:
    counts = []
    for bound in (0.3, 0.7, 0.95, 1.0):
        edits = restore.Restorer(min_confidence=bound).inspect(spun_text).edits
        assert all(edit.confidence >= bound - 1e-6 for edit in edits)
        counts.append(len(edits))
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]


def test_results_turn_into_json(spun_text: str) -> None:
    result = restore.inspect(spun_text)
    fields = json.loads(json.dumps(result.to_dict()))
    assert fields["text"] == result.text
    assert fields["spun"] == result.spun
    edits = [
        restore.Edit(**{**edit, "alternatives": tuple((reading, p) for reading, p in edit["alternatives"])})
        for edit in fields["edits"]
    ]
    assert tuple(edits) == result.edits
    assert json.loads(json.dumps(restore.detect(spun_text).to_dict())) == {
        "spun": result.spun,
        "rate": result.rate,
        "words": result.words,
    }


def test_results_are_frozen_hashable_and_copyable(spun_text: str) -> None:
    result = restore.inspect(spun_text)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.edits[0].after = "x"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.text = "x"  # type: ignore[misc]
    assert len(set(result.edits)) == len(result.edits)
    assert pickle.loads(pickle.dumps(result)) == result == copy.deepcopy(result)


def test_removed_holds_the_pure_deletions() -> None:
    gone = restore.Edit(0, 3, "abc", "")
    kept = restore.Edit(4, 5, "d", "e")
    result = restore.Restoration("abc d", " e", (gone, kept), 0.9, 0.5, 2, 3.0)
    assert result.removed == (gone,)


def test_a_user_lexicon_teaches_and_wins(tmp_path: Path, spun_text: str) -> None:
    text = spun_text + "Kirby mentioned zorblax on Monday, and officials mentioned zorblax too.\n"
    assert "zorblax" in restore.clean(text)
    lexicon = tmp_path / "own.tsv"
    lexicon.write_text("# mine\nzorblax\tit\t5\n", "utf-8")
    for given_as in (lexicon, str(lexicon)):
        cleaned = restore.Restorer(lexicons=[given_as]).clean(text)
        assert "zorblax" not in cleaned
        assert "said it on Monday" in cleaned


def test_a_restorer_shows_and_keeps_its_settings(tmp_path: Path, spun_text: str) -> None:
    lexicon = tmp_path / "own.tsv"
    lexicon.write_text("zorblax\tit\n", "utf-8")
    restorer = restore.Restorer(stages=["words"], min_confidence=0.75, lexicons=[lexicon])
    assert (restorer.stages, restorer.min_confidence) == (("words",), 0.75)
    assert (restorer.lexicons, restorer.model) == ((str(lexicon),), None)
    assert repr(restorer) == (
        f"Restorer(stages=('words',), min_confidence=0.75, lexicons=({str(lexicon)!r},), model=None)"
    )
    copied = pickle.loads(pickle.dumps(restorer))
    assert repr(copied) == repr(restorer)
    assert copied.clean(spun_text) == restorer.clean(spun_text)
    assert restorer.load() is restorer


@pytest.mark.parametrize("wrong", [b"bytes", None, 7, ["a"], bytearray(b"x")])
def test_what_is_no_str_is_a_type_error(wrong: str) -> None:
    restorer = restore.Restorer()
    for call in (restore.clean, restore.inspect, restore.detect, restorer.clean, restorer.inspect, restorer.detect):
        with pytest.raises(TypeError, match=f"text must be a str, not {type(wrong).__name__}"):
            call(wrong)


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(restore.UsageError, match="stage 'spacing' does not exist yet; this version has: words"):
        restore.Restorer(stages=["spacing", "words"])
    with pytest.raises(restore.UsageError, match="unknown stage 'wrods'"):
        restore.Restorer(stages=["wrods"])
    with pytest.raises(restore.UsageError, match="twice"):
        restore.Restorer(stages=["words", "words"])
    with pytest.raises(restore.UsageError, match="no stage"):
        restore.Restorer(stages=[])
    with pytest.raises(TypeError, match="not a single string"):
        restore.Restorer(stages="words")
    with pytest.raises(TypeError, match="not a single path"):
        restore.Restorer(lexicons="own.tsv")
    for bound in (-0.1, 1.1, float("nan"), float("inf")):
        with pytest.raises(restore.UsageError, match="min_confidence must be between 0 and 1"):
            restore.Restorer(min_confidence=bound)


def test_the_exceptions_form_one_tree() -> None:
    for name in ("EngineError", "InputError", "LexiconError", "ModelError", "UsageError"):
        assert issubclass(getattr(restore, name), restore.RestoreError)
    for error in (restore.InputError, restore.LexiconError, restore.UsageError):
        assert issubclass(error, ValueError)


@given(st.lists(st.tuples(st.text(max_size=3), st.text(min_size=1, max_size=3), st.text(max_size=3))), st.text())
def test_apply_replays(changes: list[tuple[str, str, str]], rest: str) -> None:
    original, expected, edits = "", "", []
    for kept, before, after in changes:
        start = len(original) + len(kept)
        edits.append(restore.Edit(start, start + len(before), before, after))
        original += kept + before
        expected += kept + after
    assert restore.apply(original + rest, edits) == expected + rest


def test_apply_refuses_what_does_not_fit() -> None:
    edit = restore.Edit(2, 4, "cd", "x")
    assert restore.apply("abcdef", [edit]) == "abxef"
    for text, edits in (
        ("abXdef", [edit]),  # of another text
        ("abc", [edit]),  # behind the end
        ("abcdef", [edit, restore.Edit(3, 5, "de", "y")]),  # overlapping
        ("abcdef", [restore.Edit(4, 5, "e", "y"), edit]),  # out of order
        ("abcdef", [restore.Edit(3, 2, "", "y")]),  # backwards
        ("abcdef", [restore.Edit(-1, 0, "", "y")]),
    ):
        with pytest.raises(restore.UsageError):
            restore.apply(text, edits)


def test_a_diff_shows_lines_and_hides_controls() -> None:
    original = "first\r\nHe mentioned \x1b[2J\u202e so\r\nlast"
    edits = (restore.Edit(10, 19, "mentioned", "said", confidence=0.97),)
    result = restore.Restoration(original, "", edits, 1.0, 0.5, 3, 1.0)
    assert result.diff() == "2: He [-mentioned-]{+said+}(0.97) \\x1b[2J\\u202e so"
    colored = result.diff(color=True)
    assert "\x1b[31;9mmentioned\x1b[0m \x1b[32;1msaid\x1b[0m" in colored
    assert "\x1b[2J" not in colored


def test_a_diff_of_many_lines_numbers_them() -> None:
    original = "a b\nc\nd e\n"
    edits = (restore.Edit(2, 5, "b\nc", "x"), restore.Edit(10, 10, "", "!"))
    result = restore.Restoration(original, "", edits, 1.0, 0.5, 3, 1.0)
    assert result.diff() == "1: a [-b\\nc-]{+x+}(1.00)\n4: {+!+}(1.00)"


def test_a_diff_shortens_long_lines() -> None:
    original = "w " * 50_000 + "mentioned" + " w" * 50_000
    edits = (restore.Edit(100_000, 100_009, "mentioned", "said"),)
    diff = restore.Restoration(original, "", edits, 1.0, 0.5, 3, 1.0).diff()
    assert len(diff) < 1000
    assert "w [-mentioned-]{+said+}(1.00) w" in diff


def _run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_loads_next_to_nothing() -> None:
    out = _run(
        "import sys; before = set(sys.modules)\n"
        "import restore; print(sorted(name for name in set(sys.modules) - before if name.startswith('restore')))\n"
        "restore.Restorer(); print('restore._core' in sys.modules)\n"
        "restore.clean('x'); print('restore._core' in sys.modules)"
    )
    assert out.splitlines() == ["['restore']", "False", "True"]


def test_threads_and_forks_share_the_engine() -> None:
    out = _run(
        "import os, threading, warnings, restore\n"
        "from restore import _engine\n"
        "warnings.simplefilter('ignore')\n"
        "engines = []\n"
        "threads = [threading.Thread(target=lambda: engines.append(_engine.open_engine(None, ()))) for _ in range(8)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\n"
        "print(len(engines), len(set(map(id, engines))))\n"
        "_engine._lock.acquire()\n"  # as if another thread were opening an engine at the moment of the fork
        "_engine._shared = None\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    os._exit(0 if restore.clean('A text.') == 'A text.' else 1)\n"
        "print(os.waitpid(child, 0)[1])"
    )
    assert out.split() == ["8", "1", "0"]


def test_the_version_is_that_of_the_distribution() -> None:
    from importlib.metadata import version

    assert restore.__version__ == version("restore-text")
