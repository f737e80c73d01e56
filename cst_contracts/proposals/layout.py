"""An outline to the text of a contract file, laid out as people write them."""

from collections.abc import Iterable, Iterator

from cst_contracts.contract.wording import printable
from cst_contracts.facts import SortTerm
from cst_contracts.proposals.outline import (
    FieldLine,
    KeyLine,
    LimitLine,
    Outline,
    ReferenceLine,
    SourceLine,
)
from cst_contracts.proposals.scalars import flow_list, scalar

#: A mapping that is longer than this stands on lines of its own.
_LONGEST_LINE = 110
_MODELINE = "# yaml-language-server: $schema="


def contract_text(outline: Outline, schema: str) -> str:
    """`schema` is where the contract's editor finds the language's JSON Schema."""
    blocks = [
        [
            f"{_MODELINE}{schema}",
            *(f"# {printable(note)}" for note in outline.notes),
            f"table: {scalar(outline.table)}",
            "version: 1.0.0",
        ],
        [] if outline.source is None else list(_source(outline.source)),
        [] if outline.nullability is None else [f"nullability: {outline.nullability}"],
        ["fields:", *_fields(outline.fields)],
        list(_rows(outline)),
        [f"functions: {flow_list(outline.functions)}"] if outline.functions else [],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def field_block(line: FieldLine, indent: str) -> list[str]:
    """The lines of one entry of `fields`."""
    pairs = list(_pairs(line))
    flow = f"{indent}- {_flow(pairs)}"
    if not line.fields and not line.limits and len(flow) <= _LONGEST_LINE:
        return [_commented(flow, line.evidence)]
    inner = f"{indent}  "
    block = [f"{inner}{key}: {value}" for key, value in pairs]
    block[0] = f"{indent}- {block[0].strip()}"
    at = next((n for n, (key, _) in enumerate(pairs) if key == "nullable"), 0)
    block[at] = _commented(block[at], line.evidence)
    block += (f"{inner}{text}" for limit in line.limits for text in limit_texts(limit))
    if line.fields:
        block.append(f"{inner}fields:")
        block += (each for child in line.fields for each in field_block(child, f"{inner}  "))
    return block


def limit_texts(limit: LimitLine) -> list[str]:
    """The lines of a limit, with what it rests on behind the first."""
    (key, value), *more = limit.pairs
    return [
        _commented(f"{key}: {value}", limit.evidence),
        *(f"{key}: {value}" for key, value in more),
    ]


def key_text(key: KeyLine) -> str:
    return flow_list(key.fields)


def reference_text(reference: ReferenceLine) -> str:
    return _flow(
        [
            ("fields", flow_list(reference.fields)),
            ("table", scalar(reference.table)),
            ("to", flow_list(reference.to)),
        ]
    )


def field_text(line: FieldLine) -> str:
    """One entry of a list in brackets: without comments, and with its children in its type."""
    return _flow(_pairs(line))


def _pairs(line: FieldLine) -> Iterator[tuple[str, str]]:
    """The keys of a field but `fields`, and their values as YAML."""
    yield "name", scalar(line.name)
    yield "type", scalar(line.type)
    if not line.nullable:
        yield "nullable", "false"
    if line.nullability is not None:
        yield "nullability", line.nullability.value
    if line.allow_empty:
        yield "allow_empty", "true"
    if line.metadata:
        yield "metadata", _flow((scalar(key), scalar(value)) for key, value in line.metadata)
    if line.description:
        yield "description", scalar(line.description)


def _fields(fields: Iterable[FieldLine]) -> Iterator[str]:
    """Between fields that take more than a line, and around them, stands an empty one."""
    before: FieldLine | None = None
    for line in fields:
        if before is not None and (line.fields or before.fields):
            yield ""
        yield from field_block(line, "  ")
        before = line


def _source(source: SourceLine) -> Iterator[str]:
    pairs = list(_source_pairs(source))
    if len(pairs) <= 2:
        yield f"source: {_flow((key, value) for key, value, _ in pairs)}"
        return
    yield "source:"
    for key, value, evidence in pairs:
        yield _commented(f"  {key}: {value}", evidence)


def _source_pairs(source: SourceLine) -> Iterator[tuple[str, str, str]]:
    """Keys, their values as YAML, and what each rests on."""
    yield "format", source.format, ""
    if source.location is not None:
        yield "location", scalar(source.location), ""
    if source.delimiter is not None:
        yield "options", _flow([("delimiter", scalar(source.delimiter))]), ""
    if source.partitioned_by:
        yield "partitioned_by", flow_list(source.partitioned_by), ""
    if source.ordered_by:
        yield "ordered_by", f"[{', '.join(map(_term, source.ordered_by))}]", source.order_evidence
    if source.allow_empty:
        yield "allow_empty", "true", "there is no row"
    if source.missing_allowed:
        yield "missing_in_files", "allow", source.missing_evidence
    if source.ignore:
        yield "ignore", flow_list(source.ignore), "nobody reads them"


def _term(term: SortTerm) -> str:
    if not term.descending and not term.nulls_first:
        return scalar(term.field)
    direction = [("direction", "desc")] if term.descending else []
    nulls = [("nulls", "first")] if term.nulls_first else []
    return _flow([("field", scalar(term.field)), *direction, *nulls])


def _rows(outline: Outline) -> Iterator[str]:
    if outline.keys:
        yield "keys:"
        yield from (_commented(f"  - {key_text(each)}", each.evidence) for each in outline.keys)
    if outline.references:
        yield "references:"
    for each in outline.references:
        yield _commented(f"  - {reference_text(each)}", each.evidence)


def _flow(pairs: Iterable[tuple[str, str]]) -> str:
    return f"{{{', '.join(f'{key}: {value}' for key, value in pairs)}}}"


def _commented(line: str, evidence: str) -> str:
    return f"{line}  # {printable(evidence)}" if evidence else line
