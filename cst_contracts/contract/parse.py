"""The text of a contract file to its contract, with every problem of the file at once."""

from msgspec.structs import replace

from cst_contracts.contract.fields import build_fields
from cst_contracts.contract.forms import Form
from cst_contracts.contract.functions import build_functions
from cst_contracts.contract.grammar import RECORDS, SESSION, TABLE
from cst_contracts.contract.model import (
    CatalogContract,
    CatalogTable,
    Contract,
    ExtraFields,
    FieldOrder,
    NullabilityMode,
    SessionContract,
    SettingContract,
    SourceFormat,
    TableContract,
)
from cst_contracts.contract.names import promised, refuse_repeats
from cst_contracts.contract.nodes import Mapping, Node, Scalar, read_nodes
from cst_contracts.contract.promises import (
    build_keys,
    build_references,
    build_rules,
    build_waivers,
    refuse_unenforceable,
)
from cst_contracts.contract.reading import Problems, read_record
from cst_contracts.contract.sources import build_partitions, build_source, refuse_contradictions
from cst_contracts.contract.views import build_views
from cst_contracts.contract.wording import nearest, shown
from cst_contracts.errors import InvalidContract, Problem

_KINDS = (TABLE, SESSION)


def parse_contract(data: bytes, file: str) -> Contract:
    """`file` is only what places say; raises InvalidContract."""
    document = read_nodes(data, file)
    problems = list(document.problems)
    contract = _contract(document.root, file, problems)
    if problems or contract is None:
        # A node that an alias repeats is wrong once.
        raise InvalidContract(tuple(dict.fromkeys(problems)))
    return contract


def _contract(root: Node, file: str, problems: Problems) -> Contract | None:
    if not isinstance(root, Mapping) or not root.entries:
        what = "this file holds no contract"
        problems.append(Problem(root.place, what, "start it with `table:` or `session:`"))
        return None
    kind = _kind(root, problems)
    if kind is None:
        return None
    others = {key for key in _KINDS if key != kind}
    own = replace(root, entries=tuple(each for each in root.entries if each[0].text not in others))
    form = read_record(own, RECORDS[kind], problems)
    if kind == SESSION:
        return _session_contract(form, file, problems)
    return _table_contract(form, file, problems)


def _kind(root: Mapping, problems: Problems) -> str | None:
    """The first key's; where that tells none, the one that a later key tells."""
    keys = [key for key, _ in root.entries]
    told = [key for key in keys if key.text in _KINDS]
    for extra in told[1:]:
        what = f"`{extra.text}:` in a {told[0].text} contract"
        problems.append(Problem(extra.place, what, "put each contract in a file of its own"))
    first = keys[0]
    if told and told[0] is not first:
        what = f"the first key is {shown(first.text)}"
        problems.append(Problem(first.place, what, f"move `{told[0].text}:` to the top"))
    elif not told:
        meant = nearest(first.text, _KINDS)
        instead = f"did you mean `{meant}`?" if meant else "start with `table:` or `session:`"
        problems.append(Problem(first.place, f"the first key is {shown(first.text)}", instead))
        return meant
    return told[0].text if told else None


def _table_contract(form: Form, file: str, problems: Problems) -> TableContract:
    fields = build_fields(form.forms("fields"), problems)
    partitions = build_partitions(form, problems)
    refuse_contradictions(partitions, fields, problems)
    refuse_unenforceable(form, problems)
    known = promised(
        (field.text("name") for field in form.forms("fields")),
        fields,
        {partition.name: partition.type for partition in partitions},
        form.words(TABLE),
    )
    return TableContract(
        form.words(TABLE),
        file,
        form.place,
        fields,
        form.key_places.get("fields", form.place),
        version=_optional(form.text("version")),
        description=form.words("description"),
        owner=form.words("owner"),
        source=build_source(form, partitions, known, problems),
        nullability=NullabilityMode(form.words("nullability", NullabilityMode.STRICT)),
        extra_fields=ExtraFields(form.words("extra_fields", ExtraFields.FORBID)),
        field_order=FieldOrder(form.words("field_order", FieldOrder.STRICT)),
        keys=build_keys(form, known, problems),
        references=build_references(form, known, problems),
        rules=build_rules(form, problems),
        views=build_views(form, known, problems),
        functions=build_functions(form, problems),
        waivers=build_waivers(form, problems),
    )


def _session_contract(form: Form, file: str, problems: Problems) -> SessionContract:
    return SessionContract(
        form.words(SESSION),
        file,
        form.place,
        version=_optional(form.text("version")),
        description=form.words("description"),
        owner=form.words("owner"),
        preset=_optional(form.text("preset")),
        preset_place=form.key_places.get("preset"),
        settings=tuple(
            SettingContract(name.text, value.text, name.place)
            for name, value in form.pairs("settings")
            if isinstance(value, Scalar)
        ),
        catalog=_catalog(form, problems),
        functions=build_functions(form, problems),
        waivers=build_waivers(form, problems),
    )


def _catalog(session: Form, problems: Problems) -> CatalogContract | None:
    form = session.value("catalog", Form)
    if form is None or (format_ := form.text("format")) is None:
        return None
    tables = form.texts("tables")
    refuse_repeats(tables, "table", problems)
    return CatalogContract(
        form.words("location"),
        SourceFormat(format_.text),
        session.key_places["catalog"],
        tuple(CatalogTable(table.text, table.place) for table in tables),
    )


def _optional(text: Scalar | None) -> str | None:
    return text.text if text else None
