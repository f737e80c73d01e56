"""The rules about schemas: fields, their types, nulls and metadata."""

from cst_contracts.drift.rule import ChangeKind, Compatibility, Rule

_BREAKS, _FINE, _UNSEEN = Compatibility
_K = ChangeKind


SCHEMA_RULES: tuple[Rule, ...] = (
    Rule(
        "field-added",
        _K.FIELDS,
        _FINE,
        _FINE,
        "A field or a nested field came that may hold nulls.",
        "Readers do not ask for it, and in files that lack it, it is null.",
        "orders.channel: absent → string",
    ),
    Rule(
        "required-field-added",
        _K.FIELDS,
        _FINE,
        _BREAKS,
        "A field or a nested field came that may not hold nulls.",
        "Files that were written before lack it, and null is not allowed in its place.",
        "channel: absent → string not null",
    ),
    Rule(
        "field-removed",
        _K.FIELDS,
        _BREAKS,
        _FINE,
        "A field or a nested field went.",
        "A query that names it fails: No field named total.",
        "total: decimal128(10, 2) → absent",
    ),
    Rule(
        "map-field-added",
        _K.FIELDS,
        _BREAKS,
        _BREAKS,
        "A field came below a map.",
        "DataFusion 55 fills in what a struct in a list lacks, but not what one in a map lacks: it cannot "
        "cast the map, and fails whichever way round the files are read.",
        "attrs{}.value.origin: absent → string",
    ),
    Rule(
        "map-field-removed",
        _K.FIELDS,
        _BREAKS,
        _BREAKS,
        "A field went below a map.",
        "DataFusion 55 cannot cast a map whose structs have other fields, and fails whichever way round "
        "the files are read.",
        "attrs{}.value.origin: string → absent",
    ),
    Rule(
        "field-renamed",
        _K.FIELDS,
        _BREAKS,
        _BREAKS,
        "A field went, and beside it one of the same type came that is called much like it.",
        "Engines find fields by name: readers of before find none, and in files of before the new name "
        "is not found. That it is a new name and not another field is a guess by likeness.",
        "order_id: renamed orderid",
    ),
    Rule(
        "field-moved",
        _K.FIELDS,
        _BREAKS,
        _BREAKS,
        "A field stands at another place among its neighbours.",
        "Who reads by position (UNION, INSERT without names, CSV) gets another field's values and no error. "
        "With `field_order: any` in the contract, nothing is told.",
        "total: moved, after status → first",
    ),
    Rule(
        "type-widened",
        _K.TYPES,
        _BREAKS,
        _FINE,
        "A type became one that holds all of its values, and more.",
        "The engine reads old files as the new type. Readers of before have no room for the values that the "
        "new type was made for: DataFusion 55 says Can't cast value to type Int32.",
        "quantity: int32 → int64",
    ),
    Rule(
        "type-narrowed",
        _K.TYPES,
        _BREAKS,
        _BREAKS,
        "A type became one that holds fewer values.",
        "Old values may not fit. Readers of before compute in the narrower type: the sum of two int32 "
        "wraps around in silence where that of two int64 did not.",
        "quantity: int64 → int32",
    ),
    Rule(
        "type-changed",
        _K.TYPES,
        _BREAKS,
        _BREAKS,
        "A type became another one, or one kind of container another.",
        "Neither type holds all values of the other: reading fails, rounds or means something else.",
        "total: decimal128(10, 2) → double",
    ),
    Rule(
        "nullability-loosened",
        _K.NULLABILITY,
        _BREAKS,
        _FINE,
        "A field or a nested field may hold nulls now.",
        "A reader who was promised none fails on the first, or drops its row in a join.",
        "customer_id: not null → nullable",
    ),
    Rule(
        "nullability-tightened",
        _K.NULLABILITY,
        _FINE,
        _BREAKS,
        "A field or a nested field may not hold nulls any more.",
        "Readers are safe; the nulls that were written before break the new promise.",
        "customer_id: nullable → not null",
    ),
    Rule(
        "metadata-changed",
        _K.METADATA,
        _UNSEEN,
        _UNSEEN,
        "Metadata of the schema or of a field changed.",
        "No query sees it.",
        'the schema: metadata owner: "a" → "b"',
    ),
    Rule(
        "extension-changed",
        _K.METADATA,
        _BREAKS,
        _BREAKS,
        "The metadata that names an extension type changed.",
        "An extension type is stored as metadata: another name there is another type.",
        'id: metadata ARROW:extension:name: "arrow.uuid" → absent',
    ),
    Rule(
        "engine-type-changed",
        _K.METADATA,
        _UNSEEN,
        _UNSEEN,
        "The engine has another word for a type that counts as the same.",
        "Engines exchange these types in passing, by version and by setting.",
        "status: as the engine calls it Utf8 → Utf8View",
    ),
)
