"""The documents of the quality gate, and what the package makes of them."""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path

import restore
from conftest import ROOT
from scoring import Score, score, spun_text

CASES = ROOT / "tests" / "cases"


@cache
def floors() -> dict[str, dict[str, float]]:
    return tomllib.loads((ROOT / "tests" / "floors.toml").read_text("utf-8"))


def shared_folder() -> Path | None:
    """The folder with the shared evaluation data: RESTORE_SHARED, or ``shared`` beside the repository."""
    folder = Path(os.environ.get("RESTORE_SHARED") or ROOT.parent / "shared")
    return folder if (folder / "eval").is_dir() else None


def documents(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.gold.txt"))


@cache
def result_of(path: Path) -> tuple[Score, restore.Restoration]:
    gold = path.read_text("utf-8")
    restoration = restore.inspect(spun_text(gold))
    return score(gold, restoration.text), restoration


def total(paths: list[Path]) -> Score:
    return sum((result_of(path)[0] for path in paths), Score())


def area_under_curve(spun: list[float], native: list[float]) -> float:
    """The chance that a spun document gets a higher figure than a native one; ties count half."""
    wins = sum((a > b) + 0.5 * (a == b) for a in spun for b in native)
    return wins / (len(spun) * len(native))
