"""What must never be committed: paths of one machine, addresses of package indexes."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCAL_PATH = re.compile(r"(?<![\w.~$}\]/-])/(?:work|root|home|Users)/\w|\b[A-Z]:\\Users\b")
PACKAGE_INDEX = re.compile(r"python[h]osted|/simple[/]|extra-[i]ndex-url|--[f]ind-links")


def committed_files() -> list[Path]:
    """Every text file that git knows, relative to the root."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git work tree")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


@pytest.mark.parametrize(
    "pattern", [LOCAL_PATH, PACKAGE_INDEX], ids=["local path", "package index"]
)
def test_no_committed_file_holds(pattern: re.Pattern[str]) -> None:
    found = []
    for path in committed_files():
        if not path.is_file():
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("read('" + "/work" + "/main/x')", True),
        ("C:" + "\\Users\\me", True),
        ("frames/work/x", False),
        ("https://example.org/home/x", False),
        ("~/work/x", False),
    ],
)
def test_local_paths_are_recognised(text: str, expected: bool) -> None:
    assert bool(LOCAL_PATH.search(text)) is expected
