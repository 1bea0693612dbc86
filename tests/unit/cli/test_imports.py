"""What a command leaves out stays out, and is there for whoever asks for it."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import sys
from sameas.cli._imports import import_alone

import_alone()
import numpy as np
import pyarrow as pa
from sameas.kernels.arrays import wake

wake()
pa.array(np.zeros(2))
assert not {"pandas", "scipy", "yaml"} & set(sys.modules), "imported on the chance"
import pandas as pd
import scipy

assert pa.table({"a": [1]}).to_pandas()["a"].tolist() == [1]
assert pa.array(pd.Series([1, 2])).to_pylist() == [1, 2]
from pyarrow.vendored import docscrape

assert docscrape.NumpyDocString("Options.")["Summary"] == ["Options."]
"""


def test_neither_pandas_nor_scipy_nor_yaml_is_imported_unasked(tmp_path):
    pytest.importorskip("pandas")
    pytest.importorskip("scipy")
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    compiled = "from sameas.kernels.arrays import wake; wake()"
    for program in (compiled, PROGRAM):
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, env=environment
        )
        assert done.returncode == 0, done.stderr
