"""The list that everything which reads a contract file adds to when something in the file is wrong."""

from typing import TypeAlias

from cst_contracts.errors import Problem

Problems: TypeAlias = list[Problem]
