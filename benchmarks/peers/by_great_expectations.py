"""great-expectations over a view in DuckDB, which is faster than over pandas."""

import sys
import tempfile
from pathlib import Path

import agreed
import duckdb
import great_expectations as gx
import great_expectations.execution_engine.sqlalchemy_execution_engine as engine
import great_expectations.expectations as gxe


class _Dialect(str):
    """great-expectations gives a connection back before it has fetched, and DuckDB then forgets the rows."""

    value = "duckdb"


engine._PERSISTED_CONNECTION_DIALECTS += (_Dialect("duckdb"),)

TYPES = dict.fromkeys(agreed.TEXTS, "String") | dict.fromkeys(agreed.WHOLES, "BigInteger")
EXPECTATIONS = [
    gxe.ExpectTableColumnsToMatchOrderedList(column_list=list(agreed.FIELDS)),
    *(gxe.ExpectColumnValuesToBeOfType(column=name, type_=type_) for name, type_ in TYPES.items()),
    *(gxe.ExpectColumnValuesToNotBeNull(column=name) for name in agreed.REQUIRED),
    gxe.ExpectColumnValuesToBeUnique(column="ref_id"),
    gxe.ExpectColumnValuesToBeInSet(column="expr_ctx", value_set=list(agreed.CONTEXTS)),
    gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A="bend", column_B="bstart"),
]
KINDS = {
    "expect_table_columns_to_match_ordered_list": agreed.MISSING_FIELD,
    "expect_column_values_to_be_of_type": agreed.WRONG_TYPE,
    "expect_column_values_to_not_be_null": agreed.NULLS,
    "expect_column_values_to_be_unique": agreed.DUPLICATES,
    "expect_column_values_to_be_in_set": agreed.OUTSIDE,
    "expect_column_pair_values_a_to_be_greater_than_b": agreed.BACKWARDS,
}


def validated(database: Path) -> gx.core.ExpectationSuiteValidationResult:
    files = [str(file) for file in sorted(Path(sys.argv[1]).glob("*.parquet"))]
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"CREATE VIEW cst_refs AS SELECT * FROM read_parquet({files})")
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_sql("lake", connection_string=f"duckdb:///{database}")
    asset = source.add_table_asset("cst_refs", table_name="cst_refs")
    suite = context.suites.add(gx.ExpectationSuite(name="cst_refs", expectations=EXPECTATIONS))
    definition = gx.ValidationDefinition(
        name="cst_refs", data=asset.add_batch_definition_whole_table("all"), suite=suite
    )
    return context.validation_definitions.add(definition).run(result_format="SUMMARY")


with tempfile.TemporaryDirectory() as folder:
    results = validated(Path(folder) / "lake.duckdb").results
found: dict[str, int] = {}
for each in results:
    if not each.success:
        print(each.expectation_config.type, each.expectation_config.kwargs, each.result)
        kind = KINDS[each.expectation_config.type]
        found[kind] = found.get(kind, 0) + (each.result or {}).get("unexpected_count", 1)
agreed.end({agreed.MISSING_FIELD: 1} if agreed.MISSING_FIELD in found else found)
