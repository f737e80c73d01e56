"""`python -m benchmarks.extract_oracle`: the standard library, or the folders that are named."""

import argparse
import random
import sys
import sysconfig
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.extract_oracle.comparing import compared
from benchmarks.extract_oracle.source import Difference
from cst_contracts.extract.sources import files_below

_SHOWN = 5
_PACKAGES = "site-packages"  # lies in the folder of the standard library, and is none of it


def main() -> int:
    """Exit status 1 where rows and Python differ."""
    options = _parser().parse_args()
    warnings.simplefilter("ignore")  # of the source that is compiled
    counts: Counter[str] = Counter()
    files = _chosen(options.folders, options.files, options.seed)
    for number, file in enumerate(files, start=1):
        for difference in _of_file(file, options.seed):
            counts[difference.kind] += 1
            if counts[difference.kind] <= _SHOWN:
                print(f"{difference.kind}: {difference}", flush=True)
        sys.stderr.write(f"\r{number} of {len(files)} files")
    print(
        f"\n{len(files)} files: "
        + (", ".join(f"{n} {kind}" for kind, n in counts.items()) or "all agree")
    )
    return 1 if counts else 0


def _of_file(file: Path, seed: int) -> Iterator[Difference]:
    yield from compared(file.as_posix().lstrip("/"), file.read_bytes(), seed)


def _chosen(folders: list[Path], count: int | None, seed: int) -> list[Path]:
    found = (file for folder in folders for file in files_below(folder))
    files = sorted(file for file in found if _PACKAGES not in file.parts)
    if count is None or count >= len(files):
        return files
    return sorted(random.Random(seed).sample(files, count))  # noqa: S311  # a choice, no secret


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.extract_oracle")
    parser.add_argument(
        "folders", nargs="*", type=Path, default=[Path(sysconfig.get_path("stdlib"))]
    )
    parser.add_argument("--files", type=int, help="how many, chosen by the seed (default: all)")
    parser.add_argument("--seed", type=int, default=0)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
