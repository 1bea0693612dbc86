"""Two lists that hold what persons are called and nothing else."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from sameas.datasets.persons import generate_persons
from sameas.linker import Linker, plan_tables
from sameas.linker.rivals import FittedRivals
from sameas.matching import FellegiSunter, FittedFellegiSunter, TreeEnsemble


@pytest.fixture(scope="module")
def people():
    return generate_persons(2_000, seed=3)


@pytest.fixture(scope="module")
def lists(people):
    """Return two lists, each person in either once at most, and who bears each id."""
    held, split = set(), ([], [])
    for row, entity in enumerate(people["entity_id"].to_pylist()):
        side = next((side for side in (row % 2, 1 - row % 2) if (side, entity) not in held), None)
        if side is not None:
            held.add((side, entity))
            split[side].append(row)
    name = pc.binary_join_element_wise(people["given_name"], people["surname"], " ")
    named = pa.table({"id": people["id"], "name": name})
    of = dict(zip(people["id"].to_pylist(), people["entity_id"].to_pylist(), strict=True))
    return [named.take(pa.array(rows)) for rows in split], of


def first_of(fitted):
    return fitted.matcher.first if isinstance(fitted.matcher, FittedRivals) else fitted.matcher


def test_two_lists_are_told_apart_by_their_wording(lists):
    """A model of levels finds nothing here: it has one comparison to learn from."""
    (left, right), of = lists
    plan = plan_tables(left, right)
    assert [field.kind for field in plan.fields] == ["person"]
    linker = plan.linker()
    links = linker.link(left, right, options=plan.options()).links
    assert isinstance(first_of(linker.fitted_), TreeEnsemble)
    assert any("of one name" in note for note in linker.fitted_.report["notes"])
    ends = (links[side].to_pylist() for side in ("left_id", "right_id"))
    right_ones = sum(of[one] == of[other] for one, other in zip(*ends, strict=True))
    both = {of[i] for i in left["id"].to_pylist()} & {of[i] for i in right["id"].to_pylist()}
    assert right_ones > 0.7 * len(links)
    assert right_ones > 0.6 * len(both)


def test_persons_of_whom_more_is_known_and_one_list_are_left_to_levels(people, lists):
    (left, _), _ = lists
    columns = ["id", "given_name", "surname", "city"]
    halves = [people.select(columns).slice(start, 700) for start in (0, 700)]
    fitted = Linker({name: name.replace("city", "category") for name in columns[1:]}).fit(*halves)
    assert isinstance(first_of(fitted.fitted_), FittedFellegiSunter)
    alone = Linker({"name": "person"}).fit(left)
    assert isinstance(first_of(alone.fitted_), FittedFellegiSunter)


@pytest.fixture(scope="module")
def respelled():
    """Return films, novels and so on, of which a twentieth is there twice, spelled otherwise."""
    random = np.random.default_rng(0)
    parts = ["ka", "lor", "mi", "ten", "ruo", "sha", "bel", "no", "vi", "gard"]
    words = ["".join(random.choice(parts, random.integers(2, 4))) for _ in range(400)]
    titles = sorted({" ".join(random.choice(words, random.integers(1, 4))) for _ in range(250)})
    kinds = ["film", "novel", "album", "song", "play"]
    of = random.integers(2, 6, len(titles))
    names = [f"{t} ({kinds[(n + k) % 5]})" for n, t in enumerate(titles) for k in range(of[n])]
    copies = [" / ".join(reversed(name.upper().split())) for name in names[::20]]
    ids = [f"a{n}" for n in range(len(names))] + [f"b{n}" for n in range(len(copies))]
    return pa.table({"id": ids, "name": [*names, *copies]})


@pytest.mark.parametrize(("kind", "every"), [("name", True), ("person", False)])
def test_in_one_list_the_same_words_are_one_thing_but_not_one_person(respelled, kind, every):
    """Copies look like chance where one field is compared, so nothing was linked at all."""
    linker = Linker({"name": kind}, matcher=FellegiSunter(shared=2 / 3))
    links = linker.dedupe(respelled).links
    found = zip(*(links[side].to_pylist() for side in ("left_id", "right_id")), strict=True)
    copies = sum(key.startswith("b") for key in respelled["id"].to_pylist())
    right = {(f"a{20 * n}", f"b{n}") for n in range(copies)}
    assert {tuple(sorted(pair)) for pair in found} == (right if every else set())
