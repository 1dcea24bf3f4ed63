"""The scorer counts what its head says it counts."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType

import pytest

import scoring
from quality import shared_folder
from scoring import MARK, Score, score, spun_text

GOLD = (
    "The [[Chilly Struggle=>Cold War]] [[started=>began|started out]] in [[1947=>?]], he [[mentioned=>said|=]].\n"
    "[[A overwhelming=>A vast]] [[greater part=>majority]] stood by him."
)
ORIGINAL = "The Cold War began in 1947, he said.\nA vast majority stood by him."


def test_marks_are_taken_out() -> None:
    assert spun_text(GOLD) == (
        "The Chilly Struggle started in 1947, he mentioned.\nA overwhelming greater part stood by him."
    )


def test_a_perfect_restoration() -> None:
    found = score(GOLD, ORIGINAL)
    assert found == Score(targets=4, restored=4, exact=4, optional=1, edits=5, words=found.words)
    assert (found.precision, found.recall, found.damage_per_1000) == (1.0, 1.0, 0.0)


def test_doing_nothing() -> None:
    found = score(GOLD, spun_text(GOLD))
    assert found == Score(targets=4, left=4, words=found.words)
    assert (found.precision, found.recall) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Cold War", "cold war", {"exact": 3}),
        ("began", "started out", {}),
        ("began", "commenced", {"restored": 3, "exact": 3, "wrong": 1}),
        ("1947", "1948", {"unknown": 1, "edits": 6}),
        ("said", "mentioned", {"optional": 0, "edits": 4}),
        ("said", "told", {"optional": 0}),
        ("stood by", "stood with", {"damage": 1, "edits": 6}),
        ("stood by", "stood right by", {"damage": 1, "edits": 6}),
        ("stood by him", "stood him", {"damage": 1, "edits": 6}),
        ("The", "A", {"damage": 1, "edits": 6}),
        ("vast majority", "overwhelming greater part", {"restored": 2, "exact": 2, "left": 2, "edits": 3}),
    ],
)
def test_one_difference(before: str, after: str, expected: dict[str, int]) -> None:
    perfect = score(GOLD, ORIGINAL)
    changed = score(GOLD, ORIGINAL.replace(before, after, 1))
    assert vars(changed) == {**vars(perfect), **expected}


def test_scores_add_up_and_every_edit_of_a_native_text_is_damage() -> None:
    found = score("A native text.", "The native text.") + score("Another one.", "Another one.")
    assert found == Score(edits=1, damage=1, words=7)
    assert found.precision == 0.0
    assert round(found.damage_per_1000, 1) == 142.9


def test_marks_inside_words_and_quotation_marks_of_any_style() -> None:
    assert score("the [[pre=>post]]war “years”", 'the postwar "years"').restored == 1
    assert score("the [[pre=>post]][[fight=>war]] years", "the postwar years").restored == 1
    assert score("[[conferenceHe mentioned=>conference. He said]] so", "conference. He said so").restored == 1


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    """The script that the project is reviewed with."""
    folder = shared_folder()
    if folder is None:
        pytest.skip("no shared data folder: set RESTORE_SHARED to score beside its script")
    spec = importlib.util.spec_from_file_location("reference_score", folder / "eval" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def worsened(gold: str, chance: random.Random) -> str:
    """An output with everything a restorer may do right and wrong."""

    def choose(mark: object) -> str:
        spun, originals = mark.group(1), mark.group(2).split("|")  # type: ignore[attr-defined]
        roll = chance.random()
        if roll < 0.5 and originals[0] not in "?=":
            return str(originals[0 if roll < 0.4 else -1].replace("\\n", "\n"))
        return f"{spun} more" if roll < 0.6 else "wrong" if roll < 0.7 else str(spun)

    words = MARK.sub(choose, gold).split(" ")
    for k in range(len(words)):
        words[k] = chance.choice(["", "damaged", words[k] + " inserted"]) if chance.random() < 0.015 else words[k]
    return " ".join(words)


def test_it_agrees_with_the_reviews_script(reference: ModuleType) -> None:
    folder = Path(reference.__file__ or "").parent
    chance = random.Random(7)
    documents = [*sorted(folder.glob("dev/*.gold.txt")), *sorted(folder.glob("clean/*.gold.txt"))]
    assert len(documents) > 20
    for path in documents:
        gold = path.read_text("utf-8")
        output = worsened(gold, chance)
        golds, outputs = gold.split("\n"), output.split("\n")
        pairs = zip(golds, outputs, strict=True) if len(golds) == len(outputs) else [(gold, output)]
        expected: dict[str, int] = {}
        for pair in pairs:
            for key, value in reference.score_document(*pair)[0].items():
                expected[key] = expected.get(key, 0) + value
        expected["optional"] = expected.pop("optional_ok")
        assert vars(score(gold, output)) == expected, path.name
        assert scoring.spun_text(gold) == reference.strip_marks(gold)
