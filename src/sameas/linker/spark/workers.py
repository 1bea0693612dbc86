"""The parent of the Python workers of Apache Spark: imports once what every one of them needs.

Spark starts this module where ``spark.python.daemon.module`` names it, one process an executor,
and every worker is a fork of it.
"""

from zipimport import zipimporter

import sameas.linker.spark  # noqa: F401  # so that no worker has to
from sameas.kernels.arrays import wake

__all__: list[str] = []


def _keep(_: zipimporter) -> None:
    """Trust what is known of an archive.

    PySpark invalidates the caches of importers before every task, and until Python 3.12 an
    archive (of PySpark itself, on its path) is then read anew, in Python: a quarter of the CPU of
    all workers at 200 thousand places (benchmarks/RESULTS.md). Nobody changes an archive while
    workers read it; one that is added has an importer of its own.
    """


if __name__ == "__main__":
    from pyspark import daemon

    zipimporter.invalidate_caches = _keep  # type: ignore[assignment,method-assign]
    wake()
    daemon.manager()
