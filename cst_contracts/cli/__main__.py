"""`python -m cst_contracts.cli`, which is `python -m cst_contracts`."""

from cst_contracts.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
