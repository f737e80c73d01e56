"""Declares the flags and ini keys of the plugin, and reads them once a run."""

import os
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from cst_contracts.gate.addresses import is_cluster
from cst_contracts.gate.memory import parse_size, physical_memory

_LEAST_MEMORY = 64 * 1024**2
_CONTRACTS = "contracts"
_PREFIX = "--cst-"
_LAKE = "--cst-lake"
AGAINST = "--cst-against"
_VERIFY, _PLAN, _PROVE = _SWITCHES = ("--cst-verify-data", "--cst-plan", "--cst-prove")

#: The words of the clause `evolution`, which this module may not load.
EVOLUTIONS = ("backward", "forward", "full", "none", "freeze")

_COUNT = re.compile(r"[0-9]{1,9}")
_WHOLE = re.compile(r"[0-9]{1,12}")
_ANY = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")


class Options(NamedTuple):
    """No Struct: every pytest run of an environment loads this module, whether it has contracts or not.

    `lake` is None where none is configured; a relative one is made absolute. `names_contracts`: the
    folder of contracts is configured, and is not just where they are looked for by default. `given` are the
    flags of this plugin on the command line, without their values; those of `addopts` are not among them.
    `reports` are as they are written, `NAME=FILE`."""

    contracts: Path
    names_contracts: bool
    snapshots: Path
    lake: str | None
    manifest: Path | None
    reports: tuple[str, ...]
    results: Path | None
    against: tuple[Path, ...]
    memory: int
    samples: int
    verify_data: bool
    evolution: str
    plan: bool
    stream_rows: int
    stream_seconds: float
    cluster: str | None
    cluster_seconds: float
    query_seconds: float | None
    proofs: Path | None
    prove: bool
    given: tuple[str, ...]

    @property
    def reported(self) -> bool:
        """Whether a file is wanted that tells everything that the run has seen."""
        return self.manifest is not None or self.results is not None or bool(self.reports)


_OPTIONS = pytest.StashKey[Options]()


def add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("cst_contracts", "schema contracts for LibCST tables")
    group.addoption(
        _LAKE,
        metavar="PATH_OR_URI",
        help="lake root that the contracts' locations are relative to (ini: cst_lake)",
    )
    group.addoption(
        "--cst-manifest",
        metavar="FILE",
        help="write what was promised and observed to FILE, as JSON",
    )
    group.addoption(
        "--cst-report",
        metavar="NAME=FILE",
        action="append",
        default=[],
        help="write a report to FILE: github, gitlab, html, json, markdown, openlineage or sarif; may be "
        "repeated",
    )
    group.addoption(
        "--cst-results",
        metavar="FILE",
        help="write a row a promise to FILE, as Parquet, to be asked in SQL over many runs",
    )
    group.addoption(
        AGAINST,
        metavar="OLD",
        action="append",
        default=[],
        help="manifest of an earlier run: say what moved since, in the summary and in the reports html and "
        "markdown; may be repeated (ini: cst_against)",
    )
    parser.addini(
        "cst_against", "manifests of earlier runs, relative to rootdir", type="paths", default=[]
    )
    group.addoption(
        "--cst-memory",
        metavar="SIZE",
        help="memory that measuring may take before it spills to disk, such as 512MB or 4GB "
        "(ini: cst_memory; default: a quarter of the machine's)",
    )
    group.addoption(
        "--cst-samples",
        metavar="N",
        type=int,
        help="show the first N violating rows of each broken promise, without sensitive fields "
        "(ini: cst_samples; default: where they are, and no values)",
    )
    group.addoption(
        _VERIFY,
        action="store_true",
        help="believe no statistics: read the rows for every promise about values "
        "(ini: cst_verify_data)",
    )
    group.addoption(
        _PLAN,
        action="store_true",
        help="tell how each table's rows were measured, or why none had to be read",
    )
    group.addoption(
        _PROVE,
        action="store_true",
        help="look at no lake: break each selected promise over data of its own, as `cst-contracts prove` "
        "does, and fail where nobody would notice",
    )
    parser.addini("cst_memory", "memory that measuring may take, such as 4GB", default="")
    parser.addini("cst_samples", "violating rows to show of each broken promise", default="0")
    parser.addini("cst_verify_data", "believe no statistics", type="bool", default=False)
    group.addoption(
        "--cst-stream-rows",
        metavar="N",
        help="rows to look at, at most, in an unbounded table (ini: cst_stream_rows)",
    )
    group.addoption(
        "--cst-stream-seconds",
        metavar="SECONDS",
        help="time to wait, at most, for the rows of an unbounded table (ini: cst_stream_seconds)",
    )
    parser.addini(
        "cst_stream_rows", "rows to look at, at most, in an unbounded table", default="100000"
    )
    parser.addini(
        "cst_stream_seconds",
        "time to wait, at most, for the rows of an unbounded table",
        default="10",
    )
    group.addoption(
        "--cst-query-seconds",
        metavar="SECONDS",
        help="time that each query of the engine may take; what takes longer is undecided "
        "(ini: cst_query_seconds; default: no bound)",
    )
    parser.addini("cst_query_seconds", "time that each query of the engine may take", default="")
    group.addoption(
        "--cst-cluster",
        metavar="URL",
        help="Spark Connect server whose workers scan files instead of this machine, as sc://host:port "
        "(ini: cst_cluster)",
    )
    group.addoption(
        "--cst-cluster-seconds",
        metavar="SECONDS",
        help="time that one scan on the cluster may take (ini: cst_cluster_seconds)",
    )
    parser.addini("cst_cluster", "Spark Connect server whose workers scan files", default="")
    parser.addini(
        "cst_cluster_seconds", "time that one scan on the cluster may take", default="3600"
    )
    group.addoption(
        "--cst-proofs",
        metavar="DIR",
        help="keep in DIR what is measured of data files, and measure only what is new (ini: cst_proofs)",
    )
    parser.addini(
        "cst_proofs", "folder of what was measured of data files, relative to rootdir", default=""
    )
    parser.addini("cst_lake", "lake root that the contracts' locations are relative to", default="")
    parser.addini(
        "cst_contracts",
        f"folder of contract files, relative to rootdir ({_CONTRACTS})",
        default=None,
    )
    parser.addini(
        "cst_evolution",
        "which drift of snapshots is told and not red, where a contract says nothing of it: backward, "
        "forward, full, none or freeze",
        default="freeze",
    )
    parser.addini("cst_snapshots", "folder of snapshots, relative to rootdir", default="snapshots")


def is_flag_with_value(argument: str) -> bool:
    """Whether the next argument is its value."""
    return argument.startswith(_PREFIX) and "=" not in argument and argument not in _SWITCHES


def options_of(config: pytest.Config) -> Options:
    """Read once a run. Raises UsageError for a value that is none."""
    found = config.stash.get(_OPTIONS, None)
    if found is None:
        found = config.stash[_OPTIONS] = _read(config)
    return found


def _read(config: pytest.Config) -> Options:
    folder = config.invocation_params.dir
    _refuse_reports_of_proofs(config)
    manifest, results = config.getoption("--cst-manifest"), config.getoption("--cst-results")
    contracts = config.getini("cst_contracts")
    return Options(
        contracts=_folder(config, _CONTRACTS if contracts is None else contracts),
        names_contracts=contracts is not None,
        snapshots=_folder(config, config.getini("cst_snapshots")),
        lake=_lake(config),
        manifest=None if manifest is None else folder / manifest,
        reports=tuple(config.getoption("--cst-report")),
        results=None if results is None else folder / results,
        against=_against(config, folder),
        memory=_memory(config),
        samples=_samples(config),
        verify_data=config.getoption(_VERIFY) or config.getini("cst_verify_data"),
        evolution=_evolution(config),
        plan=config.getoption(_PLAN),
        prove=config.getoption(_PROVE),
        stream_rows=int(_positive(config, "stream-rows", _WHOLE, "a whole number above 0")),
        stream_seconds=float(_positive(config, "stream-seconds", _ANY, "a number above 0")),
        cluster=_cluster(config),
        cluster_seconds=float(_positive(config, "cluster-seconds", _ANY, "a number above 0")),
        query_seconds=_query_seconds(config),
        proofs=_proofs(config),
        given=tuple(
            dict.fromkeys(
                argument.partition("=")[0]
                for argument in map(str, config.invocation_params.args)
                if argument.startswith(_PREFIX)
            )
        ),
    )


def _against(config: pytest.Config, folder: Path) -> tuple[Path, ...]:
    """The flag's manifests are relative to where pytest was started, and in the place of the ini key's."""
    given = [folder / each for each in config.getoption(AGAINST)]
    return tuple(given or config.getini("cst_against"))


def _refuse_reports_of_proofs(config: pytest.Config) -> None:
    """Raises UsageError: a proof looks at no lake, and a manifest without anything observed would be taken
    for one of a run that has looked."""
    written = ("--cst-manifest", "--cst-report", "--cst-results", AGAINST)
    wanted = [flag for flag in written if config.getoption(flag)]
    if wanted and config.getoption(_PROVE):
        raise pytest.UsageError(
            f"{_PROVE} looks at no lake, so that {wanted[0]} has nothing to tell: leave one of them out; "
            "`cst-contracts prove --format json` prints proofs"
        )


def require_contracts(config: pytest.Config) -> None:
    """Raises UsageError where the folder that is configured does not exist: nothing would be collected.

    So it does where the folder of the default name is a link that leads nowhere.
    """
    options = options_of(config)
    if options.contracts.is_dir():
        return
    if options.names_contracts or options.contracts.is_symlink():
        told = f"cst_contracts = {config.getini('cst_contracts') or _CONTRACTS}"
        raise pytest.UsageError(
            f"{told}: there is no folder {options.contracts}; the key is relative to rootdir"
        )


def require_lake(config: pytest.Config) -> None:
    """Raises UsageError where the command line names a lake that is not there: every table would say so.

    An ini key is of runs without contracts, too, on machines without the lake.
    """
    options = options_of(config)
    named = _LAKE in options.given and not config.option.collectonly
    if not named or options.lake is None or "://" in options.lake or "${" in options.lake:
        return
    folder = Path(os.path.normpath(options.lake))
    if not folder.is_dir():
        raise pytest.UsageError(f"{_LAKE}: no such folder: {folder}, the lake root")


def _positive(config: pytest.Config, name: str, pattern: re.Pattern[str], wanted: str) -> str:
    """A flag, or the ini key of the same name."""
    flag, key = f"--cst-{name}", f"cst_{name.replace('-', '_')}"
    given = config.getoption(flag)
    written, value = (key, str(config.getini(key))) if given is None else (flag, str(given))
    if not pattern.fullmatch(value) or float(value) <= 0:
        raise pytest.UsageError(f"{written} is {value!r}; write {wanted}")
    return value


def _query_seconds(config: pytest.Config) -> float | None:
    if config.getoption("--cst-query-seconds") is None and not config.getini("cst_query_seconds"):
        return None
    return float(_positive(config, "query-seconds", _ANY, "a number above 0"))


def _folder(config: pytest.Config, folder: object) -> Path:
    """Without `..`, as pytest names the files in it."""
    return Path(os.path.normpath(config.rootpath / str(folder)))


def _lake(config: pytest.Config) -> str | None:
    """A flag is relative to where pytest was started, an ini key to rootdir."""
    flag, key = config.getoption(_LAKE), str(config.getini("cst_lake"))
    root, folder = (flag, config.invocation_params.dir) if flag else (key, config.rootpath)
    if not root:
        return None
    return root if "://" in root else str(folder / root)


def _proofs(config: pytest.Config) -> Path | None:
    """A flag is relative to where pytest was started."""
    flag, key = config.getoption("--cst-proofs"), str(config.getini("cst_proofs"))
    if flag:
        return Path(os.path.normpath(config.invocation_params.dir / flag))
    return _folder(config, key) if key else None


def _cluster(config: pytest.Config) -> str | None:
    """The value is not repeated where it is wrong: a token may stand in it."""
    flag = config.getoption("--cst-cluster")
    address = str(flag or config.getini("cst_cluster"))
    if not address:
        return None
    if not is_cluster(address):
        written = "--cst-cluster" if flag else "cst_cluster"
        raise pytest.UsageError(
            f"{written} is no address of a Spark Connect server; write sc://host:port"
        )
    return address


def _evolution(config: pytest.Config) -> str:
    word = str(config.getini("cst_evolution"))
    if word not in EVOLUTIONS:
        known = ", ".join(EVOLUTIONS)
        raise pytest.UsageError(f"cst_evolution is {word!r}; write one of {known}")
    return word


def _samples(config: pytest.Config) -> int:
    flag = config.getoption("--cst-samples")
    written, told = (
        ("cst_samples", str(config.getini("cst_samples")))
        if flag is None
        else ("--cst-samples", str(flag))
    )
    if not _COUNT.fullmatch(told):
        raise pytest.UsageError(f"{written}: {told} is no number of rows")
    return int(told)


def _memory(config: pytest.Config) -> int:
    told = config.getoption("--cst-memory") or str(config.getini("cst_memory"))
    if not told:
        return physical_memory() // 4
    size = parse_size(told)
    if size is None:
        raise pytest.UsageError(
            f"--cst-memory: {told!r} is no size; write a whole number and a unit, as in 512MB or 4GB"
        )
    if size < _LEAST_MEMORY:
        raise pytest.UsageError(
            f"--cst-memory: {told} is too little to read a table; take 64MB at least"
        )
    return size
