"""No labels: things that are there several times each, in one table or in both of two."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.evaluation import cluster_metrics
from sameas.linker import plan_tables

SYLLABLES = ("ba", "cor", "den", "fil", "gor", "hal", "jin", "kel", "lum", "mar", "nov", "pel",
             "quin", "ros", "sat", "tor", "ul", "vek", "wim", "zan")  # fmt: skip


def offers(things, times, *, singles=0, seed=0):
    """Return offers of products: words left out, mistyped, in another order, prices that vary."""
    random = np.random.default_rng(seed)

    def word():
        return "".join(random.choice(SYLLABLES, random.integers(2, 4)))

    common = [word() for _ in range(60)]
    rows = []
    for thing in range(things + singles):
        words = [word(), word(), *random.choice(common, 4), word()]
        maker, price = random.choice(common[:15]), float(random.integers(10, 900))
        for _ in range(times if thing < things else 1):
            kept = [one for one in words if random.random() > 0.12] or words
            if random.random() < 0.3:
                place = random.integers(len(kept))
                kept[place] = kept[place][:1] + "x" + kept[place][2:]
            if random.random() < 0.1:
                random.shuffle(kept)
            rows.append({"thing": thing, "title": " ".join(kept),
                         "maker": None if random.random() < 0.1 else maker,
                         "price": price * random.choice([1.0, 1.0, 1.05, 0.9])})  # fmt: skip
    table = pa.Table.from_pylist(rows)
    table = table.take(random.permutation(len(table)))
    return table.append_column("id", pa.array([str(row) for row in range(len(table))]))


@pytest.mark.parametrize(("things", "times", "singles"), [(250, 4, 100), (100, 10, 0)])
def test_they_are_found_and_not_taken_for_a_kind(things, times, singles):
    table = offers(things, times, singles=singles)
    given = table.drop_columns(["thing"])
    plan = plan_tables(given)
    linker = plan.linker()
    clusters = linker.dedupe(given, options=plan.options()).clusters
    entity = dict(zip(clusters["id"].to_pylist(), clusters["entity"].to_pylist(), strict=True))
    mine = pa.array([entity[key] for key in table["id"].to_pylist()])
    figures = cluster_metrics(mine, table["thing"].combine_chunks())
    assert not any("none to be copies" in note for note in linker.fitted_.report["notes"])
    assert figures.pairwise_f1 > 0.9


@pytest.mark.parametrize(("things", "times", "singles"), [(120, 7, 200), (60, 16, 0)])
def test_they_are_linked_where_both_of_two_tables_hold_several(things, times, singles):
    table = offers(things, times, singles=singles)
    half = np.random.default_rng(0).random(len(table)) < 0.5
    left, right = table.filter(pa.array(half)), table.filter(pa.array(~half))
    thing = dict(zip(table["id"].to_pylist(), table["thing"].to_pylist(), strict=True))
    plan = plan_tables(left.drop_columns(["thing"]), right.drop_columns(["thing"]))
    linker = plan.linker()
    links = linker.link(
        left.drop_columns(["thing"]), right.drop_columns(["thing"]), options=plan.options()
    ).links
    good = [
        thing[one] == thing[two]
        for one, two in zip(
            links["left_id"].to_pylist(), links["right_id"].to_pylist(), strict=True
        )
    ]
    counts = [np.bincount(side["thing"].to_numpy(), minlength=things) for side in (left, right)]
    true = int((counts[0][:things] * counts[1][:things]).sum())
    assert 2 * sum(good) / (len(good) + true) > 0.9


def test_a_table_without_copies_is_left_alone():
    given = offers(0, 1, singles=600, seed=1).drop_columns(["thing"])
    plan = plan_tables(given)
    assert len(plan.linker().dedupe(given, options=plan.options()).links) < 30
