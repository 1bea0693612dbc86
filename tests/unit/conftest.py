"""A small made-up linker for stores: scores depend on the other candidates of both records.

And a PostgreSQL server, where one can be started.
"""

import getpass
import os
import shutil
import subprocess
import tempfile

import numpy as np
import pytest

FIELDS = {"name": "name", "latitude": "latitude", "longitude": "longitude", "phone": "phone"}
WORDS = ("blue", "door", "cafe", "old", "mill", "star")


def make_record(rng):
    return {
        "name": " ".join(rng.choice(WORDS, int(rng.integers(1, 4)))),
        "latitude": float(np.round(55.9 + rng.integers(0, 8) * 0.0007, 6)),
        "longitude": float(np.round(-3.2 + rng.integers(0, 3) * 0.0009, 6)),
        "phone": [None, "0131 496 0001", "0131 496 0002", "0131 496 0003"][rng.integers(0, 4)],
    }


def make_fitted(*, at_most=3, mode="dedupe", rank=2.0, **settings):
    from sameas.blocking import ExactKey, Radius, SharedTokenNearby, SimilarText
    from sameas.comparison import Context, Distance, Equal, Faded, JaroWinkler, SoftTfidf
    from sameas.linker.saving import FittedLinker, version_of
    from sameas.linker.spec import as_spec
    from sameas.matching.conditions import Condition
    from sameas.matching.rules import RuleMatcher
    from sameas.records import collect, prepare

    alike = SimilarText("name", 0.6)
    conditions = (
        Condition("name_jaro_winkler", ">=", 0.7),
        Condition("distance", "<=", 200.0),
        Condition("name_soft_tfidf_faded_rank_worse", "<=", rank, missing="pass"),
    )
    spec = as_spec(
        FIELDS,
        blocking=(
            Radius(120.0, filter=alike),
            SharedTokenNearby("name", 300.0),
            ExactKey(("phone",), form="digits", at_most=at_most),
        ),
        comparisons=(JaroWinkler("name"), Distance(), Equal("phone", "digits")),
        context=Context((Faded(SoftTfidf("name")),)),
        optional=("phone",),
        matcher=RuleMatcher(conditions),
        **settings,
    )
    matcher = RuleMatcher(conditions).without_training(spec.names())
    rng = np.random.default_rng(0)
    sample = {str(n): make_record(rng) for n in range(60)}
    table = {"id": list(sample)} | {name: [row[name] for row in sample.values()] for name in FIELDS}
    statistics = {}
    prepare(collect({"a": table}, spec.fields).table, spec.needs(), statistics)
    fitted = FittedLinker(spec, statistics, matcher, 0.5, mode)
    fitted.version = version_of(fitted)
    return fitted


@pytest.fixture(scope="session")
def new_store_linker():
    return make_fitted


@pytest.fixture(scope="session")
def new_record():
    return make_record


@pytest.fixture(scope="session")
def fitted(new_store_linker):
    return new_store_linker()


@pytest.fixture
def resolver(fitted, tmp_path):
    from sameas.resolver import Resolver

    with Resolver(fitted, tmp_path / "places.db") as made:
        yield made


@pytest.fixture(scope="session")
def postgres_server():
    """The address of a PostgreSQL server of our own; skips where none can be started."""
    pytest.importorskip("psycopg")
    if not all(map(shutil.which, ("initdb", "pg_ctl"))):
        pytest.skip("PostgreSQL is not installed")
    folder = tempfile.mkdtemp(prefix="pg", dir="/tmp")  # a path of a socket must be short
    as_user = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        import pwd

        try:
            nobody = pwd.getpwnam("postgres")
        except KeyError:
            nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "cwd": folder}
    user = "sameas" if as_user else getpass.getuser()
    data = f"{folder}/data"
    try:
        subprocess.run(
            ["initdb", "-D", data, "-U", user, "-A", "trust", "-E", "UTF8", "--no-locale"],
            check=True, capture_output=True, **as_user,
        )  # fmt: skip
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        subprocess.run(
            ["pg_ctl", "-D", data, "-o", options, "-w", "-l", f"{folder}/log", "start"],
            check=True, capture_output=True, **as_user,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL cannot be started: {error}")
    yield f"postgresql://{user}@/postgres?host={folder}"
    subprocess.run(
        ["pg_ctl", "-D", data, "-m", "immediate", "stop"], capture_output=True, **as_user
    )
    shutil.rmtree(folder, ignore_errors=True)
