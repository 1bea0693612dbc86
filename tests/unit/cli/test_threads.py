"""The command's process is set up before NumPy and Arrow are loaded."""

import subprocess
import sys

STARTED = """
import os
import sys
import sameas.cli._group as group
group.run = lambda: print(
    os.environ["OPENBLAS_THREAD_TIMEOUT"], [m for m in ("numpy", "pyarrow") if m in sys.modules]
)
group.main()
"""


def test_idle_threads_rest_and_nothing_is_loaded_before():
    done = subprocess.run(
        [sys.executable, "-c", STARTED], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "16 []"
