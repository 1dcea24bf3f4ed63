"""What there is to do: which documents a command line means, and where each one's result goes.

Everything that can be known to be wrong before the first document is read is found here, so that a run either begins
with a sound plan or does nothing.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ._errors import UsageError
from ._files import STDIN

__all__ = ["SUFFIXES", "Note", "Plan", "Task", "find", "plan_output"]

SUFFIXES = frozenset({"", ".txt", ".text", ".md"})
"""Files of a folder that are taken for text, by suffix; a file that is named on the command line always is."""


class Task(NamedTuple):
    """One document to work on."""

    source: str
    """Path of the document, or ``-``."""
    relative: str
    """Its path inside the folder that was named; the file's name for a document that was named itself."""
    root: int
    """Which of the paths on the command line it comes from."""
    target: str | None = None
    """Where the result goes; None for standard output."""


class Note(NamedTuple):
    """Something about a path that the user must hear."""

    path: str
    reason: str


@dataclass(slots=True)
class Plan:
    """The documents that were found, and the files and folders that are left out."""

    tasks: list[Task] = field(default_factory=list)
    skipped: list[Note] = field(default_factory=list)
    failed: list[Note] = field(default_factory=list)


def find(paths: Sequence[str]) -> Plan:
    """Find the documents of a command line: files, folder trees and ``-``, in order, trees sorted by name.

    In a tree, files of other suffixes, hidden files and folders, linked folders (they may lead round in a circle) and
    things that are no files are skipped, each with its reason. A path that does not exist counts as failed.
    """
    plan = Plan()
    if sum(path == STDIN for path in paths) > 1:
        raise UsageError("standard input (-) is named twice")
    for root, path in enumerate(paths):
        if path == STDIN:
            plan.tasks.append(Task(STDIN, "stdin.txt", root))
        elif os.path.isdir(path):
            _walk(plan, path, root)
        elif _is_missing(path):
            plan.failed.append(Note(path, "no such file or folder"))
        else:
            plan.tasks.append(Task(path, os.path.basename(path), root))
    return plan


def _is_missing(path: str) -> bool:
    try:
        os.lstat(path)
    except FileNotFoundError:
        return True
    except (OSError, ValueError):  # no right to look, a name that no file can have: reading it will say so
        return False
    return False


def _walk(plan: Plan, top: str, root: int) -> None:
    folders = [top]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            plan.failed.append(Note(folder, f"cannot be listed: {error.strerror or error}"))
            continue
        inner: list[str] = []
        for entry in entries:
            reason = _why_skip(entry)
            if reason:
                plan.skipped.append(Note(entry.path, reason))
            elif entry.is_dir(follow_symlinks=False):
                inner.append(entry.path)
            else:
                plan.tasks.append(Task(entry.path, os.path.relpath(entry.path, top), root))
        folders.extend(reversed(inner))


def _why_skip(entry: os.DirEntry[str]) -> str:
    """Say why an entry of a tree is left out; empty where it is not."""
    if entry.name.startswith("."):
        return "hidden"
    if entry.is_dir(follow_symlinks=False):
        return ""
    suffix = os.path.splitext(entry.name)[1].lower()
    try:
        mode = entry.stat().st_mode
    except OSError:  # a dangling or circular link; reading it will say so
        mode = stat.S_IFREG
    if stat.S_ISDIR(mode):
        return "a link to a folder"
    if not stat.S_ISREG(mode):
        return "not a regular file"
    if suffix not in SUFFIXES:
        return f"not taken for text by its suffix {suffix}"
    return ""


def plan_output(plan: Plan, paths: Sequence[str], output: str | None) -> None:
    """Give every task its target, as ``-o OUTPUT`` asks.

    One file goes to the file (or into the existing folder) that is named, a folder's files go under the output folder
    with their relative paths, and with several paths each folder keeps its own name there, as with ``cp -r``.

    Raises:
        UsageError: the output is missing, is or lies inside an input, or two documents would go to one place.
    """
    trees = [path for path in paths if path != STDIN and os.path.isdir(path)]
    if output is None:
        if trees or len(paths) > 1:
            raise UsageError(f"{'a folder' if trees else 'more than one document'} needs an output folder: -o OUT")
        return
    if not output:
        raise UsageError("the output path is empty")
    into_folder = bool(trees) or len(paths) > 1 or os.path.isdir(output) or output.endswith(os.sep)
    if into_folder and os.path.lexists(output) and not os.path.isdir(output):
        raise UsageError(f"{output}: several documents need an output folder, and this is a file")
    plan.tasks = [task._replace(target=_target(task, paths, output, into_folder)) for task in plan.tasks]
    _refuse_overlap(plan.tasks, trees, output)


def _target(task: Task, paths: Sequence[str], output: str, into_folder: bool) -> str:
    if not into_folder:
        return output
    named = paths[task.root]
    if len(paths) > 1 and task.source != named:
        return os.path.join(output, os.path.basename(os.path.abspath(named)), task.relative)
    return os.path.join(output, task.relative)


def _refuse_overlap(tasks: Sequence[Task], trees: Sequence[str], output: str) -> None:
    roots = [(os.path.realpath(tree), tree) for tree in trees]
    for real, tree in roots:
        if os.path.realpath(output) == real:
            raise UsageError(f"{output}: the output is the input folder itself")
        if _is_inside(os.path.realpath(output), real):
            raise UsageError(f"{output}: the output lies inside the input folder {tree}")
    sources = {os.path.realpath(task.source): task.source for task in tasks if task.source != STDIN}
    taken: dict[str, str] = {}
    for task in tasks:
        assert task.target is not None
        place = os.path.realpath(task.target)
        if place in sources:
            raise UsageError(f"{task.target}: the output is the input {sources[place]}")
        for real, tree in roots:
            if _is_inside(place, real):
                raise UsageError(f"{task.target}: this output lies inside the input folder {tree}")
        if place in taken:
            raise UsageError(f"{task.target}: both {taken[place]} and {task.source} would be written there")
        taken[place] = task.source


def _is_inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
