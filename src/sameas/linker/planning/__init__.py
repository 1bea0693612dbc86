"""Plans: fields and blocking that follow from the tables alone."""

from sameas.linker.planning.make import plan_tables
from sameas.linker.planning.plan import Plan, PlannedField, PlannedRule
from sameas.linker.planning.show import plan_lines

__all__ = ["Plan", "PlannedField", "PlannedRule", "plan_lines", "plan_tables"]
