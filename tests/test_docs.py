"""What the documentation shows is run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import tomllib
from pathlib import Path

import pytest

import restore
from conftest import ROOT

MODULES = ["restore", *(f"restore.{module.name}" for module in pkgutil.iter_modules(restore.__path__))]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith(("_core", "__main__"))])
def test_examples_in_docstrings(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_the_public_functions_have_examples() -> None:
    finder = doctest.DocTestFinder()
    for function in (restore.clean, restore.inspect, restore.detect, restore.apply, restore.Restorer, restore.Edit):
        assert any(test.examples for test in finder.find(function, function.__name__, globs={})), function


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_examples_in_documents(path: Path) -> None:
    assert doctest.testfile(str(path), module_relative=False, encoding="utf-8").failed == 0


@pytest.mark.parametrize("path", [*DOCUMENTS, *ROOT.glob("C*.md")], ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target


def test_the_changelog_has_this_version() -> None:
    version = tomllib.loads((ROOT / "Cargo.toml").read_text("utf-8"))["workspace"]["package"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"## [{version}]" in changelog or "## [Unreleased]" in changelog
