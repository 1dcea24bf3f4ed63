"""The command line as a process of its own: what it prints, writes and returns."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import restore
from conftest import NATIVE_SEED, ROOT, SEEDS, SPUN_SEED, Cli


@pytest.fixture
def tree(tmp_path: Path, spun_text: str, native_text: str) -> Path:
    """A folder with two spun texts, a native one, and things that are no documents."""
    top = tmp_path / "in"
    (top / "b" / "deep").mkdir(parents=True)
    (top / "a.txt").write_text(spun_text, "utf-8")
    (top / "b" / "native.md").write_text(native_text, "utf-8")
    (top / "b" / "deep" / "nosuffix").write_text(spun_text, "utf-8")
    (top / "b" / "page.html").write_text("<p>mentioned</p>", "utf-8")
    (top / ".hidden").mkdir()
    (top / ".hidden" / "x.txt").write_text("mentioned", "utf-8")
    return top


def outputs(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_clean_of_a_file_goes_to_standard_output(cli: Cli) -> None:
    done = cli("clean", SPUN_SEED)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == restore.clean(SPUN_SEED.read_text("utf-8")).encode()


def test_clean_of_a_native_file_is_the_same_bytes(cli: Cli) -> None:
    done = cli("clean", NATIVE_SEED)
    assert (done.returncode, done.stdout) == (0, NATIVE_SEED.read_bytes())


def test_clean_from_standard_input(cli: Cli, tmp_path: Path, spun_text: str) -> None:
    expected = restore.clean(spun_text).encode()
    assert cli("clean", "-", stdin=spun_text.encode()).stdout == expected
    assert cli("clean", "-", "-o", "out.txt", stdin=spun_text.encode()).returncode == 0
    assert (tmp_path / "out.txt").read_bytes() == expected


def test_clean_of_a_folder_keeps_the_tree(cli: Cli, tmp_path: Path, tree: Path, spun_text: str) -> None:
    done = cli("clean", "in", "-o", "out/deeper", "--jobs", "2")
    assert done.returncode == 0, done.stderr
    spun = restore.clean(spun_text).encode()
    assert outputs(tmp_path / "out" / "deeper") == {
        "a.txt": spun,
        "b/native.md": (tree / "b" / "native.md").read_bytes(),
        "b/deep/nosuffix": spun,
    }
    messages = done.stderr.decode().splitlines()
    assert "restore: skipped in/.hidden: hidden" in messages
    assert "restore: skipped in/b/page.html: not taken for text by its suffix .html" in messages
    assert re.fullmatch(r"out/deeper: 3 documents, 2 restored \([\d,]+ edits\), 1 unchanged, 2 skipped", messages[-1])


def test_the_readmes_command_restores_the_seeds(cli: Cli, tmp_path: Path) -> None:
    done = cli("clean", SEEDS, "-o", "restored")
    assert done.returncode == 0, done.stderr
    written = outputs(tmp_path / "restored")
    assert set(written) == {path.name for path in SEEDS.iterdir()}
    for path in SEEDS.iterdir():
        assert written[path.name].decode() == restore.clean(path.read_text("utf-8"))


@pytest.mark.usefixtures("tree")
def test_several_paths_keep_their_names(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "single.txt").write_text("A text.", "utf-8")
    done = cli("clean", "in/b", "single.txt", "-", "-o", "out", stdin=b"From a pipe.")
    assert done.returncode == 0, done.stderr
    assert set(outputs(tmp_path / "out")) == {"b/native.md", "b/deep/nosuffix", "single.txt", "stdin.txt"}


def test_a_file_goes_into_an_existing_folder(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert cli("clean", NATIVE_SEED, "-o", "out").returncode == 0
    assert cli("clean", NATIVE_SEED, "-o", "new/").returncode == 0
    assert outputs(tmp_path / "out") == outputs(tmp_path / "new") == {NATIVE_SEED.name: NATIVE_SEED.read_bytes()}


def test_an_old_output_is_replaced_and_nothing_else_is_left(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "out.txt").write_text("old", "utf-8")
    (tmp_path / "link.txt").symlink_to("out.txt")
    assert cli("clean", NATIVE_SEED, "-o", "link.txt").returncode == 0
    assert (tmp_path / "out.txt").read_bytes() == NATIVE_SEED.read_bytes()
    assert (tmp_path / "link.txt").is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.txt", "out.txt"]


def test_clean_json_tells_of_every_document(cli: Cli, tree: Path, spun_text: str) -> None:
    done = cli("clean", tree, "-o", "out", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [Path(row["path"]).name for row in rows] == ["a.txt", "native.md", "nosuffix"]
    assert [Path(row["output"]).name for row in rows] == ["a.txt", "native.md", "nosuffix"]
    assert rows[0]["edits"] == [edit.to_dict() for edit in restore.inspect(spun_text).edits]
    assert rows[1]["edits"] == []


def test_the_number_of_jobs_changes_nothing(cli: Cli, tree: Path, tmp_path: Path) -> None:
    for jobs in ("1", "4"):
        assert cli("clean", tree, "-o", f"out{jobs}", "--jobs", jobs).returncode == 0
    assert outputs(tmp_path / "out1") == outputs(tmp_path / "out4")
    assert cli("detect", tree, "--jobs", "1").stdout == cli("detect", tree, "--jobs", "4").stdout


def test_inspect_shows_a_plain_word_diff(cli: Cli) -> None:
    done = cli("inspect", SPUN_SEED)
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 0
    assert re.match(rf"{re.escape(str(SPUN_SEED))}: spun [01]\.\d+, rate 0\.\d+, [\d,]+ words, [\d,]+ edits", lines[0])
    assert re.match(r"\d+: .*\[-.*-\]\{\+.*\+\}\([01]\.\d\d\)", lines[1])
    assert "\x1b" not in done.stdout.decode()


def test_inspect_of_a_native_text_shows_no_edit(cli: Cli) -> None:
    out = cli("inspect", NATIVE_SEED).stdout.decode()
    assert ", 0 edits" in out
    assert "[-" not in out


def test_inspect_json_gives_everything(cli: Cli) -> None:
    done = cli("inspect", SPUN_SEED, "--json")
    fields = json.loads(done.stdout)
    assert fields.pop("path") == str(SPUN_SEED)
    assert fields == restore.inspect(SPUN_SEED.read_text("utf-8")).to_dict()


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """Run ``restore`` with standard output on a terminal and return what it wrote there."""
    controller, terminal = pty.openpty()
    settings = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "TERM")}
    settings |= {"TERM": "xterm", **environment}
    command = [sys.executable, "-m", "restore", *arguments]
    with subprocess.Popen(command, stdout=terminal, stderr=terminal, env=settings) as process:
        os.close(terminal)
        chunks = []
        while True:
            try:
                chunk = os.read(controller, 65536)
            except OSError:  # the other end was closed
                break
            if not chunk:
                break
            chunks.append(chunk)
    os.close(controller)
    assert process.returncode == 0
    return b"".join(chunks).decode()


def test_inspect_is_coloured_on_a_terminal_unless_refused() -> None:
    path = str(SPUN_SEED)
    assert "\x1b[31;9m" in on_a_terminal("inspect", path)
    assert "\x1b" not in on_a_terminal("inspect", path, "--no-color")
    assert "\x1b" not in on_a_terminal("inspect", path, NO_COLOR="1")
    assert "\x1b" not in on_a_terminal("inspect", path, TERM="dumb")


def test_detect_prints_a_table(cli: Cli) -> None:
    lines = cli("detect", SPUN_SEED, NATIVE_SEED).stdout.decode().splitlines()
    assert lines[0].split() == ["spun", "rate", "words", "document"]
    rows = [line.split(maxsplit=3) for line in lines[1:]]
    assert [row[3] for row in rows] == [str(SPUN_SEED), str(NATIVE_SEED)]
    assert float(rows[0][0]) > 0.9 > 0.1 > float(rows[1][0])


def test_detect_json_prints_an_object_a_line(cli: Cli) -> None:
    rows = [json.loads(line) for line in cli("detect", SEEDS, "--json").stdout.splitlines()]
    assert [Path(row["path"]).name for row in rows] == sorted(path.name for path in SEEDS.iterdir())
    for row in rows:
        assert list(row) == ["path", "spun", "rate", "words"]
        detection = restore.detect(Path(row["path"]).read_text("utf-8"))
        assert {key: row[key] for key in ("spun", "rate", "words")} == detection.to_dict()


def test_settings_reach_the_engine(cli: Cli, tmp_path: Path, spun_text: str) -> None:
    text = spun_text + "Kirby mentioned zorblax on Monday, and officials mentioned zorblax too.\n"
    (tmp_path / "own.tsv").write_text("zorblax\tit\t5\n", "utf-8")
    done = cli("clean", "-", "--lexicon", "own.tsv", "--stages", "words", stdin=text.encode())
    assert b"said it on Monday" in done.stdout
    few, many = (
        len(json.loads(cli("inspect", SPUN_SEED, "--json", "--min-confidence", bound).stdout)["edits"])
        for bound in ("1.0", "0.3")
    )
    assert few < many


def test_help_and_version(cli: Cli) -> None:
    assert cli("--version").stdout.decode() == f"restore {restore.__version__}\n"
    for arguments in (["--help"], ["clean", "--help"], ["inspect", "-h"], ["detect", "-h"], ["bench", "-h"]):
        done = cli(*arguments)
        assert (done.returncode, done.stderr) == (0, b"")
        assert b"usage: restore" in done.stdout


def test_the_program_is_installed(native_text: str) -> None:
    program = shutil.which("restore", path=str(Path(sys.executable).parent))
    assert program, "the package is not installed beside this interpreter"
    done = subprocess.run([program, "clean", "-"], input=native_text.encode(), capture_output=True, check=True)
    assert done.stdout == native_text.encode()


def test_the_documents_name_every_option(cli: Cli) -> None:
    described = (ROOT / "docs" / "cli.md").read_text("utf-8")
    for command in ("clean", "inspect", "detect", "bench"):
        for option in re.findall(rb"--[a-z-]+", cli(command, "--help").stdout):
            assert option.decode() in described
