"""datacontract-cli as a library, which spares it its terminal output; a second argument is a folder of many
contracts instead."""

import re
import sys
from pathlib import Path

import agreed
from datacontract.data_contract import DataContract

if len(sys.argv) > 2:
    outcomes = {
        str(DataContract(data_contract_file=str(contract), server="local").test().result.value)
        for contract in sorted(Path(sys.argv[2]).glob("*.yaml"))
    }
    sys.exit(0 if outcomes <= {"passed", "warning"} else 1)

template = Path(__file__).with_name("datacontract.yaml").read_text(encoding="utf-8")
contract = template.replace("{folder}", sys.argv[1])
run = DataContract(data_contract_str=contract, server="local").test()
KINDS = (
    (r"missing values|not null|required", agreed.NULLS),
    (r"unique|duplicate", agreed.DUPLICATES),
    (r"invalid", agreed.OUTSIDE),
    (r"quality_sql_0", agreed.BACKWARDS),
    (r"quality_sql_1", agreed.DISORDER),
    (r"is present", agreed.MISSING_FIELD),
    (r"has type", agreed.WRONG_TYPE),
)
found: dict[str, int] = {}
for check in run.checks:
    if check.result.value in {"passed", "warning", "info"}:
        continue
    print(check.key, check.name, check.result.value, check.reason)
    kinds = [kind for pattern, kind in KINDS if re.search(pattern, f"{check.key} {check.name}")]
    kind = kinds[0] if kinds else str(check.name)
    counted = re.search(r"was (\d+)", str(check.reason))
    found[kind] = found.get(kind, 0) + (int(counted[1]) if counted else 1)
agreed.end(found)
