"""Lets `python -m cst_contracts` do what `cst-contracts` does."""

import sys

from cst_contracts.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
