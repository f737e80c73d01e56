"""The manual is built without a warning, and its reference has all that the sources say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from documents import ROOT, blocks_in, blocks_of, printed_alike
from markdown_it import MarkdownIt

from cst_contracts.checks.codes import FindingCode
from cst_contracts.contract.grammar import RECORDS
from cst_contracts.contract.parse import parse_contract
from cst_contracts.contract.presets import PRESETS

_PRINTS = re.compile(
    r"Where this page is not built[:,] `(cst-contracts|pytest|sphinx-build) [^`]*`"
)
EXAMPLES = ROOT / "docs" / "_generate" / "examples"


@pytest.fixture(scope="session")
def manual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built manual. A link that leads nowhere is a warning, and a warning an error."""
    built = tmp_path_factory.mktemp("manual") / "html"
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-E"]
    command += ["-d", str(built.parent / "doctrees"), str(ROOT / "docs"), str(built)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, run.stderr
    return built


def page(manual: Path, name: str) -> str:
    return (manual / f"{name}.html").read_text(encoding="utf-8")


def test_every_clause_of_the_language_has_a_section(manual: Path) -> None:
    text = page(manual, "reference/contracts")
    for name, record in RECORDS.items():
        assert f'id="clause-{name.replace("_", "-")}"' in text
        for key in record.keys:
            assert f'<span class="pre">{key}</span>' in text, f"{name}: {key}"


def test_every_finding_code_has_a_section(manual: Path) -> None:
    text = page(manual, "reference/codes")
    assert [code for code in FindingCode if f'id="code-{code}"' not in text] == []


def test_every_preset_has_a_section(manual: Path) -> None:
    text = page(manual, "reference/presets")
    assert [name for name in PRESETS if f'id="preset-{name}"' not in text] == []


@pytest.mark.parametrize(
    "name", sorted(each.name for each in (ROOT / "docs/reference").glob("*.md"))
)
def test_a_part_that_is_written_when_the_manual_is_built_says_what_prints_it_before(
    name: str,
) -> None:
    """Whoever reads the page in a checkout sees a comment in the part's place, or nothing."""
    lines = (ROOT / "docs/reference" / name).read_text(encoding="utf-8").splitlines()
    asked = [at for at, line in enumerate(lines) if line.startswith("<!-- generated: ")]
    silent = [lines[at] for at in asked if not _PRINTS.match(lines[at - 2])]
    assert silent == []


@pytest.mark.parametrize("name", RECORDS)
def test_the_example_of_a_clause_is_a_contract_that_has_all_of_its_keys(name: str) -> None:
    texts = (EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8").split("---\n")
    for text in texts:
        parse_contract(text.encode(), f"{name}.yaml")
    missing = [key for key in RECORDS[name].keys if not any(f"{key}:" in text for text in texts)]
    assert missing == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_a_page_outside_of_the_manual_links_to_what_exists(name: str) -> None:
    tokens = MarkdownIt().parse((ROOT / name).read_text(encoding="utf-8"))
    links = [
        str(child.attrs["href"])
        for token in tokens
        for child in token.children or ()
        if child.type == "link_open"
    ]
    local = [link.partition("#")[0] for link in links if "://" not in link]
    assert [link for link in local if not (ROOT / link).exists()] == []


def test_the_readme_is_a_page() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120
    (commands,) = [
        block for block in blocks_in(ROOT / "README.md") if block.words == "two-commands"
    ]
    assert len(commands.text.splitlines()) == 2


def test_a_block_of_a_page_is_found_with_its_place_and_its_words() -> None:
    text = "# A page\n\n```console exit=1\n$ false\n```\n\n```{toctree}\nother\n```\n"
    (block,) = blocks_of(text, "page.md")
    assert (block.place, block.language, block.status) == ("page.md:3", "console", 1)


def test_every_test_that_the_eight_scopes_name_exists() -> None:
    text = (ROOT / "docs" / "explanation" / "scopes.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", text))
    tests = (ROOT / "tests").rglob("test_*.py")
    written = {
        name
        for file in tests
        for name in re.findall(r"^def (test_\w+)\(", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(named) > 60
    assert sorted(named - written) == []


@pytest.mark.parametrize(
    ("page", "output", "alike"),
    [
        ("a\n", "a\n", True),
        ("a\n", "b\n", False),
        ("a\n…\nz\n", "a\nb\nc\nz\n", True),
        ("a\n…\n", "b\nc\n", False),
        ("a…\n", "abc\n", False),
        ("== 1 passed in 0.10s ==\n", "=== 1 passed in 12.34s ===\n", True),
        ("== 1 passed in 0.10s ==\n", "== 2 passed in 0.10s ==\n", False),
    ],
)
def test_what_is_printed_is_held_against_the_page(page: str, output: str, alike: bool) -> None:  # noqa: FBT001
    assert printed_alike(page, output) is alike
