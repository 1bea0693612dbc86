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
assert "numba.np.arrayobj" not in sys.modules, "nor is what arrays were compiled with"

@jit
def quarters(values):
    return halves(halves(values)).sum()

assert quarters(np.array([4.0, 8.0])) == 3, "what was loaded can be linked"
assert "numba.np.arraymath" in sys.modules, "the compiler is ready when it compiles"
assert halves(np.array([4, 2], np.float32)).tolist() == [2, 1], "for other types, too"
"""
FAULTS = """
import numpy as np
from sameas.kernels.arrays import inner, jit

@inner
def room(count):
    return np.empty(count)

@jit
def rooms(count, least):
    if count < least:
        raise ValueError("too few rooms")
    return room(count).size
"""
FAULTY = """
import kernels

for count, said in ((-3, "negative dimensions"), (1, "too few rooms")):
    try:
        kernels.rooms(count, -3 if count < 0 else 2)
    except ValueError as error:
        assert said in str(error), error
    else:
        raise AssertionError("nothing was raised")
assert kernels.rooms(4, 2) == 4
assert bool(kernels.rooms.stats.cache_hits) == LOADED
"""


def run(program, folder, kernels=KERNELS, **more):
    file = folder / "program.py"
    file.write_text(program)
    if not (folder / "kernels.py").exists():  # what is older than its cache
        (folder / "kernels.py").write_text(kernels)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "cache"), **more}
    done = subprocess.run(
        [sys.executable, str(file)], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr


def test_a_compiled_kernel_waits_for_no_compiler(tmp_path):
    run(FIRST, tmp_path)
    run(AGAIN, tmp_path)


def test_a_loaded_kernel_raises_as_a_compiled_one(tmp_path):
    run(FAULTY.replace("LOADED", "False"), tmp_path, FAULTS)
    run(FAULTY.replace("LOADED", "True"), tmp_path, FAULTS)


def test_with_a_numba_that_is_built_otherwise_kernels_are_kept_as_it_keeps_them(tmp_path):
    other = "import numba.core.caching\ndel numba.core.caching.CompileResultCacheImpl\n"
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
