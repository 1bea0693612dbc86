"""Run by `make test` in an environment that holds the core dependencies alone.

A check is a function without arguments that raises when something is wrong; `CHECKS` lists them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

OPTIONAL = (
    "airports",
    "airportsdata",
    "httpx",
    "imblearn",
    "matplotlib",
    "pandas",
    "polars",
    "python_calamine",
    "rapidfuzz",
    "scipy",
    "sklearn",
    "onnxruntime",
    "safetensors",
    "tokenizers",
    "torch",
    "transformers",
)


def nothing_optional_is_installed() -> None:
    """Without this, the other checks would prove nothing."""
    present = [name for name in OPTIONAL if find_spec(name) is not None]
    assert not present, f"the core dependencies bring optional libraries: {present}"


def the_package_imports() -> None:
    """The built package is imported, not the source tree beside it."""
    import sameas

    assert "site-packages" in Path(sameas.__file__).parts, sameas.__file__


def the_command_answers() -> None:
    """The installed command prints its help."""
    command = Path(sys.executable).parent / "sameas"
    done = subprocess.run([command, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"sameas --help ended with {done.returncode}: {done.stderr}"
    assert "Usage" in done.stdout, f"sameas --help printed no usage: {done.stdout!r}"


RECORDS = 3_000


@cache
def generated() -> Any:
    """Return places with their truth."""
    from sameas.datasets.places import generate_places

    return generate_places(RECORDS, seed=1)


def hand_made_trees(names: tuple[str, ...]) -> Any:
    """Return two stumps: the names are alike, the places are near."""
    import numpy as np

    from sameas.matching import TreeEnsemble

    asked = (names.index("name_soft_tfidf"), names.index("distance"))
    return TreeEnsemble(
        names=names,
        feature=np.array([asked[0], -1, -1, asked[1], -1, -1], np.int32),
        threshold=np.array([0.8, 0, 0, 500, 0, 0], np.float32),
        left=np.array([1, -1, -1, 4, -1, -1], np.int32),
        missing_left=np.array([True, False, False, False, False, False]),
        value=np.array([0.0, 0.0, 1.0, 0.0, 1.0, 0.0]),
        root=np.array([0, 3], np.int32),
        aggregation="mean",
    )


def save_linker_by_hand(folder: Path, preset: str) -> None:
    """Save a linker that no training made: rules with given thresholds, or trees."""
    import sameas
    from sameas.linker.saving import FittedLinker, save_linker, version_of
    from sameas.matching import word_relevance_heuristic

    spec = replace(sameas.recipes.places(preset).spec, cascade=None)
    if preset == "rules":
        rules = word_relevance_heuristic(
            core_word="name_core_word", distance="distance", max_distance=200
        )
        spec, matcher = replace(spec, matcher=rules), rules.without_training(spec.names())
    else:
        matcher = hand_made_trees(spec.names())
    fitted = FittedLinker(spec, {}, matcher, 0.75, "dedupe")
    fitted.version = version_of(fitted)
    save_linker(folder, fitted)


def shares_of(clusters: Any) -> tuple[float, float]:
    """Return the share of the records next to each other in a cluster that are truly one."""
    entity = dict(
        zip(*(generated()[name].to_pylist() for name in ("id", "entity_id")), strict=True)
    )
    found: dict[str, list[str]] = {}
    for row in clusters.select(["id", "entity"]).to_pylist():
        found.setdefault(row["entity"], []).append(row["id"])
    assert sum(map(len, found.values())) == RECORDS, "a record was lost"
    said = {pair for ids in found.values() for pair in pairwise(ids)}
    right = sum(entity[one] == entity[other] for one, other in said)
    repeated = RECORDS - len(set(entity.values()))
    return right / len(said), right / repeated


def a_saved_linker_deduplicates() -> None:
    """The default job, from a table in memory to entities, with a linker made elsewhere."""
    import sameas

    for preset in ("rules", "default"):
        with tempfile.TemporaryDirectory() as home:
            save_linker_by_hand(Path(home) / "model", preset)
            linker = sameas.Linker.load(Path(home) / "model")
            result = linker.dedupe(generated(), out=Path(home) / "run")
            names = {path.name for path in (Path(home) / "run").iterdir()}
        assert {"links.parquet", "clusters.parquet", "entities.parquet"} <= names, names
        precision, recall = shares_of(result.clusters)
        assert precision > 0.9, f"{preset}: precision {precision:.3f}"
        assert recall > 0.5, f"{preset}: recall {recall:.3f}"


def the_command_deduplicates_a_file() -> None:
    """The same from the shell: Parquet in, entities out."""
    import pyarrow.parquet as pq

    command = Path(sys.executable).parent / "sameas"
    with tempfile.TemporaryDirectory() as home:
        save_linker_by_hand(Path(home) / "model", "rules")
        pq.write_table(generated(), Path(home) / "places.parquet")
        done = subprocess.run(
            [command, "dedupe", "places.parquet", "--linker", "model", "--out", "run"],
            capture_output=True, text=True, check=False, cwd=home,
        )  # fmt: skip
        assert done.returncode == 0, f"sameas dedupe ended with {done.returncode}: {done.stderr}"
        entities = pq.read_table(Path(home) / "run" / "entities.parquet")
    assert 0 < entities.num_rows < RECORDS, entities.num_rows


def rules_need_no_training_library() -> None:
    """The rule matcher finds its thresholds with numpy alone."""
    import sameas

    linker = sameas.recipes.places("rules").fit(generated())
    assert "distance <= " in linker.fitted_.matcher.describe()


def extra_named_by(call: Callable[[], object]) -> str:
    """Return the message of the extra that a call lacks."""
    from sameas.core.errors import MissingExtraError

    try:
        call()
    except MissingExtraError as error:
        return str(error)
    raise AssertionError("no extra was missed")


def training_names_the_extra() -> None:
    """Forests and boosting are trained by scikit-learn: its absence is named with the remedy."""
    import sameas

    for preset in ("default", "paper"):
        linker = sameas.recipes.places(preset)
        message = extra_named_by(lambda linker=linker: linker.fit(generated()))
        assert "pip install 'sameas[train]'" in message, f"{preset}: {message}"


def plots_name_the_extra() -> None:
    """Drawing needs matplotlib."""
    import numpy as np

    from sameas.reporting import plot_scores

    with tempfile.TemporaryDirectory() as folder:  # where matplotlib is there, it is drawn
        file = Path(folder) / "never.png"
        message = extra_named_by(lambda: plot_scores(np.zeros(1), file, threshold=0.5))
    assert "pip install 'sameas[plots]'" in message, message


def a_language_model_names_the_extra() -> None:
    """Asking a server needs httpx."""
    from sameas.models.client import Client, Endpoint

    message = extra_named_by(lambda: Client(Endpoint("http://localhost:8080/v1", "any")))
    assert "pip install 'sameas[llm]'" in message, message


CHECKS: tuple[Callable[[], None], ...] = (
    nothing_optional_is_installed,
    the_package_imports,
    the_command_answers,
    a_saved_linker_deduplicates,
    the_command_deduplicates_a_file,
    rules_need_no_training_library,
    training_names_the_extra,
    plots_name_the_extra,
    a_language_model_names_the_extra,
)


def main() -> int:
    """Run every check and say what failed."""
    failed = 0
    for check in CHECKS:
        try:
            check()
        except Exception as error:
            failed += 1
            sys.stdout.write(f"FAILED {check.__name__}: {error}\n")
    sys.stdout.write(f"minimal: {len(CHECKS) - failed} passed, {failed} failed\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
