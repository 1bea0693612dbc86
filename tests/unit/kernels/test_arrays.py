"""Kernels that are compiled already are loaded without the compiler; others it still compiles."""

import os
import subprocess
import sys

AGAIN = """
import sys
import numpy as np
from sameas.kernels.arrays import jit, wake

wake()
assert "numba.np.arraymath" not in sys.modules, "the compiler is not ready"

@jit
def total(values):
    return np.sqrt(values).sum()

try:
    assert total(np.array([4.0, 9.0])) == 5
finally:
    assert "numba.np.arraymath" in sys.modules, "it is, when it compiles"
"""


def run(program, folder, **more):
    file = folder / "program.py"
    file.write_text(program)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "cache"), **more}
    done = subprocess.run(
        [sys.executable, str(file)], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr


def test_a_compiled_kernel_waits_for_no_compiler(tmp_path):
    run("from sameas.kernels.arrays import wake; wake()", tmp_path)
    run(AGAIN, tmp_path)


def test_kernels_are_functions_where_numba_is_switched_off(tmp_path):
    run("from sameas.kernels.arrays import wake; wake()", tmp_path, NUMBA_DISABLE_JIT="1")
