"""`python -m benchmarks.data FOLDER NAME...`: makes lakes, and leaves those that are there."""

import argparse
import time
from pathlib import Path

from benchmarks.data.lakes import KINDS, ready


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.data",
        description=__doc__,
        epilog=f"names:\n{KINDS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="+", metavar="NAME")
    arguments = parser.parse_args()
    for name in arguments.names:
        started = time.monotonic()
        lake = ready(arguments.folder.resolve(), name)
        print(f"{lake}: {time.monotonic() - started:.1f} s", flush=True)


main()
