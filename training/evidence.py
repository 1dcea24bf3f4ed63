"""Count what annotated spun documents teach: which pairs a spinner printed, and which words it left alone.

    python training/evidence.py GOLD_DIR LEXICON_DIR [--pairs PAIRS.jsonl:FAMILY]

reads `GOLD_DIR/*.gold.txt` (marks `[[spun=>original|second]]`) with `GOLD_DIR/FAMILIES.tsv`, and the originals that the
lexicon sources in LEXICON_DIR list, and, with --pairs, spun copies beside their originals (`{"id", "spun", "original"}` a line), aligned
word by word; writes `evidence.tsv` and `exposure.tsv` there. Both keep the document of every
count, so that cross-validation can leave documents and families out.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path

MARK = re.compile(r"\[\[(.*?)=>(.*?)\]\]", re.S)
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[^\w\s]|_")
CLITIC = re.compile(r"^(.+)('(?:s|re|ve|ll|d|m))$", re.I)
LONGEST = 6
BEST_SHARE = 0.6  # of a mark with several accepted originals, the first one's


def words(text: str) -> list[str]:
    """Lower-case tokens of `text`, clitics cut off, as the engine cuts them."""
    out: list[str] = []
    for token in WORD.findall(text.replace("\u2019", "'").lower()):
        clitic = CLITIC.match(token)
        out.extend(clitic.groups() if clitic else [token])
    return out


def fold(form: str) -> str:
    """Lower case but for acronyms ("USS Harry" -> "USS harry")."""
    form = " ".join(form.replace("\u2019", "'").split())
    return " ".join(w if len(w) > 1 and w.isupper() else w.lower() for w in form.split(" "))


def pairs(spun: str, originals: str) -> list[tuple[str, str, float]]:
    """The weighted pairs of one mark."""
    known = [a.strip() for a in originals.split("|")]
    total = 0.5 if "=" in known else 1.0
    known = [a for a in known if a not in ("=", "?", "") and "\\n" not in a]
    source = fold(spun)
    out = []
    for rank, original in enumerate(known):
        share = 1.0 if len(known) == 1 else BEST_SHARE if rank == 0 else (1 - BEST_SHARE) / (len(known) - 1)
        target = fold(original)
        glued = re.search(r"[a-z][A-Z]", spun)
        plain = all(re.fullmatch(r"[\w' .%/-]+", form) for form in (source, target))
        if plain and not glued and target.lower() != source and max(len(words(source)), len(words(target))) <= LONGEST:
            out.append((source.lower(), target, total * share))
    return out


def aligned(spun: str, original: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Pairs of replaced stretches, and the stretches that stayed, of a spun copy and its original.

    A spinner replaces in place, so between equal stretches the words stand in the same order: a block of as many words on both sides
    is read word by word, a short uneven one as a phrase, a long uneven one says too little and is left out.
    """
    a, b = words(spun), words(original)
    replaced: list[tuple[str, str]] = []
    stayed: list[str] = []
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            stayed.append(" ".join(a[a1:a2]))
        elif tag == "replace" and a2 - a1 == b2 - b1 <= 4:
            replaced.extend(zip(a[a1:a2], b[b1:b2], strict=True))
        elif tag == "replace" and max(a2 - a1, b2 - b1) <= 3:
            replaced.append((" ".join(a[a1:a2]), " ".join(b[b1:b2])))
    letters = re.compile(r"[a-z][a-z '-]*")
    return [(s, o) for s, o in replaced if letters.fullmatch(s) and letters.fullmatch(o)], stayed


def listed_originals(directory: Path) -> set[str]:
    """The originals that the hand-written sources list, lower case."""
    out: set[str] = set()
    for path in sorted(directory.glob("*.tsv")):
        text = path.read_text("utf-8")
        if "#! direction: original" in text:
            out.update(line.split("\t")[0].lower() for line in text.splitlines() if line and not line.startswith("#"))
        elif "#! direction: spun" in text:
            for line in text.splitlines():
                if line and not line.startswith("#"):
                    out.update(re.sub(r"[\^~].*", "", alt).lower() for alt in line.split("\t")[1].split("|"))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("lexicon", type=Path)
    parser.add_argument("--pairs", help="FILE:FAMILY")
    arguments = parser.parse_args()
    table = (arguments.gold / "FAMILIES.tsv").read_text("utf-8").splitlines()[1:]
    family = {row.split("\t")[0]: row.split("\t")[1] for row in table}
    evidence: Counter[tuple[str, str, str, str]] = Counter()
    texts: dict[str, str] = {}
    for path in sorted(arguments.gold.glob("*.gold.txt")):
        document = path.name.removesuffix(".gold.txt")
        gold = path.read_text("utf-8")
        for spun, originals in MARK.findall(gold):
            for source, target, weight in pairs(spun, originals):
                evidence[source, target, family[document], document] += weight  # type: ignore[assignment]
        texts[document] = MARK.sub(" \x00 ", gold)
    if arguments.pairs:
        file, _, letter = arguments.pairs.rpartition(":")
        for row in map(json.loads, Path(file).read_text("utf-8").splitlines()):
            replaced, stayed = aligned(row["spun"], row["original"])
            family[row["id"]] = letter
            texts[row["id"]] = "\x00".join(stayed)
            for source, target in replaced:
                evidence[source, target, letter, row["id"]] += 1
    originals = listed_originals(arguments.lexicon) | {original.lower() for _, original, _, _ in evidence}
    exposure: Counter[tuple[str, str, str]] = Counter()
    for document, text in texts.items():
        for stretch in text.split("\x00"):
            tokens = words(stretch)
            for length in range(1, 5):
                for at in range(len(tokens) - length + 1):
                    phrase = " ".join(tokens[at : at + length]).replace(" '", "'").replace(" - ", "-")
                    if phrase in originals:
                        exposure[phrase, family[document], document] += 1
    origin = "#! origin: counted in annotated spun documents by training/evidence.py\n#! licence: MIT\n"
    lines = sorted(f"{s}\t{o}\t{n:g}\t{f}\t{d}" for (s, o, f, d), n in evidence.items())
    head = f"#! name: evidence\n#! direction: evidence\n{origin}"
    (arguments.lexicon / "evidence.tsv").write_text(head + "\n".join(lines) + "\n", "utf-8")
    lines = sorted(f"{w}\t{n}\t{f}\t{d}" for (w, f, d), n in exposure.items())
    head = f"#! name: exposure\n#! direction: exposure\n{origin}"
    (arguments.lexicon / "exposure.tsv").write_text(head + "\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
