"""`docs`: pages for contracts with all that they say, and for a run with all that it found."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sphinx.cmd.build import build_main

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.main import main

ORDERS = """table: shop.orders
version: 1.2.0
description: One row per order, or | so.
owner: sales
source: {format: parquet, location: orders.parquet, partitioned_by: [], ordered_by: [id]}
evolution: freeze
fields:
  - {name: id, type: int64, nullable: false, metadata: {semantic: OrderId},
     description: "Number of the order_"}
  - {name: customer, type: int64, max_nulls: 10%}
  - {name: mail, type: string, sensitive: true, enum: [hush@x.org, psst@x.org]}
  - {name: state, type: string, enum: [open, shipped], severity: warn}
  - name: items
    type: list<struct>
    nullable: false
    fields:
      - {name: sku, type: string, pattern: "^[a|b]"}
      - {name: tags, type: list<string>, elements: {min_length: 1}}
keys: [{fields: [id], at_most: 1}]
references: [{fields: [customer], table: customers, to: [id]}, {fields: [state], table: states, to: [state]}]
rules:
  - {name: no_test, sql: "mail <> 'hush@x.org'"}
  - {name: positive, sql: id > 0}
aggregates: [{name: enough, sql: count(*) > 1, per: [state]}]
consumers: [{name: billing, owner: finance, reads: [id]}, {name: everybody}]
views:
  - name: open_orders
    sql: "SELECT id FROM shop.orders WHERE mail = 'hush@x.org'"
    fields: [{name: id, type: int64}]
functions: [unnest]
waivers: [{check: "rule[positive]", reason: soon, owner: sales, expires: 2099-01-31}]
"""
CUSTOMERS = """table: customers
source: {format: parquet, location: customers.parquet}
fields: [{name: id, type: int64, nullable: false}]
"""
SESSION = """session: shop-session
settings: {datafusion.sql_parser.dialect: generic}
functions: [unnest]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contracts").mkdir()
    for name, text in (("orders", ORDERS), ("customers", CUSTOMERS), ("session", SESSION)):
        (tmp_path / f"contracts/{name}.yaml").write_text(text)
    return tmp_path


def page(project: Path, name: str = "shop_orders") -> str:
    return (project / f"dictionary/{name}.md").read_text(encoding="utf-8")


def test_all_that_contracts_say(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["docs", "--title", "The shop"]) == ExitCode.KEPT

    assert capsys.readouterr().out == (
        "wrote dictionary/index.md\nwrote dictionary/customers.md\n"
        "wrote dictionary/shop-session.md\nwrote dictionary/shop_orders.md\n"
    )
    assert page(project) == EXPECTED
    assert (
        "| [shop.orders](shop_orders.md) | One row per order, or \\| so. | sales | 1.2.0 |\n"
        in (page(project, "index"))
    )
    assert "| `datafusion.sql_parser.dialect` | `generic` |\n" in page(project, "shop-session")


EXPECTED = r"""<!-- written by `cst-contracts docs`; edits are lost -->

# shop.orders

One row per order, or \| so.

- version 1.2.0
- owner: sales
- contract: `contracts/orders.yaml`
- stored as parquet, `orders.parquet`
- ordered by `id`
- evolution: no change is accepted unseen

## Fields

| field | type | null | meaning | values |
| --- | --- | --- | --- | --- |
| `id` | `int64` | not null | Number of the order\_ | `semantic: OrderId` |
| `customer` | `int64` |  |  | at most 10% null |
| `mail` | `string` |  |  | one of 2 values; sensitive: values are never shown |
| `state` | `string` |  |  | `one of 'open', 'shipped'`; only warns |
| `items` | `list<struct>` | not null |  |  |
| `items[].sku` | `string` |  |  | `matches ^[a\|b]` |
| `items[].tags` | `list<string>` |  |  |  |
| `items[].tags[]` | `string` |  |  | `at least 1 character` |

## Promises about rows

| promise | it says |
| --- | --- |
| `unique[id]` | `id` unique; at most 1 may break it |
| `reference[customer→customers.id]` | `customer` found in `id` of [customers](customers.md) |
| `reference[state→states.state]` | `state` found in `state` of `states` |
| `rule[no_test]` | a condition on `mail`, not shown: it is sensitive |
| `rule[positive]` | `id > 0` |
| `aggregate[enough]` | `count(*) > 1` per `state` |

## View open\_orders

Made as a query of the contract.

| field | type | null | meaning | values |
| --- | --- | --- | --- | --- |
| `id` | `int64` |  |  |  |

## Who reads it

| consumer | owner | reads |
| --- | --- | --- |
| billing | finance | `id` |
| everybody |  | all |

## Functions

`unnest`

## Waivers

| of | reason | owner | holds until |
| --- | --- | --- | --- |
| `rule[positive]` | soon | sales | 2099-01-31 |
"""


def test_what_a_run_found(project: Path) -> None:
    rows = {
        "id": [1, 1, 1],
        "customer": [7, 7, 7],
        "mail": ["leak@x.org"] * 3,
        "state": ["lost"] * 3,
    }
    items = pa.array([[{"sku": "z", "tags": ["x"]}]] * 3)
    pq.write_table(pa.table({**rows, "items": items}), project / "orders.parquet")
    pq.write_table(pa.table({"id": [1]}), project / "customers.parquet")
    main(["check", "contracts/orders.yaml", "--manifest", "run.json", "--samples", "3"])

    assert main(["docs", "--manifest", "run.json"]) == ExitCode.KEPT

    text = page(project)
    assert "- 3 rows when it was looked at\n" in text
    assert " broken, " in text
    assert "`enum[mail]` **broken** `value-not-listed` (3) |" in text
    assert "| at most 10% null | kept |" in text
    assert "`pattern[items[].sku]` **broken** `pattern-not-found` (3) |" in text
    assert "| `rule[positive]` | `id > 0` | " in text
    assert "`unique[id]` **broken** `duplicate-keys` (2) |" in text
    assert "Made as a query of the contract. Found: " in text
    assert "## Found not to be so\n" in text
    assert "not looked at" in page(project, "customers")
    written = "".join(each.read_text() for each in (project / "dictionary").iterdir())
    assert not any(each in written for each in ("leak", "hush", "psst"))


@pytest.mark.filterwarnings("ignore:.*MystReferenceResolver")
def test_the_manuals_generator_takes_the_pages(project: Path) -> None:
    main(["docs", "--output", "manual/data"])
    (project / "manual/conf.py").write_text("extensions = ['myst_parser']\nnitpicky = True\n")
    (project / "manual/index.md").write_text("# Manual\n\n```{toctree}\ndata/index\n```\n")

    assert build_main(["-W", "-q", str(project / "manual"), str(project / "built")]) == 0

    html = (project / "built/data/shop_orders.html").read_text()
    assert "^[a|b]" in html
    assert 'href="customers.html"' in html


def test_check_writes_nothing_and_pages_of_contracts_that_are_gone_go(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["docs", "--check"]) == ExitCode.BROKEN
    assert not (project / "dictionary").exists()
    main(["docs"])
    (project / "dictionary/own.md").write_text("mine")
    (project / "contracts/customers.yaml").unlink()
    capsys.readouterr()

    assert main(["docs", "--check"]) == ExitCode.BROKEN
    assert capsys.readouterr().out == (
        "would write dictionary/index.md\nwould write dictionary/shop_orders.md\n"
        "would take away dictionary/customers.md\n"
    )
    assert main(["docs"]) == ExitCode.KEPT
    assert sorted(each.name for each in (project / "dictionary").iterdir()) == [
        *("index.md", "own.md", "shop-session.md", "shop_orders.md")
    ]
    capsys.readouterr()
    assert main(["docs", "--check"]) == ExitCode.KEPT
    assert capsys.readouterr().out == "dictionary says what the contracts say\n"


def test_tables_that_are_called_alike_have_pages_of_their_own(project: Path) -> None:
    for number, name in enumerate(('"shop orders"', '"shop-orders"', "Index", "shop_orders")):
        text = f"table: {name}\nfields: [{{name: id, type: int64}}]\n"
        (project / f"contracts/{number}.yaml").write_text(text)

    main(["docs"])

    names = {each.name.casefold() for each in (project / "dictionary").iterdir()}
    assert {
        "shop_orders.md",
        "shop_orders_2.md",
        "shop_orders_3.md",
        "index.md",
        "index_2.md",
    } < names


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["gone"], ExitCode.NOT_RUN, "gone: there is no such file or folder of contracts"),
        (["empty"], ExitCode.NOT_RUN, "there is no contract in empty"),
        (["bad.yaml"], ExitCode.ILL_FORMED, "bad.yaml:"),
        (["--manifest", "gone.json"], ExitCode.NOT_RUN, "gone.json: could not be read"),
        (["--manifest", "bad.yaml"], ExitCode.NOT_RUN, "bad.yaml"),
        (["--output", "taken"], ExitCode.NOT_RUN, "index.md: it was not written by this command"),
        (["--output", "bad.yaml"], ExitCode.NOT_RUN, "is a file"),
    ],
)
def test_what_cannot_be_done_is_told(
    arguments: list[str],
    status: ExitCode,
    told: str,
    project: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for folder in ("empty", "taken"):
        (project / folder).mkdir()
    (project / "taken/index.md").write_text("# My own page\n")
    (project / "bad.yaml").write_text("table: t\nfields: []\n")

    assert main(["docs", *arguments]) == status

    assert told in capsys.readouterr().err
    assert not (project / "dictionary").exists()
    assert [each.name for each in (project / "taken").iterdir()] == ["index.md"]
