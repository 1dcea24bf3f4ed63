#!/usr/bin/env python3
"""Compares restore's language model with KenLM on the same text, in one run.

Four questions, each answered by both on the same tokenized training and held-out text, with the same vocabulary:

* the estimate: perplexity of the unpruned model of one order (KenLM's lmplz: Heafield et al. 2013);
* the pruned estimate: perplexity with the same count thresholds;
* speed: word-by-word queries per second, one thread, on the pruned models (KenLM: the probing hash table, with its own
  benchmark program), over the same stream of word ids, by the clock, best of several runs taken in turn;
* size: bytes of both files.

    python benchmarks/lm/compare.py --train 'corpus/train/*.xz' --heldout 'corpus/heldout/*.xz' --kenlm DIR --work DIR

DIR of --kenlm holds `lmplz`, `build_binary`, `query` and `kenlm_benchmark`; README.md beside this file says how to
build them from the source distribution on PyPI. Words that the vocabulary lacks are written <rare> for KenLM and are
<unk> for restore, a word like any other in both. Files in --work are reused, so that a run that was cut short goes on.
"""

from __future__ import annotations

import argparse
import glob
import json
import re
import subprocess
import sys
import time
from pathlib import Path


def run(command: list[object], **options) -> subprocess.CompletedProcess:
    words = [str(word) for word in command]
    print("+", " ".join(words[:8]), "..." if len(words) > 8 else "", file=sys.stderr, flush=True)
    return subprocess.run(words, check=True, **options)


def made(path: Path, command: list[object], *, stdin: Path | None = None, to_stdout: bool = False) -> float | None:
    """Runs the command unless its output is there; the seconds it took."""
    if path.exists():
        return None
    start = time.monotonic()
    partial = path.with_name(path.name + ".partial")
    command = [partial if word == "OUT" else word for word in command]
    source = stdin.open("rb") if stdin else None
    if to_stdout:
        with partial.open("wb") as sink:
            run(command, stdin=source, stdout=sink)
    else:
        run(command, stdin=source)
    partial.rename(path)
    return time.monotonic() - start


def our_perplexity(restore_lm: Path, model: Path, files: list[str]) -> tuple[float, int]:
    out = run([restore_lm, "perplexity", "--model", model, *files], capture_output=True, text=True).stdout
    last = out.strip().splitlines()[-1].split()
    return float(last[0]), int(last[2])


def kenlm_perplexity(query: Path, model: Path, text: Path) -> tuple[float, int]:
    with text.open("rb") as source:
        out = run([query, "-v", "summary", model], stdin=source, capture_output=True, text=True).stdout
    perplexity = re.search(r"Perplexity including OOVs:\s*(\S+)", out)
    tokens = re.search(r"Tokens:\s*(\d+)", out)
    if not perplexity or not tokens:
        raise SystemExit(f"cannot read the output of {query}: {out!r}")
    return float(perplexity[1]), int(tokens[1])


def our_speed(restore_lm: Path, model: Path, text: Path) -> float:
    out = run([restore_lm, "speed", "--runs", 1, "--model", model, text], capture_output=True, text=True).stdout
    return float(out.split()[0])


def kenlm_speed(program: Path, model: Path, ids: Path) -> float:
    with ids.open("rb") as source:
        out = run([program, "-q", "-t", 1, "-m", model], stdin=source, capture_output=True, text=True).stdout
    found = re.search(r"Queries per second excluding load, CPU: \S+ Wall: (\S+)", out)
    if not found:
        raise SystemExit(f"cannot read the output of {program}: {out!r}")
    return float(found[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", required=True, help="glob of training files")
    parser.add_argument("--heldout", required=True, help="glob of held-out files")
    parser.add_argument("--kenlm", required=True, type=Path, help="folder with KenLM's programs")
    parser.add_argument("--work", required=True, type=Path, help="folder for models and texts (tens of GB)")
    parser.add_argument("--restore-lm", type=Path, default=Path("target/release/restore-lm"))
    parser.add_argument("--order", type=int, default=4)
    parser.add_argument("--min-count", type=int, default=4)
    parser.add_argument("--prune", default="0,0,1,2", help="count thresholds by order")
    parser.add_argument("--memory", default="5G", help="for lmplz's sorting")
    parser.add_argument("--speed-runs", type=int, default=7)
    parser.add_argument("--shipped", type=Path, help="also measure this model file")
    args = parser.parse_args()

    train, heldout = sorted(glob.glob(args.train)), sorted(glob.glob(args.heldout))
    if not train or not heldout:
        parser.error("no text files match")
    args.work.mkdir(parents=True, exist_ok=True)
    work, ours = args.work, args.restore_lm
    report: dict[str, object] = {"order": args.order, "min_count": args.min_count}
    seconds: dict[str, float | None] = {}

    common = ["train", "--order", args.order, "--min-count", args.min_count, "--out", "OUT"]
    kinds = {"unpruned": [], "pruned": ["--prune", args.prune]}
    for kind, options in kinds.items():
        model = work / f"ours-{kind}.bin"
        seconds[f"restore {kind}"] = made(model, [ours, *common, *options, *train])
    vocabulary = work / "ours-pruned.bin"
    texts = {"train": train, "heldout": heldout}
    for name, files in texts.items():
        made(work / f"{name}.txt", [ours, "text", "--model", vocabulary, *files], to_stdout=True)

    lmplz = [args.kenlm / "lmplz", "-o", args.order, "-S", args.memory, "-T", work / "tmp-", "--arpa", "OUT"]
    for kind, options in kinds.items():
        binary = work / f"kenlm-{kind}.probing"
        if not binary.exists():
            arpa = work / f"kenlm-{kind}.arpa"
            thresholds = ["--prune", *args.prune.split(",")[: args.order]] if options else []
            seconds[f"lmplz {kind}"] = made(arpa, [*lmplz, *thresholds], stdin=work / "train.txt")
            made(binary, [args.kenlm / "build_binary", "-S", args.memory, "-T", work / "tmp-", "probing", arpa, "OUT"])
            arpa.unlink()

    text = work / "heldout.txt"
    for kind in kinds:
        our, our_tokens = our_perplexity(ours, work / f"ours-{kind}.bin", heldout)
        their, their_tokens = kenlm_perplexity(args.kenlm / "query", work / f"kenlm-{kind}.probing", text)
        if our_tokens != their_tokens:
            raise SystemExit(f"not the same text: {our_tokens} and {their_tokens} words")
        files = (work / f"ours-{kind}.bin", work / f"kenlm-{kind}.probing")
        sizes = [file.stat().st_size for file in files]
        report[kind] = {
            "words": our_tokens,
            "restore": our,
            "kenlm": their,
            "ratio": round(our / their, 4),
            "restore_bytes": sizes[0],
            "kenlm_bytes": sizes[1],
        }

    speeds: dict[str, list[float]] = {}
    models = {"restore pruned": work / "ours-pruned.bin"}
    if args.shipped:
        models["restore shipped"] = args.shipped
        report["shipped"] = {"restore": our_perplexity(ours, args.shipped, heldout)[0]}
    ids = work / "heldout.ids"
    probing = work / "kenlm-pruned.probing"
    made(ids, [args.kenlm / "kenlm_benchmark", "-v", "-m", probing], stdin=text, to_stdout=True)
    for _ in range(args.speed_runs):
        for name, model in models.items():
            speeds.setdefault(name, []).append(our_speed(ours, model, text))
        speeds.setdefault("kenlm pruned", []).append(kenlm_speed(args.kenlm / "kenlm_benchmark", probing, ids))
    report["queries_per_second"] = {name: round(max(values)) for name, values in speeds.items()}
    report["training_seconds"] = {name: round(value) for name, value in seconds.items() if value is not None}
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
