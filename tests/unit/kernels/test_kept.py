"""Kernels that are compiled already are loaded without the compiler; others it still compiles."""

import os
import subprocess
import sys

KERNELS = """
import numpy as np
from sameas.kernels.arrays import inner, jit

@inner
def half(value):
    return value / 2

@jit
def halves(values):
    out = np.empty_like(values)
    for place in range(len(values)):
        out[place] = half(values[place])
    return out[: len(values)].copy()
"""
FIRST = """
import kernels
assert kernels.halves(kernels.np.array([4.0, 2.0])).tolist() == [2, 1]
assert not kernels.halves.stats.cache_hits
"""
AGAIN = """
import sys
import numpy as np
from kernels import halves, jit

assert halves(np.array([4.0, 2.0])).tolist() == [2, 1]
assert halves.stats.cache_hits and not halves.stats.cache_misses
assert "numba.np.arraymath" not in sys.modules, "the compiler is not ready"

@jit
def quarters(values):
    return halves(halves(values)).sum()

assert quarters(np.array([4.0, 8.0])) == 3, "what was loaded can be linked"
assert "numba.np.arraymath" in sys.modules, "the compiler is ready when it compiles"
assert halves(np.array([4, 2], np.float32)).tolist() == [2, 1], "for other types, too"
"""


def run(program, folder, **more):
    file = folder / "program.py"
    file.write_text(program)
    if not (folder / "kernels.py").exists():  # what is older than its cache
        (folder / "kernels.py").write_text(KERNELS)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "cache"), **more}
    done = subprocess.run(
        [sys.executable, str(file)], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr


def test_a_compiled_kernel_waits_for_no_compiler(tmp_path):
    run(FIRST, tmp_path)
    run(AGAIN, tmp_path)


def test_with_a_numba_that_is_built_otherwise_kernels_are_kept_as_it_keeps_them(tmp_path):
    other = "import numba.core.runtime\ndel numba.core.runtime.rtsys\n"
    run(other + FIRST, tmp_path)
    run(
        other + "import kernels\n"
        "assert kernels.halves(kernels.np.array([4.0, 2.0])).tolist() == [2, 1]\n"
        "assert kernels.halves.stats.cache_hits and not kernels.halves.stats.cache_misses\n"
        "assert type(kernels.halves._cache).__module__ == 'numba.core.caching'",
        tmp_path,
    )


def test_kernels_are_functions_where_numba_is_switched_off(tmp_path):
    run(FIRST.replace(".stats.cache_hits", ".__doc__"), tmp_path, NUMBA_DISABLE_JIT="1")
