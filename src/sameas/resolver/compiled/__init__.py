"""Programs over packed records: what a resolver asks of a few records, in a few compiled calls.

A batch run calls a kernel for a chunk of thousands of pairs. Here a chunk is a handful, and what
stands around a call costs more than the kernel. So blocking rules and comparisons are turned into
rows of numbers once, and one compiled function goes through these rows and calls the very same
kernels. What is not known here goes the way of columns; both give the same.
"""

from sameas.resolver.compiled.blocking import BlockProgram, Frequent
from sameas.resolver.compiled.comparing import CompareProgram

__all__ = ["BlockProgram", "CompareProgram", "Frequent"]
