"""What the tests share: the texts, the command line as a process of its own, and the figures of the quality gate."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"
SPUN_SEED = SEEDS / "003_b6238a691932a9a6.txt"
NATIVE_SEED = SEEDS / "001_31035a774f11245d.txt"

settings.register_profile("default", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("default"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

Cli = Callable[..., "subprocess.CompletedProcess[bytes]"]
FIGURES: list[str] = []


@pytest.fixture(scope="session")
def spun_text() -> str:
    """The first few thousand characters of a heavily spun article."""
    text = SPUN_SEED.read_text("utf-8")
    return text[: text.index("\n", 5000) + 1]


@pytest.fixture(scope="session")
def native_text() -> str:
    return NATIVE_SEED.read_text("utf-8")


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """Run ``restore`` with some arguments in an empty folder, without a terminal."""

    def run(
        *arguments: str | bytes | Path, stdin: bytes = b"", **options: object
    ) -> subprocess.CompletedProcess[bytes]:
        settings: dict[str, object] = {"cwd": tmp_path, "timeout": 300, "capture_output": True, **options}
        if "stdout" in settings:
            settings.pop("capture_output")
            settings["stderr"] = subprocess.PIPE
        command = [sys.executable, "-m", "restore", *arguments]
        return subprocess.run(command, input=stdin, check=False, **settings)  # type: ignore[call-overload, no-any-return]

    return run


@pytest.fixture
def figures() -> list[str]:
    """Lines that are shown at the end of the run."""
    return FIGURES


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if FIGURES:
        terminalreporter.section("quality")
        for line in FIGURES:
            terminalreporter.write_line(line)
