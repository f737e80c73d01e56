"""What is run: this project, and those that it is compared with, each as one command."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
OURS = "cst_contracts"
BEST = "best script"
PYTEST = "empty pytest run"
FOOTERS = "pyarrow footers"
EMPTY_TESTS = "empty test functions"
SCRIPTS = ("polars", "duckdb", "datafusion")
FRAMEWORKS = (
    "soda",
    "pandera",
    "dataframely",
    "pointblank",
    "great-expectations",
    "datacontract-cli",
)

_SCRIPT_AND_ENVIRONMENT = {
    BEST: ("by_the_best_script.py", "hand"),
    FOOTERS: ("by_footers.py", "hand"),
    "polars": ("by_polars.py", "hand"),
    "duckdb": ("by_duckdb.py", "hand"),
    "datafusion": ("by_datafusion.py", "hand"),
    "soda": ("by_soda.py", "soda"),
    "pandera": ("by_pandera.py", "pandera"),
    "dataframely": ("by_dataframely.py", "dataframely"),
    "pointblank": ("by_pointblank.py", "pointblank"),
    "great-expectations": ("by_great_expectations.py", "great-expectations"),
    "datacontract-cli": ("by_datacontract.py", "datacontract-cli"),
}
_NO_TELEMETRY = {
    "DATACONTRACT_TELEMETRY": "false",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "OTEL_SDK_DISABLED": "true",
    "SODA_CORE_TELEMETRY_ENABLED": "false",
}


@dataclass(frozen=True)
class Places:
    """Folders that the user names: lakes, virtual environments, and what a tool leaves behind."""

    data: Path
    environments: Path
    scratch: Path

    def python(self, environment: str) -> Path:
        return self.environments / environment / "bin" / "python"


@dataclass(frozen=True)
class Command:
    """`renewed` is a data file that counts as new in each run, by its time; `kept` is a folder that a run
    leaves to the next one."""

    name: str
    arguments: tuple[str, ...]
    folder: Path = HERE
    settings: Mapping[str, str] = field(default_factory=lambda: _NO_TELEMETRY)
    exit_codes: frozenset[int] = frozenset({0})
    renewed: Path | None = None
    kept: Path | None = None


def ours(places: Places, project: str, lake: str, *flags: str, name: str = OURS) -> Command:
    """A whole pytest process. `project` is a folder here, or one that was made with the lake."""
    arguments = ("-m", "pytest", "contracts", "--cst-lake", str(places.data / lake), *flags)
    folder = HERE / "projects" / project
    return Command(name, (str(places.python("cst-contracts")), *arguments), folder)


def peer(places: Places, name: str, folder: str, *more: str) -> Command:
    """A script in its own environment; `folder` holds the Parquet files, below the lakes."""
    script, environment = _SCRIPT_AND_ENVIRONMENT[name]
    arguments = (str(HERE / "peers" / script), str(places.data / folder), *more)
    return Command(name, (str(places.python(environment)), *arguments))


def pytest_alone(places: Places, name: str, folder: Path, *exit_codes: int) -> Command:
    """Without plugins, this project's among them."""
    return Command(
        name,
        (str(places.python("cst-contracts")), "-m", "pytest"),
        folder,
        {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        frozenset(exit_codes or {0}),
    )


def dbt_build(places: Places, project: Path) -> Command:
    target = str(places.scratch / "dbt")
    folders = ("--project-dir", str(project), "--profiles-dir", str(project))
    written = ("--target-path", target, "--log-path", target)
    dbt = str(places.environments / "dbt" / "bin" / "dbt")
    options = ("--quiet", "build", "--no-partial-parse")
    return Command("dbt", (dbt, *options, *folders, *written))
