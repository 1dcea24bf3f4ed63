"""The command line: ``restore clean | inspect | detect | bench``.

Exit codes: 0 all done, 1 some documents failed (each named on standard error, the rest done), 2 the call itself is
wrong and nothing was done, 130 interrupted, 141 the reader of the output went away.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from . import _batch, _report
from ._decode import check_encoding
from ._errors import RestoreError, UsageError
from ._files import discard_parts
from ._parallel import check_jobs
from ._plan import Plan, find, plan_output
from ._restorer import DEFAULT_MIN_CONFIDENCE, DEFAULT_STAGES, Restorer

__all__ = ["main", "run"]

DONE, SOME_FAILED, USAGE, BROKEN_PIPE = 0, 1, 2, 141


def run() -> NoReturn:
    """Run the command line of this process; the entry point of the ``restore`` program."""
    for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(number, _end_by_signal)
    code = main()
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.flush()
    sys.exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line (default: that of the process) and return its exit code.

    Raises:
        SystemExit: argparse refused the arguments (2) or answered ``--help`` or ``--version`` (0).
    """
    options = _parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # file names that are not UTF-8 must not stop a report
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        code = command(options)
        sys.stdout.flush()
    except BrokenPipeError:
        _abandon_stdout()
        return BROKEN_PIPE
    except OSError as error:  # all that is left to fail here is standard output
        _abandon_stdout()
        _report.complain("standard output", error.strerror or str(error))
        return SOME_FAILED
    except RestoreError as error:
        print(f"restore: error: {error}", file=sys.stderr)
        return USAGE
    return code


def _clean(options: argparse.Namespace) -> int:
    plan = find(options.paths)
    plan_output(plan, options.paths, options.output)
    restorer = _restorer(options)
    if options.output is None:
        if options.json:
            raise UsageError("--json would mix with the text on standard output: name an output with -o OUT")
        return _clean_to_stdout(options, plan, restorer)
    tally = _report.Tally()
    _begin(plan)
    tally.failed = len(plan.failed)
    for record in _batch.clean_files(plan.tasks, restorer, options.encoding, options.jobs):
        if record.result is None:
            tally.failed += 1
            _report.complain(record.name, record.failure)
            continue
        tally.add(record.result)
        if options.json:
            fields = record.result.to_dict()
            del fields["text"]
            print(_report.json_line(record.task.source, {"output": record.task.target, **fields}))
    print(tally.line(options.output, len(plan.skipped)), file=sys.stderr)
    return SOME_FAILED if tally.failed else DONE


def _clean_to_stdout(options: argparse.Namespace, plan: Plan, restorer: Restorer) -> int:
    failed = _begin(plan)
    for record in _batch.clean_to_bytes(plan.tasks, restorer, options.encoding, options.jobs):
        if record.result is None:
            failed += 1
            _report.complain(record.name, record.failure)
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(record.result)
            sys.stdout.buffer.flush()
    return SOME_FAILED if failed else DONE


def _inspect(options: argparse.Namespace) -> int:
    plan = find(options.paths)
    restorer = _restorer(options)
    failed = _begin(plan)
    color = _report.wants_color(sys.stdout, refused=options.no_color)
    for record in _batch.inspect_files(plan.tasks, restorer, options.encoding, options.jobs):
        if record.result is None:
            failed += 1
            _report.complain(record.name, record.failure)
        elif options.json:
            print(_report.json_line(record.task.source, record.result.to_dict()))
        else:
            print(_report.inspect_block(record.name, record.result, color=color))
    return SOME_FAILED if failed else DONE


def _detect(options: argparse.Namespace) -> int:
    plan = find(options.paths)
    restorer = _restorer(options)
    failed = _begin(plan)
    if not options.json:
        print(_report.DETECT_HEADER)
    for record in _batch.detect_files(plan.tasks, restorer, options.encoding, options.jobs):
        if record.result is None:
            failed += 1
            _report.complain(record.name, record.failure)
        elif options.json:
            print(_report.json_line(record.task.source, record.result.to_dict()))
        else:
            print(_report.detect_row(record.name, record.result))
    return SOME_FAILED if failed else DONE


def _bench(options: argparse.Namespace) -> int:
    from ._bench import measure, table

    figures = measure(options.seconds)
    if options.json:
        import json

        print(json.dumps(figures, indent=2))
    else:
        print(table(figures))
    return DONE


def _restorer(options: argparse.Namespace) -> Restorer:
    """Make the Restorer that the options ask for, loaded, so that what is wrong with it shows before any document."""
    options.encoding = check_encoding(options.encoding)
    check_jobs(options.jobs)
    stages = [name.strip() for name in options.stages.split(",")]
    return Restorer(stages, options.min_confidence, options.lexicon, options.model).load()


def _begin(plan: Plan) -> int:
    """Name what the plan leaves out; return how many paths failed already."""
    _report.list_skipped(plan.skipped)
    for note in plan.failed:
        _report.complain(note.path, note.reason)
    return len(plan.failed)


def _abandon_stdout() -> None:
    """Let nothing more be written to standard output, not even when the interpreter ends."""
    with contextlib.suppress(OSError, ValueError, io.UnsupportedOperation):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _end_by_signal(number: int, _frame: object) -> NoReturn:
    """End at once, the engine's threads with it, and leave nothing half-written behind."""
    discard_parts()
    with contextlib.suppress(OSError):
        os.write(2, b"restore: interrupted; the documents that were finished are complete\n")
    os._exit(128 + number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="restore",
        description="Give back the words that an article spinner took away.",
        epilog="Exit codes: 0 all done; 1 some documents failed, the rest is done; 2 wrong usage, nothing was done.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    clean = commands.add_parser(
        "clean",
        help="restore documents",
        description="Restore documents: files, folder trees, or - for standard input.",
    )
    _add_common(clean)
    clean.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="where to write: a file for one document, a folder for several (made if need be, relative paths kept); "
        "without it, one document goes to standard output",
    )
    clean.set_defaults(command=_clean)

    inspect = commands.add_parser(
        "inspect", help="show every change", description="Show what would be restored, as a word diff with confidences."
    )
    _add_common(inspect)
    inspect.add_argument("--no-color", action="store_true", help="plain markers even on a terminal (also: NO_COLOR=1)")
    inspect.set_defaults(command=_inspect)

    detect = commands.add_parser(
        "detect", help="tell spun documents from native ones", description="Tell spun documents from native ones."
    )
    _add_common(detect)
    detect.set_defaults(command=_detect)

    bench = commands.add_parser(
        "bench",
        help="measure the speed on this machine",
        description="Measure speed, start-up and memory on this machine, beside the peers that are installed "
        "(pip install 'restore-text[bench]').",
    )
    bench.add_argument("--seconds", type=float, default=2.0, metavar="S", help="time for each figure (default 2)")
    bench.add_argument("--json", action="store_true", help="everything as one JSON object")
    bench.set_defaults(command=_bench)
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="file, folder or - for standard input")
    parser.add_argument(
        "--stages",
        default=",".join(DEFAULT_STAGES),
        metavar="NAMES",
        help="stages to run, separated by commas (default %(default)s)",
    )
    parser.add_argument(
        "--min-confidence",
        type=float,
        default=DEFAULT_MIN_CONFIDENCE,
        metavar="P",
        help="probability, 0 to 1, that a change needs to be made (default %(default)s)",
    )
    parser.add_argument(
        "--lexicon",
        action="append",
        default=[],
        metavar="TSV",
        help="user lexicon of spun<TAB>original[|original...][<TAB>weight] lines; may be repeated, later ones win",
    )
    parser.add_argument("--model", metavar="FILE", help="another model file than the one that ships with the package")
    parser.add_argument(
        "--encoding",
        default="utf-8",
        metavar="NAME",
        help="encoding of the documents, kept in the output (default utf-8)",
    )
    parser.add_argument(
        "--jobs",
        type=int,
        default=_processors(),
        metavar="N",
        help="documents to work on at once (default: one a processor, here %(default)s); never changes the results",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a document and line on standard output")


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Version(argparse.Action):
    """Looks the version up only when asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_arguments: object) -> NoReturn:
        from . import __version__

        print(f"restore {__version__}")
        parser.exit()
