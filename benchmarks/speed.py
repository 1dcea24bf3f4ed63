"""Speed, start-up and memory as ``restore bench`` measures them, with the seeds (and given files) as texts.

python benchmarks/speed.py [--seconds S] [--json] [FILE...]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from restore._bench import measure, table

SEEDS = Path(__file__).resolve().parent.parent / "seeds"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="more texts to measure with")
    parser.add_argument("--seconds", type=float, default=2.0, help="time for each figure (default 2)")
    parser.add_argument("--json", action="store_true", help="everything as one JSON object")
    options = parser.parse_args()

    def seed(number: str) -> str:
        return next(SEEDS.glob(f"{number}_*.txt")).read_text("utf-8")

    texts = {"clean": seed("000") + seed("001"), "light": seed("002"), "heavy": seed("003")}
    texts |= {path.stem: path.read_text("utf-8") for path in options.files}
    figures = measure(options.seconds, texts)
    print(json.dumps(figures, indent=2) if options.json else table(figures))


if __name__ == "__main__":
    main()
