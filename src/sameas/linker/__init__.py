"""The linker composes the steps: records to entities."""

from sameas.linker.estimate import Estimate
from sameas.linker.found import Budget
from sameas.linker.inputs import Options
from sameas.linker.linker import Linker
from sameas.linker.result import Result
from sameas.linker.spec import LinkerSpec

__all__ = ["Budget", "Estimate", "Linker", "LinkerSpec", "Options", "Result"]
