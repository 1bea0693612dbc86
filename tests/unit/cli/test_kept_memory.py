"""The command keeps what it frees: an array in the place of another one costs no fresh pages."""

import ctypes
import os
import subprocess
import sys

import pytest

FAULTS = """
import resource
import sys
from sameas.cli._memory import keep_freed_memory
if sys.argv[1] == "kept":
    keep_freed_memory()
import numpy as np
import pyarrow as pa
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    [np.ones(2_000_000) for _ in range(8)]
used = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
print(used, pa.default_memory_pool().backend_name)
"""


def faults(how, **environment):
    """Page faults of five times eight arrays of 16 MB, and the memory pool of Arrow."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("MALLOC_")}
    kept["NUMPY_MADVISE_HUGEPAGE"] = "0"  # small pages, so that there are many
    done = subprocess.run(
        [sys.executable, "-c", FAULTS, how], env=kept | environment, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    count, pool = done.stdout.split()
    return int(count), pool


glibc = pytest.mark.skipif(
    os.name != "posix" or not hasattr(ctypes.CDLL(None), "gnu_get_libc_version"),
    reason="the C library is not that of GNU",
)


@glibc
def test_freed_memory_is_used_again():
    plain, _ = faults("plain")
    kept, pool = faults("kept")
    assert kept < plain / 3
    assert pool == "system"


THREADS = """
import resource
import threading
from sameas.cli._memory import keep_freed_memory
keep_freed_memory()
import numpy as np
np.ones(2_000_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(8):
    thread = threading.Thread(target=np.ones, args=(2_000_000,))
    thread.start()
    thread.join()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@glibc
def test_all_threads_share_what_is_kept():
    kept = {name: text for name, text in os.environ.items() if not name.startswith("MALLOC_")}
    done = subprocess.run(
        [sys.executable, "-c", THREADS], env=kept, check=True, capture_output=True, text=True
    )
    assert int(done.stdout) < 2_000  # one array has 3,906 pages


@glibc
def test_the_environment_goes_first():
    assert faults("kept", ARROW_DEFAULT_MEMORY_POOL="mimalloc")[1] == "mimalloc"
    plain, _ = faults("plain", MALLOC_MMAP_THRESHOLD_="1000000")
    kept, _ = faults("kept", MALLOC_MMAP_THRESHOLD_="1000000")
    assert kept > plain / 2
