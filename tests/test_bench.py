"""``restore bench`` measures what it says, and what does not depend on the machine's mood keeps its bounds."""

from __future__ import annotations

import json
from importlib.util import find_spec

import pytest

from conftest import Cli
from restore._bench import table
from restore._bench_texts import KINDS, sample


@pytest.fixture(scope="module")
def peers() -> set[str]:
    names = {"ftfy": "ftfy.fix_text", "symspellpy": "symspellpy lookup_compound"}
    return {r"re.findall(r'\w+')", *(name for package, name in names.items() if find_spec(package))}


def test_bench_reports_every_figure(cli: Cli, peers: set[str]) -> None:
    done = cli("bench", "--seconds", "0.02", "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    for kind in KINDS:
        speed = figures["speed"][kind]
        assert set(speed) == {"restore", "restore detect", *peers}
        assert all(rate["mb_per_s"] > 0 and rate["words_per_s"] > 0 for rate in speed.values())
        assert set(figures["ratios"][kind]) == set(speed) - {"restore"}
    assert 0 < figures["startup"]["import_ms"] < 500
    assert 0 < figures["startup"]["first_call_ms"] < 1500
    memory = figures["memory"]
    assert memory["python_mb"] < memory["after_first_call_mb"] < memory["model_file_mb"] + 40
    assert memory["after_first_call_mb"] <= memory["peak_mb"]
    shown = table(figures)
    assert all(f"{kind} text" in shown for kind in KINDS)
    assert all(peer in shown for peer in peers)


def test_the_sample_is_spun_as_it_says() -> None:
    clean, light, heavy = (sample(kind).split() for kind in KINDS)
    assert "[[" not in sample("heavy") + sample("clean")
    assert len(clean) > 200
    assert clean != light != heavy != clean
    assert "mentioned" in heavy
    assert "mentioned" not in clean
