"""Everything that goes wrong outside: a clear message, the right exit code, nothing lost and nothing half-written."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import restore
from conftest import NATIVE_SEED, SPUN_SEED, Cli

GOOD = "A plain text that stays as it is.\n"


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def lines(output: bytes) -> list[str]:
    return output.decode().splitlines()


def test_a_missing_path_does_not_stop_the_others(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(GOOD)
    done = cli("clean", "missing.txt", "good.txt", "-o", "out")
    assert done.returncode == 1
    assert "restore: missing.txt: no such file or folder" in lines(done.stderr)
    assert lines(done.stderr)[-1] == "out: 1 document, 0 restored (0 edits), 1 unchanged, 1 failed"
    assert (tmp_path / "out" / "good.txt").read_text() == GOOD
    for command in ("clean", "inspect", "detect"):
        done = cli(command, "missing.txt")
        assert (done.returncode, lines(done.stderr)) == (1, ["restore: missing.txt: no such file or folder"])


def test_failed_documents_are_named_and_the_rest_is_done(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "bad.txt").write_bytes(b"caf\xe9")
    (folder / "good.txt").write_text(GOOD)
    done = cli("clean", "in", "-o", "out")
    assert done.returncode == 1
    assert [line for line in lines(done.stderr) if line.startswith("restore: in/bad.txt: not valid UTF-8")]
    assert files_below(tmp_path / "out") == ["good.txt"]
    done = cli("detect", "in", "--json")
    assert done.returncode == 1
    assert [Path(json.loads(line)["path"]).name for line in lines(done.stdout)] == ["good.txt"]
    assert cli("inspect", "in").returncode == 1


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that any user may enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_file_that_may_not_be_read(open_folder: Path) -> None:
    """Runs as a user without rights to the files, also when the tests run as root."""
    (open_folder / "secret.txt").write_text(GOOD)
    (open_folder / "secret.txt").chmod(0)
    (open_folder / "locked" / "inner").mkdir(parents=True)
    (open_folder / "locked").chmod(0)
    program = (
        "import os, sys\nfrom restore import _cli\n"
        "_cli.main(['detect', sys.argv[1], '--json'])\n"  # loads all that must be loaded while that is allowed
        "if os.geteuid() == 0: os.seteuid(65534)\n"
        "print(_cli.main(['detect', *sys.argv[2:], '--json']))"
    )
    paths = [open_folder / "locked", open_folder / "locked" / "inner", open_folder / "secret.txt"]
    command = [sys.executable, "-c", program, str(NATIVE_SEED), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    (open_folder / "locked").chmod(0o755)
    assert lines(done.stderr) == [
        f"restore: {paths[0]}: cannot be listed: Permission denied",
        f"restore: {paths[1]}: cannot be read: Permission denied",
        f"restore: {paths[2]}: cannot be read: Permission denied",
    ]
    assert lines(done.stdout)[1:] == ["1"]


def test_an_empty_file_comes_back_empty(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    done = cli("clean", "empty.txt", "-o", "out.txt")
    assert (done.returncode, (tmp_path / "out.txt").read_bytes()) == (0, b"")
    assert cli("clean", "empty.txt").stdout == b""
    assert cli("clean", "-").stdout == b""
    assert json.loads(cli("detect", "empty.txt", "--json").stdout) == {
        "path": "empty.txt",
        "spun": restore.detect("").spun,
        "rate": 0.0,
        "words": 0,
    }
    (tmp_path / "folder").mkdir()
    assert cli("clean", "folder", "-o", "nothing").returncode == 0


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"%PDF-1.7\n1 0 obj", "not a text file: this is a PDF document"),
        (b"PK\x03\x04" + b"x" * 50, "not a text file: this is a ZIP archive or office document"),
        (b"\x1f\x8b\x08" + b"x" * 50, "not a text file: this is gzip data"),
        (b"\x89PNG\r\n\x1a\n", "not a text file: this is a PNG picture"),
        (b"\x7fELF" + b"x" * 50, "not a text file: this is an ELF program"),
        (b"ab\0\0" * 50, "not a text file: 100 of 200 bytes are NUL"),
        (GOOD.encode("utf-16"), "it looks like UTF-16, which --encoding utf-16 reads"),
        ("caf\xe9".encode("utf-16"), "it looks like UTF-16, which --encoding utf-16 reads"),
    ],
)
def test_binary_files_are_refused(cli: Cli, tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "data.txt").write_bytes(data)
    done = cli("clean", "data.txt", "-o", "out.txt")
    assert done.returncode == 1
    assert lines(done.stderr)[0].startswith("restore: data.txt: ")
    assert reason in lines(done.stderr)[0]
    assert files_below(tmp_path) == ["data.txt"]


@pytest.mark.parametrize(
    "text", [b"BZhappy", b"RIFF raff", b"ID3 is an algorithm", b"OggSomething", b"PK", b"a\0b", b"one\0\0two\n"]
)
def test_texts_that_look_a_little_binary_are_not_refused(cli: Cli, text: bytes) -> None:
    done = cli("clean", "-", stdin=text)
    assert (done.returncode, done.stdout) == (0, text)


def test_invalid_utf8_is_named_by_offset_and_line(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes(b"one\ntwo caf\xe9 au lait\n")
    done = cli("clean", "latin.txt")
    assert (done.returncode, done.stdout) == (1, b"")
    assert lines(done.stderr) == [
        "restore: latin.txt: not valid UTF-8: byte 0xE9 at offset 11 (line 2); "
        "if it is in another encoding, name it, such as --encoding cp1252"
    ]
    done = cli("clean", "latin.txt", "--encoding", "latin-1")
    assert (done.returncode, done.stdout) == (0, (tmp_path / "latin.txt").read_bytes())
    done = cli("clean", "-", stdin=b"truncated \xf0\x9f")
    assert "standard input: not valid UTF-8: byte 0xF0 at offset 10" in done.stderr.decode()


@pytest.mark.parametrize(
    ("encoding", "codec"),
    [
        ("utf-8", "utf-8-sig"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16", "utf-16-be"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
        ("mac-roman", "mac-roman"),
    ],
)
def test_any_encoding_comes_back_in_the_same_bytes(cli: Cli, spun_text: str, encoding: str, codec: str) -> None:
    text = spun_text.replace("\n", "\r\n")
    if codec == "utf-16-be" and encoding == "utf-16":
        text = "\ufeff" + text
    expected = restore.clean(text).encode(codec)
    done = cli("clean", "-", "--encoding", encoding, stdin=text.encode(codec))
    assert done.returncode == 0, done.stderr
    assert done.stdout == expected
    assert done.stdout != text.encode(codec)


def test_encodings_that_cannot_be_kept_are_refused(cli: Cli) -> None:
    done = cli("clean", "-", "--encoding", "utf-7", stdin=b"+AGEAYg-")
    assert done.returncode == 1
    assert b"does not come back the same from utf-7" in done.stderr
    for name in ("nonsense", "hex", "rot13"):
        done = cli("clean", "-", "--encoding", name)
        assert (done.returncode, lines(done.stderr)) == (2, [f"restore: error: unknown text encoding {name!r}"])


def test_nul_bytes_byte_order_mark_and_line_ends_are_kept(cli: Cli, spun_text: str) -> None:
    text = "\ufeff" + spun_text.replace("\n", "\r\n", 5).replace(" the ", " \0the ", 3) + "\r\rend"
    done = cli("clean", "-", stdin=text.encode())
    assert done.returncode == 0
    assert done.stdout == restore.clean(text).encode()
    assert (done.stdout.count(b"\0"), done.stdout.count(b"\r")) == (3, 7)
    assert done.stdout.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["in", "-o", "in"], "the output is the input folder itself"),
        (["in", "-o", "in/out"], "the output lies inside the input folder in"),
        (["in", "-o", "elsewhere/../in/sub"], "the output lies inside the input folder in"),
        (["in", "-o", "link"], "the output is the input folder itself"),
        (["in/a.txt", "-o", "in/a.txt"], "the output is the input in/a.txt"),
        (["in/a.txt", "-o", "in"], "the output is the input in/a.txt"),
        (["in/a.txt", "-o", "link/a.txt"], "the output is the input in/a.txt"),
        (["out/in", "-o", "out"], "this output lies inside the input folder out/in"),
        (["in", "in/a.txt", "in/sub/a.txt", "-o", "new"], "would be written there"),
        (["in"], "a folder needs an output folder: -o OUT"),
        (["in/a.txt", "in/sub/a.txt"], "more than one document needs an output folder: -o OUT"),
        (["in", "-o", "plain"], "several documents need an output folder, and this is a file"),
        (["in/a.txt", "-o", ""], "the output path is empty"),
        (["-", "-", "-o", "new"], "standard input (-) is named twice"),
        (["in/a.txt", "--json"], "--json would mix with the text on standard output"),
        (["in/a.txt", "--stages", "spacing"], "stage 'spacing' does not exist yet; this version has: words"),
        (["in/a.txt", "--stages", "wrods"], "unknown stage 'wrods'; this version has: words"),
        (["in/a.txt", "--stages", ""], "unknown stage ''"),
        (["in/a.txt", "--min-confidence", "1.5"], "min_confidence must be between 0 and 1"),
        (["in/a.txt", "--min-confidence", "much"], "invalid float value"),
        (["in/a.txt", "--jobs", "0"], "jobs must be 1 or more"),
        (["in/a.txt", "--lexicon", "missing.tsv"], "missing.tsv: No such file or directory"),
        (["in/a.txt", "--lexicon", "bad.tsv"], "bad.tsv:2"),
        (["in/a.txt", "--lexicon", "latin.tsv"], "latin.tsv:2: not UTF-8: byte 0xe9"),
        (["in/a.txt", "--model", "missing.bin"], "missing.bin"),
        (["in/a.txt", "--model", "plain"], "plain"),
        ([], "required"),
    ],
)
def test_wrong_usage_is_refused_before_anything_is_done(
    cli: Cli, tmp_path: Path, arguments: list[str], reason: str
) -> None:
    for folder in ("in", "in/sub", "out/in/in"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a.txt").write_text(GOOD)
    (tmp_path / "link").symlink_to("in")
    (tmp_path / "plain").write_text(GOOD)
    (tmp_path / "bad.tsv").write_text("# fine\nthis line has no tab\n")
    (tmp_path / "latin.tsv").write_bytes(b"# fine\ncaf\xe9\tx\n")
    before = files_below(tmp_path)
    done = cli("clean", *arguments)
    assert done.returncode == 2
    assert reason in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    assert done.stdout == b""
    assert files_below(tmp_path) == before


def test_no_command_and_unknown_commands_are_usage_errors(cli: Cli) -> None:
    assert cli().returncode == cli("destroy").returncode == cli("clean", "x", "--nonsense").returncode == 2


@pytest.mark.parametrize("where", ["file/out.txt", "/proc/nothing/out.txt", "folder"])
def test_an_output_that_cannot_be_written_fails_its_document(cli: Cli, tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder" / NATIVE_SEED.name).mkdir(parents=True)
    before = files_below(tmp_path)
    done = cli("clean", NATIVE_SEED, "-o", where)
    assert done.returncode == 1
    assert f"restore: {NATIVE_SEED}: cannot write {where}" in lines(done.stderr)[0]
    assert files_below(tmp_path) == before


def test_a_full_disk_is_said_and_leaves_the_old_output(cli: Cli, tmp_path: Path) -> None:
    """The system refuses to let any file grow beyond 4 kB, as a full disk would."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / SPUN_SEED.name).write_text("old")
    (tmp_path / "small.txt").write_text(GOOD)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = cli("clean", SPUN_SEED, "small.txt", "-o", "out", preexec_fn=limit)
    assert done.returncode == 1
    assert f"restore: {SPUN_SEED}: cannot write out/{SPUN_SEED.name}: File too large" in lines(done.stderr)
    assert (tmp_path / "out" / SPUN_SEED.name).read_text() == "old"
    assert files_below(tmp_path / "out") == [SPUN_SEED.name, "small.txt"]


def test_a_full_device_is_said(cli: Cli) -> None:
    for arguments in (["-o", "/dev/full"], []):
        with open("/dev/full", "wb") as full:
            done = cli("clean", NATIVE_SEED, *arguments, **({} if arguments else {"stdout": full}))
        assert done.returncode == 1
        assert "No space left on device" in done.stderr.decode()
        assert "Traceback" not in done.stderr.decode()
    assert Path("/dev/full").is_char_device()


def test_devices_are_written_to_in_place(cli: Cli) -> None:
    assert cli("clean", NATIVE_SEED, "-o", "/dev/null").returncode == 0
    assert Path("/dev/null").is_char_device()
    assert cli("clean", NATIVE_SEED, "-o", "/dev/stdout").stdout == NATIVE_SEED.read_bytes()


def test_links_that_lead_round_do_not_trap_it(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "up").symlink_to("..")
    (folder / "loop.txt").symlink_to("loop.txt")
    (folder / "dangling.txt").symlink_to("nowhere.txt")
    (folder / "good.txt").write_text(GOOD)
    (folder / "linked.txt").symlink_to("good.txt")
    os.mkfifo(folder / "pipe")
    done = cli("clean", "in", "-o", "out")
    assert done.returncode == 1
    assert files_below(tmp_path / "out") == ["good.txt", "linked.txt"]
    messages = lines(done.stderr)
    assert "restore: skipped in/sub/up: a link to a folder" in messages
    assert "restore: skipped in/pipe: not a regular file" in messages
    assert "restore: in/loop.txt: cannot be read: Too many levels of symbolic links" in messages
    assert "restore: in/dangling.txt: cannot be read: No such file or directory" in messages


def test_file_names_that_are_not_utf8(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    name = b"caf\xe9\x1b[31m.txt"
    Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text(GOOD)
    assert cli("clean", "in", "-o", "out").returncode == 0
    assert os.listdir(os.fsencode(tmp_path / "out")) == [name]
    assert os.fsencode(json.loads(cli("detect", "in", "--json").stdout)["path"]) == b"in/" + name
    assert rb"caf\udce9\x1b[31m.txt" in cli("detect", b"in/" + name).stdout
    assert rb"caf\udce9\x1b[31m.txt" in cli("inspect", "in").stdout
    Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(b"\xff")
    assert rb"restore: in/caf\udce9\x1b[31m.txt: not valid UTF-8" in cli("detect", "in").stderr


def test_one_very_long_line(tmp_path: Path, cli: Cli, native_text: str) -> None:
    size = int(os.environ.get("RESTORE_LONG_LINE_MB", "8")) * 1_000_000
    line = native_text.replace("\n", " ").encode()
    (tmp_path / "long.txt").write_bytes(line * (size // len(line) + 1))
    done = cli("clean", "long.txt", "-o", "out.txt", timeout=1200)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.txt").read_bytes() == (tmp_path / "long.txt").read_bytes()


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(40):
        (tmp_path / "in" / f"{number}.txt").write_bytes(SPUN_SEED.read_bytes())
    command = [sys.executable, "-m", "restore", "inspect", str(tmp_path / "in"), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(100)
        process.stdout.close()
        errors = process.stderr.read()
    assert (process.returncode, errors) == (141, b"")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_only_complete_documents(tmp_path: Path, number: signal.Signals) -> None:
    """The second document is a pipe that never says anything, so the run stands still behind the first."""
    (tmp_path / "first.txt").write_bytes(SPUN_SEED.read_bytes())
    os.mkfifo(tmp_path / "second.txt")
    command = [sys.executable, "-m", "restore", "clean", "first.txt", "second.txt", "-o", "out"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not (tmp_path / "out" / "first.txt").exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert errors == "restore: interrupted; the documents that were finished are complete\n"
    assert files_below(tmp_path / "out") == ["first.txt"]
    expected = restore.clean(SPUN_SEED.read_text("utf-8"))
    assert (tmp_path / "out" / "first.txt").read_text("utf-8") == expected


def test_a_half_written_file_is_removed_at_an_interrupt(tmp_path: Path) -> None:
    program = (
        "import os, sys\nfrom restore import _files\n"
        "part, descriptor = _files._create_part(sys.argv[1]); os.write(descriptor, b'half')\n"
        "print(os.path.basename(part), os.listdir(sys.argv[1]))\n"
        "_files.discard_parts(); print(os.listdir(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    first, second = done.stdout.splitlines()
    assert first.split()[0].endswith(".part")
    assert first.split()[0] in first.split(maxsplit=1)[1]
    assert second == "[]"


def test_a_part_file_of_a_killed_run_is_not_in_the_way(tmp_path: Path) -> None:
    from restore import _files

    pid = os.getpid()
    for serial in range(1000):
        (tmp_path / f".restore-{pid}-{serial}.part").touch()
    _files.write_atomically(str(tmp_path / "out.txt"), b"data")
    assert (tmp_path / "out.txt").read_bytes() == b"data"


def test_damaged_models_are_refused(tmp_path: Path) -> None:
    from restore._engine import DEFAULT_MODEL

    whole = Path(DEFAULT_MODEL).read_bytes()
    damaged = {
        "missing": None,
        "empty": b"",
        "foreign": b"x" * 100_000,
        "truncated": whole[: len(whole) // 2],
        "short": whole[:-1],
        "flipped": whole[: len(whole) // 3] + bytes([whole[len(whole) // 3] ^ 4]) + whole[len(whole) // 3 + 1 :],
    }
    for name, data in damaged.items():
        path = tmp_path / name
        if data is not None:
            path.write_bytes(data)
        with pytest.raises(restore.ModelError, match=name):
            restore.Restorer(model=path).load()
    with pytest.raises(restore.ModelError):
        restore.Restorer(model=tmp_path).load()


def test_bad_lexicons_name_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "own.tsv"
    for content, where in (
        (b"fine\tgood\nno tab here\n", "own.tsv:2"),
        (b"\xff\tx\n", "own.tsv:1: not UTF-8"),
        (b"a\tb\n# note\n\nc\td\tmuch\n", "own.tsv:4"),
    ):
        path.write_bytes(content)
        restorer = restore.Restorer(lexicons=[path])
        with pytest.raises(restore.LexiconError, match=where):
            restorer.clean("A text.")
    with pytest.raises(restore.LexiconError, match="Is a directory"):
        restore.Restorer(lexicons=[tmp_path]).load()
    path.write_bytes(b"\xef\xbb\xbf# a byte order mark is fine\r\nfine\tgood\r\n")
    assert restore.Restorer(lexicons=[path]).clean("A text.") == "A text."
