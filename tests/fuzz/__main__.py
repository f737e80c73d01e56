"""`python -m fuzz TARGET [SECONDS]`: feeds one reader, led by the code that each input reaches."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["cst_contracts"]):
    from fuzz.examples import EXAMPLES
    from fuzz.targets import TARGETS, seeds

_SECONDS = 300


def main(target: str, seconds: int) -> None:
    """Ends with the first input that breaks what is true of the target, and prints it. Inputs that reach
    something new are kept in `.fuzz` for the next time."""
    kept = Path(".fuzz", target)
    kept.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        for number, seed in enumerate([*seeds(target), *EXAMPLES[target]]):
            Path(folder, str(number)).write_bytes(seed)
        options = (
            f"-max_total_time={seconds}",
            "-timeout=10",
            "-rss_limit_mb=2048",
            "-max_len=4096",
        )
        atheris.Setup([sys.argv[0], *options, str(kept), folder], TARGETS[target])
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else _SECONDS)
