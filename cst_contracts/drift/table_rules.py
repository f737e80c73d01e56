"""The rules about tables, their order and partitions, and about views and sessions."""

from collections.abc import Iterator

from cst_contracts.drift.rule import ChangeKind, Compatibility, Rule

_BREAKS, _FINE, _UNSEEN = Compatibility
_K = ChangeKind


def table_rules() -> Iterator[Rule]:
    yield Rule(
        "table-renamed",
        _K.FIELDS,
        _BREAKS,
        _BREAKS,
        "A table or a session has another name.",
        "Queries name it.",
        "table: orders → all_orders",
    )
    yield Rule(
        "contract-added",
        _K.PROMISES,
        _FINE,
        _FINE,
        "A contract came for what nobody had promised anything about.",
        "Nobody leaned on promises that were not made.",
        "orders: promised from now on",
    )
    yield Rule(
        "contract-removed",
        _K.PROMISES,
        _BREAKS,
        _FINE,
        "A contract went, and with it all of its promises.",
        "Readers lean on promises that nobody makes or checks any more.",
        "orders: promised no more",
    )
    yield Rule(
        "partitioning-changed",
        _K.PARTITIONING,
        _BREAKS,
        _BREAKS,
        "The table is partitioned by other fields.",
        "Files of before lie in other folders, and readers that prune by partition read all or nothing.",
        "partitioned by: nothing → day",
    )
    yield Rule(
        "ordering-extended",
        _K.ORDERING,
        _FINE,
        _BREAKS,
        "The sort order has more terms at its end.",
        "Rows in the longer order are in the shorter one, too; files of before are not in the longer.",
        "ordered by: a asc nulls last → a asc nulls last, b asc nulls last",
    )
    yield Rule(
        "ordering-shortened",
        _K.ORDERING,
        _BREAKS,
        _FINE,
        "The sort order lost terms at its end.",
        "A merge or a window that leans on the lost terms reads rows in another order, in silence.",
        "ordered by: a asc nulls last, b asc nulls last → a asc nulls last",
    )
    yield Rule(
        "ordering-changed",
        _K.ORDERING,
        _BREAKS,
        _BREAKS,
        "The sort order is another one.",
        "A merge or a window that leans on the order reads rows in another one, in silence.",
        "ordered by: a asc nulls last → b asc nulls last",
    )


def view_rules() -> Iterator[Rule]:
    yield Rule(
        "view-added",
        _K.VIEWS,
        _FINE,
        _FINE,
        "A view came.",
        "Nobody reads it, yet.",
        "view open_orders: absent → present",
    )
    yield Rule(
        "view-removed",
        _K.VIEWS,
        _BREAKS,
        _FINE,
        "A view went.",
        "A query that names it fails.",
        "view open_orders: present → absent",
    )
    yield Rule(
        "view-definition-changed",
        _K.VIEWS,
        _BREAKS,
        _FINE,
        "A view is defined otherwise by its contract.",
        "Nothing tells that it gives the same rows.",
        "view open_orders: SELECT id FROM orders → SELECT id FROM orders WHERE total > 0",
    )
    yield Rule(
        "plan-changed",
        _K.VIEWS,
        _BREAKS,
        _FINE,
        "The engine plans a view or a query otherwise.",
        "Where nothing else is known, the rows may be others. Where its contract still defines the view as "
        "before, `cst-contracts diff` takes it for another spelling (plan-respelled).",
        "view open_orders: plan Filter: total > 0 → Filter: total >= 0",
    )
    yield Rule(
        "plan-respelled",
        _K.VIEWS,
        _FINE,
        _FINE,
        "The engine plans a view otherwise that its contract defines as before.",
        "Another version of the engine or another field of the table is planned in other words.",
        "view open_orders: plan Filter: total > 0 → Filter: total > Int64(0)",
    )
    yield Rule(
        "stored-or-view",
        _K.VIEWS,
        _FINE,
        _FINE,
        "A table became a view, or a view a stored table.",
        "Queries read both alike.",
        "plan absent → present",
    )
    yield Rule(
        "calls-changed",
        _K.VIEWS,
        _FINE,
        _FINE,
        "A view calls other functions than before.",
        "What it gives is said by its plan and its fields.",
        "view open_orders: calls nothing → lower",
    )


def session_rules() -> Iterator[Rule]:
    for noun, kind in (("function", "function"), ("signature", "overload of a function")):
        yield Rule(
            f"{noun}-added",
            _K.FUNCTIONS,
            _FINE,
            _BREAKS,
            f"A {kind} came.",
            "Queries of before do not call it; queries that call it fail in a session of before.",
            f"scalar function lower: {'absent → present' if noun == 'function' else 'gained (Utf8) → Utf8'}",
        )
        yield Rule(
            f"{noun}-removed",
            _K.FUNCTIONS,
            _BREAKS,
            _FINE,
            f"A {kind} went.",
            "A query that calls it fails.",
            f"scalar function lower: {'present → absent' if noun == 'function' else 'lost (Utf8) → Utf8'}",
        )
    yield Rule(
        "function-kind-changed",
        _K.FUNCTIONS,
        _BREAKS,
        _BREAKS,
        "A function is of another kind: scalar, aggregate, window or table.",
        "It is called in another way.",
        "function first: aggregate → window",
    )
    yield Rule(
        "function-returns-changed",
        _K.FUNCTIONS,
        _BREAKS,
        _BREAKS,
        "A function returns another type for the same arguments.",
        "The fields of a view that calls it change their types.",
        "scalar function length: (Utf8) returns Int32 → Int64",
    )
    yield Rule(
        "function-made-deterministic",
        _K.FUNCTIONS,
        _FINE,
        _FINE,
        "A function gives the same for the same arguments now.",
        "Nobody could lean on the opposite.",
        "scalar function now: volatile → deterministic",
    )
    yield Rule(
        "function-made-volatile",
        _K.FUNCTIONS,
        _BREAKS,
        _FINE,
        "A function does not give the same for the same arguments any more.",
        "The engine calls it once a row, and a query that ran twice may give two results.",
        "scalar function now: deterministic → volatile",
    )
    yield Rule(
        "function-shadowed",
        _K.FUNCTIONS,
        _BREAKS,
        _BREAKS,
        "Another function stands under the name of one of the engine's own, or does not any more.",
        "The same query calls another function.",
        "function lower: the engine's own → another in its place",
    )
    yield Rule(
        "setting-changed",
        _K.SETTINGS,
        _BREAKS,
        _BREAKS,
        "A setting changed that says what SQL means, which names resolve, or what a file yields.",
        "The same query may give something else.",
        'setting datafusion.sql_parser.dialect: "generic" → "mysql"',
    )
    yield Rule(
        "setting-tuned",
        _K.SETTINGS,
        _FINE,
        _FINE,
        "A setting changed that says how fast or with how much memory a query runs.",
        "Results are the same.",
        'setting datafusion.execution.batch_size: "8192" → "4096"',
    )
    yield Rule(
        "setting-of-display-changed",
        _K.SETTINGS,
        _UNSEEN,
        _UNSEEN,
        "A setting changed that says how results and plans are printed.",
        "No query sees it.",
        'setting datafusion.format.null: "" → "NULL"',
    )
