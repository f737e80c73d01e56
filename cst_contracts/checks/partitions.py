"""Is the storage partitioned by the promised field, at its place, with values of its type?"""

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.model import PartitionKept
from cst_contracts.checks.tables import told_skipped, unreadable
from cst_contracts.checks.verdict import Broken, Finding, Kept, Observation, Undecided, Verdict
from cst_contracts.datatypes import print_type, same_type
from cst_contracts.errors import IntrospectionError, OutsideLayout
from cst_contracts.facts import Basis, PartitionFacts, TableFacts


def evaluate_partition(check: PartitionKept, observation: Observation) -> Verdict:
    match observation.table:
        case OutsideLayout(table=check.table) as error:
            return Broken((_outside(check, error.cause),), Basis.SCHEMA)
        case IntrospectionError() as error:
            return unreadable(check.place, check.table, error)
        case TableFacts(partitions=None):
            finding = _finding(
                check,
                FindingCode.NOT_CHECKABLE,
                "partitions that can be looked at",
                "the session does not tell how the table is stored",
                "give the table a `source` with a location",
            )
            return Undecided(finding)
        case TableFacts() as facts:
            return _evaluate(check, facts)
        case None:
            raise AssertionError(f"{check.id} was evaluated without an observation")


def _finding(
    check: PartitionKept, code: FindingCode, promised: str, observed: str, hint: str = ""
) -> Finding:
    return Finding(
        code, check.place, f"{check.table}.{check.partition.name}", promised, observed, hint
    )


def _evaluate(check: PartitionKept, facts: TableFacts) -> Verdict:
    partitions = facts.partitions or ()
    names = tuple(partition.name for partition in partitions)
    name = check.partition.name
    if name not in names:
        finding = _finding(
            check,
            FindingCode.PARTITION_MISSING,
            f"partitioned by {', '.join(check.promised)}",
            f"partitioned by {', '.join(names)}" if names else "not partitioned",
        )
        return Broken((finding,), Basis.SCHEMA)
    skipped = () if not facts.skipped else (_outside(check, told_skipped(facts.skipped)),)
    findings = (
        *skipped,
        *_position(check, names),
        *_values(check, partitions[names.index(name)], hive=name in facts.hive_partitions),
    )
    return Broken(findings, Basis.SCHEMA) if findings else Kept(Basis.SCHEMA)


def _outside(check: PartitionKept, observed: str) -> Finding:
    return _finding(
        check,
        FindingCode.PARTITION_LAYOUT,
        f"every file under {''.join(f'{name}=…/' for name in check.promised)}",
        observed,
        "move the files into the layout, or out of the table's folder",
    )


def _position(check: PartitionKept, names: tuple[str, ...]) -> tuple[Finding, ...]:
    if names.index(check.partition.name) == check.promised.index(check.partition.name):
        return ()
    promised, observed = f"by {', '.join(check.promised)}", f"by {', '.join(names)}"
    return (_finding(check, FindingCode.PARTITION_POSITION, promised, observed),)


def _values(check: PartitionKept, observed: PartitionFacts, *, hive: bool) -> tuple[Finding, ...]:
    promised = check.partition.type or observed.wanted
    if observed.unparsed:
        shown = ", ".join(repr(value) for value in observed.unparsed[:3])
        more = f" and {len(observed.unparsed) - 3} more" if len(observed.unparsed) > 3 else ""
        wanted = "text" if promised is None else print_type(promised)
        return (
            _finding(
                check,
                FindingCode.PARTITION_VALUE,
                f"values of {wanted}",
                f"{shown}{more}",
                "a hive null (`__HIVE_DEFAULT_PARTITION__`) reads as that very text",
            ),
        )
    if promised is not None and observed.refusal is not None:
        wanted = f"values of {print_type(promised)}"
        return (_finding(check, FindingCode.PARTITION_VALUE, wanted, observed.refusal),)
    # A folder's name has no type of its own: what counts is how the engine takes a declared one up.
    type_ = observed.declared if hive else observed.type
    if promised is None or type_ is None or same_type(promised, type_):
        return ()
    sides = print_type(promised), print_type(type_)
    return (_finding(check, FindingCode.PARTITION_TYPE, *sides),)
