"""The linker on Spark: the same steps, part by part, and the exchanges between them."""

from sameas.linker.spark.door import SparkLinker

__all__ = ["SparkLinker"]
