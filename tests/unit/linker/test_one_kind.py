"""Tables with hardly any duplicates: pairs that are alike are of one kind, not one."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from scipy.spatial import KDTree

from sameas.datasets.persons import generate_persons
from sameas.datasets.places import generate_places
from sameas.linker import Linker, one_table, plan_tables
from sameas.linker.halves import Copies, pairs_of_copies
from sameas.linker.hands import styles_of, two_hands
from sameas.matching import FellegiSunter, SelfTraining

KINDS = {"title": "text", "maker": "category", "price": "number"}
MAKERS = ["acme", "bolt", "corona", "delta", "ember", "fjord", "gable", "halo"]
THINGS = ["lamp", "chair", "drill", "radio", "kettle", "mixer", "camera", "phone", "saw", "fan"]
COLOURS = ["black", "white", "red", "blue", "silver", "green"]
WORDS = ["portable", "wireless", "compact", "heavy duty", "quiet", "digital", "folding", "slim"]


class Rows:
    """Records as a table alone."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __len__(self) -> int:
        return len(self.table)


def shop(count: int = 300, *, colours: int = 3, seed: int = 0) -> dict[str, list[object]]:
    """Return what one shop has: things in some colours, each with a code of its own."""
    random = np.random.default_rng(seed)
    rows = []
    while len(rows) < count:
        maker, thing = random.choice(MAKERS), random.choice(THINGS)
        said = " ".join(random.choice(WORDS, 2, replace=False))
        series, price = f"{thing[:2]}{random.integers(1000, 9999)}", random.uniform(5, 500)
        for colour in random.choice(COLOURS, random.integers(1, colours + 1), replace=False):
            code = f"{series}{colour[:2]}"
            same = random.random() < 0.5
            rows.append(
                (f"{maker} {said} {colour} {thing} {code}", maker,
                 round(price if same else random.uniform(5, 500), 2))
            )  # fmt: skip
    columns = zip(*rows[:count], strict=True)
    return {"id": [f"s{n}" for n in range(count)]} | {
        name: list(values) for name, values in zip(KINDS, columns, strict=True)
    }


def linked(table: pa.Table) -> tuple[int, int, Linker]:
    """Return the right links of a planned run, all of them, and the linker."""
    entity = dict(zip(table["id"].to_pylist(), table["entity_id"].to_pylist(), strict=True))
    linker = plan_tables(table.drop_columns(["entity_id"])).linker()
    links = linker.dedupe(table.drop_columns(["entity_id"])).links.to_pylist()
    right = sum(entity[row["left_id"]] == entity[row["right_id"]] for row in links)
    return right, len(links), linker


def one_each(table: pa.Table, others: float = 0.0) -> pa.Table:
    """Return each person once, and a share of the other records."""
    random, seen, kept = np.random.default_rng(0), set(), []
    for entity in table["entity_id"].to_pylist():
        kept.append(entity not in seen or random.random() < others)
        seen.add(entity)
    return table.filter(pa.array(kept))


@pytest.fixture(scope="module")
def people() -> pa.Table:
    return generate_persons(3_000, seed=1)


def test_persons_of_whom_each_is_there_once_get_next_to_no_links(people: pa.Table) -> None:
    _, links, linker = linked(one_each(people))
    assert links <= 5
    notes = " ".join(linker.fitted_.report["notes"])
    assert "of one kind" in notes
    assert "next to no duplicates" in notes


@pytest.mark.parametrize("share", [0.05, 0.3])
def test_some_duplicates_are_found_among_households(people: pa.Table, share: float) -> None:
    table = one_each(people, share)
    counts = np.unique(table["entity_id"].to_pylist(), return_counts=True)[1]
    pairs = int((counts * (counts - 1) // 2).sum())
    right, links, _ = linked(table)
    assert pairs > 30
    assert right > 0.8 * pairs
    assert right > 0.9 * links


def test_many_duplicates_are_kept(people: pa.Table) -> None:
    counts = np.unique(people["entity_id"].to_pylist(), return_counts=True)[1]
    right, links, linker = linked(people)
    assert right > 0.9 * (counts * (counts - 1) // 2).sum()
    assert right > 0.95 * links
    assert not any("of one kind" in note for note in linker.fitted_.report["notes"])


def test_variants_of_one_shop_are_no_copies() -> None:
    linker = Linker(KINDS)
    links = linker.dedupe(shop()).links
    assert len(links) < 0.02 * 300
    first = linker.fitted_.report["notes"][0]
    assert first.startswith("the pairs most alike")
    assert "FellegiSunter() learned" in first


@pytest.mark.parametrize(
    ("shown", "share", "doubted", "kept"),
    [(50.0, 0.4, False, 50), (30.0, 0.4, False, 30), (20.0, 0.4, True, 50), (20.0, 0.7, False, 50)],
)
def test_no_more_are_taken_than_halves_show(
    monkeypatch: pytest.MonkeyPatch, shown: float, share: float, doubted: bool, kept: int
) -> None:
    monkeypatch.setattr(one_table, "pairs_of_copies", lambda *_, **__: Copies(shown, 0.0))
    ends, score = np.arange(200, dtype=np.int32).reshape(100, 2).T, np.arange(100) - 49.5
    fields = (SimpleNamespace(name="title", kind="text"),)
    rows = Rows(pa.table({"title": ["x"] * 200}))
    job = SimpleNamespace(
        spec=SimpleNamespace(fields=fields, seed=0), records=rows,
        each_record=lambda work: work(rows.table),
    )  # fmt: skip
    opinion = SimpleNamespace(share=share)
    learner = SimpleNamespace(job=job, opinion=opinion, competes=True, _ends=tuple(ends))
    doubt, shift = one_table.OneTable.verdict(learner, score)  # type: ignore[arg-type]
    assert bool(doubt) == doubted
    assert (score + shift >= 0).sum() == kept


@pytest.mark.parametrize(("names", "kept"), [(["title"], 24), (["title", "maker"], 50)])
def test_of_one_field_two_hands_bring_no_more_than_twice_what_halves_show(
    monkeypatch: pytest.MonkeyPatch, names: list[str], kept: int
) -> None:
    monkeypatch.setattr(one_table, "pairs_of_copies", lambda *_, **__: Copies(10.0, 2.0))
    monkeypatch.setattr(one_table, "two_hands", lambda *_: True)
    ends, score = np.arange(200, dtype=np.int32).reshape(100, 2).T, np.arange(100) - 49.5
    fields = tuple(SimpleNamespace(name=name, kind="text") for name in names)
    rows = Rows(pa.table({name: ["x"] * 200 for name in names}))
    job = SimpleNamespace(
        spec=SimpleNamespace(fields=fields, seed=0), records=rows,
        each_record=lambda work: work(rows.table),
    )  # fmt: skip
    opinion = SimpleNamespace(share=0.4)
    learner = SimpleNamespace(job=job, opinion=opinion, competes=True, _ends=tuple(ends))
    doubt, shift = one_table.OneTable.verdict(learner, score)  # type: ignore[arg-type]
    assert doubt is None
    assert (score + shift >= 0).sum() == kept


def test_records_with_few_candidates_do_not_tell_whether_there_are_copies() -> None:
    random = np.random.default_rng(0)
    place = random.random((3_000, 2)) * np.where(np.arange(3_000) < 600, 0.25, 1.0)[:, None]
    tree = KDTree(place)  # a few streets of shops, and a town in which few are near each other
    left, right = tree.query_pairs(0.013, output_type="ndarray").T.astype(np.int32)
    score = random.normal(size=len(left))
    assert pairs_of_copies(left, right, score, 3_000, 0).pairs > 100
    copies, asked = one_table._shown(left, right, score, 3_000, 0)
    assert copies.pairs < copies.error
    assert 0.1 < asked.mean() < 0.9
    few = asked & (random.random(len(asked)) < 0.1)
    every, all_asked = one_table._shown(left[few], right[few], score[few], 3_000, 0)
    assert all_asked.all(), "nearly no record has enough candidates: all are asked"
    assert every.pairs > 0


@pytest.mark.parametrize(
    ("competes", "shown", "share", "doubted"),
    [(False, -30.0, 0.6, True), (False, -20.0, 0.6, False), (True, -30.0, 0.7, False)],
)
def test_where_halves_show_clearly_fewer_than_none_there_are_none(
    monkeypatch: pytest.MonkeyPatch, competes: bool, shown: float, share: float, doubted: bool
) -> None:
    monkeypatch.setattr(one_table, "pairs_of_copies", lambda *_, **__: Copies(shown, 10.0))
    monkeypatch.setattr(one_table, "two_hands", lambda *_: True)
    ends, score = np.arange(200, dtype=np.int32).reshape(100, 2).T, np.arange(100) - 49.5
    rows = Rows(pa.table({"title": ["x"] * 200}))
    job = SimpleNamespace(
        spec=SimpleNamespace(fields=(), seed=0), records=rows,
        each_record=lambda work: work(rows.table),
    )  # fmt: skip
    learner = SimpleNamespace(
        job=job, opinion=SimpleNamespace(share=share), competes=competes, _ends=tuple(ends)
    )
    doubt, _ = one_table.OneTable.verdict(learner, score)  # type: ignore[arg-type]
    assert bool(doubt) == doubted


def test_few_copies_are_found_among_places_of_malls() -> None:
    table = one_each(generate_places(6_000, seed=2), 0.05)
    counts = np.unique(table["entity_id"].to_pylist(), return_counts=True)[1]
    pairs = int((counts * (counts - 1) // 2).sum())
    right, links, _ = linked(table)
    assert pairs > 20
    assert right > 0.7 * pairs
    assert links < 3 * pairs


def test_places_in_a_mall_are_no_copies_of_it() -> None:
    places = generate_places(3_000, seed=1)
    right, links, _ = linked(one_each(places))
    assert (right, links) == (0, pytest.approx(0, abs=30))


def test_who_asks_for_self_training_is_told() -> None:
    linker = Linker(KINDS, matcher=SelfTraining(rounds=1))
    assert len(linker.dedupe(shop()).links) > 0.05 * 300
    assert "of one kind" in linker.fitted_.report["notes"][-1]


def test_what_a_fellegi_sunter_asks_for_is_checked() -> None:
    with pytest.raises(ValueError, match="shared must be from 0 to 1, got 2"):
        FellegiSunter(shared=2)


def test_two_hands_write_one_thing_otherwise() -> None:
    words = ["a long text of one hand"] * 60 + ["short"] * 60
    table = styles_of(pa.table({"name": words}), ("name",))
    mine, other = np.arange(60, dtype=np.int32), np.arange(60, 120, dtype=np.int32)
    left, right = np.concatenate([mine, mine]), np.concatenate([other, np.roll(mine, 1)])
    across = np.arange(120) < 60
    assert two_hands(table, left, right, across)
    assert not two_hands(table, left, right, ~across)
    assert not two_hands(table, left[50:70], right[50:70], across[50:70])  # too few to tell


@pytest.mark.parametrize(("colours", "seed"), [(3, 0), (5, 1)])
def test_where_the_best_share_less_than_was_asked_for_nothing_is_linked(colours, seed):
    """Variants that agree by chance in the price too were links: 8 and 15 of 600 things."""
    table = shop(600, colours=colours, seed=seed)
    assert plan_tables(table).linker().dedupe(table).links.num_rows == 0


def test_shops_of_one_mall_compete_for_their_copies():
    """All their fields but the name agree; halves of the table show that records have one copy."""
    made = generate_places(3_000, seed=1)
    entity = dict(zip(made["id"].to_pylist(), made["entity_id"].to_pylist(), strict=True))
    table = made.drop_columns(["entity_id"])
    links = plan_tables(table).linker().dedupe(table).links.to_pylist()
    right = sum(entity[row["left_id"]] == entity[row["right_id"]] for row in links)
    assert right > 400  # of 497
    assert right / len(links) > 0.85  # two in three where they did not compete
