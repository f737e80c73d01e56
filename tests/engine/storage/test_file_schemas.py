"""How the schemas of data files are compared with one another."""

import pyarrow as pa

from cst_contracts.engine.storage.file_schemas import compared, grouped

WIDE = [pa.field(name, pa.int64()) for name in "abcd"]


def test_most_files_are_those_of_one_shape_whatever_metadata_each_has() -> None:
    noted = [
        pa.schema([field.with_metadata({"written": str(number)}) for field in WIDE])
        for number in range(3)
    ]
    odd = pa.schema([pa.field("a", pa.string())])
    schemas = [*noted, odd, odd]
    files = [(f"{number}.parquet", schema) for number, schema in enumerate(schemas)]

    facts = compared(grouped(files), pa.schema(WIDE))

    assert facts.strangers == ("3.parquet", "4.parquet")
    assert [each.files for each in facts.adapted["a"]] == [("3.parquet", "4.parquet")]
    assert [each.key for each in facts.metadata["a"]] == ["written"]
    assert [len(files) for _, files in facts.metadata["a"][0].values] == [1, 1, 1, 2]
