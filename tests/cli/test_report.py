"""`report`, from the manifests of runs to the files of reports."""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support.promises import manifest, promise, red

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.main import main
from cst_contracts.report.manifest import manifest_text

KEPT = promise("contracts/t.yaml", "t", "nulls[a]", line=3)


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the manifests of an earlier run that kept all, and of one that did not."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.json").write_text(manifest_text(manifest(KEPT)))
    (tmp_path / "new.json").write_text(manifest_text(manifest(red("a"), red("b"))))
    return tmp_path


def test_reports_are_made_of_a_manifest_alone(runs: Path) -> None:
    made = [
        "--html",
        "out/page.html",
        "--report",
        "sarif=out/s.sarif",
        "--results",
        "out/r.parquet",
    ]
    assert main(["report", "new.json", *made]) == ExitCode.KEPT

    assert "2 of 2 promises fail" in (runs / "out/page.html").read_text(encoding="utf-8")
    sarif = json.loads((runs / "out/s.sarif").read_bytes())
    assert len(sarif["runs"][0]["results"]) == 2
    assert pq.read_table(runs / "out/r.parquet").num_rows == 2


def test_the_page_says_what_moved_since_an_earlier_run(runs: Path) -> None:
    assert (
        main(["report", "new.json", "--against", "old.json", "--html", "p.html"]) == ExitCode.KEPT
    )

    page = (runs / "p.html").read_text(encoding="utf-8")
    assert '"runs":[["run 1",' in page
    assert '"was":"kept"' in page


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"manifest_version": 2}', "bad.json: manifest_version: expected 1, found 2"),
        ('{"manifest_version": 1}', "bad.json"),
        ("{", "bad.json"),
        ("[]", "bad.json"),
    ],
)
@pytest.mark.parametrize("as_what", ["manifest", "against"])
def test_a_manifest_that_is_none_is_told_and_nothing_is_written(
    runs: Path, text: str, told: str, as_what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (runs / "bad.json").write_text(text)
    named = ["bad.json"] if as_what == "manifest" else ["new.json", "--against", "bad.json"]

    assert main(["report", *named, "--html", "p.html"]) == ExitCode.NOT_RUN

    assert told in capsys.readouterr().err
    assert not (runs / "p.html").exists()


@pytest.mark.usefixtures("runs")
def test_a_place_that_is_none_is_told_with_where_it_stands(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = (runs / "new.json").read_text().replace("contracts/t.yaml:3:5", "somewhere")
    (runs / "bad.json").write_text(broken)

    assert main(["report", "bad.json", "--html", "p.html"]) == ExitCode.NOT_RUN

    assert "promises[0]" in capsys.readouterr().err


@pytest.mark.usefixtures("runs")
def test_nothing_to_make_and_a_report_that_there_is_not_are_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["report", "new.json"]) == ExitCode.NOT_RUN
    assert "name what to make" in capsys.readouterr().err
    assert main(["report", "new.json", "--report", "pdf=x"]) == ExitCode.NOT_RUN
    assert "there is no report 'pdf'" in capsys.readouterr().err


@pytest.mark.parametrize("asked", [["--html", "p.html"], ["--report", "html=p.html"]])
def test_a_page_without_its_extra_is_refused_with_the_line_that_installs_it(
    runs: Path, asked: list[str]
) -> None:
    """As in an environment without jinja2: Python finds no module where None stands for it."""
    code = (
        "import sys; sys.modules['jinja2'] = None\n"
        "from cst_contracts.cli.main import main\n"
        f"sys.exit(main(['report', 'new.json', *{asked!r}]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=runs, capture_output=True, text=True, check=False
    )

    assert run.returncode == ExitCode.NOT_RUN
    assert "the report html needs jinja2: pip install 'cst-contracts[html]'" in run.stderr
    assert not (runs / "p.html").exists()
