"""A contract that says most of what contracts say."""

from cst_contracts.contract.model import TableContract
from cst_contracts.contract.parse import parse_contract

ORDERS = """\
table: orders
version: 1.2.0
description: One row per order.
owner: shop
source: {format: delta, location: sales/orders, partitioned_by: [day]}
extra_fields: forbid
fields:
  - {name: id, type: string, nullable: false, description: Its number., pattern: "^o-", min_length: 3}
  - {name: status, type: string, enum: [open, shipped]}
  - {name: total, type: double, minimum: 0, exclusive_maximum: 1000000}
  - {name: day, type: date32, nullable: false}
  - name: items
    type: list<struct>
    fields:
      - {name: sku, type: string, nullable: false, max_length: 8}
      - {name: n, type: int32, minimum: 1}
  - {name: attrs, type: "map<string, string>", metadata: {semantic: attributes}}
keys: [[id], [day, id]]
references: [{fields: [status], table: states, to: [name]}]
rules: [{name: paid, sql: total >= 0}]
consumers: [{name: billing}]
"""


def contract_of(text: str) -> TableContract:
    contract = parse_contract(text.encode(), "orders.yaml")
    assert isinstance(contract, TableContract)
    return contract
