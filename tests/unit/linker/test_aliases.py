"""Further names of a thing: recognised, brought together by, compared, equal on engines."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.comparison import AliasSimilarity, BestAlias, SoftTfidf
from sameas.linker import Linker, plan_tables
from sameas.linker.defaults import default_comparisons, default_context
from sameas.linker.inputs import name_tables
from sameas.linker.learning import make_job
from sameas.linker.levels import unlabelled_comparisons
from sameas.linker.planning import Plan
from sameas.matching import FellegiSunter
from sameas.records import Field

FIELDS = (Field("title", "name"), Field("other_names", "aliases"), Field("lat", "latitude"),
          Field("lon", "longitude"))  # fmt: skip
SYLLABLES = ["bar", "cor", "dun", "fel", "gam", "hol", "jor", "kel", "lim", "mor", "nor", "pal"]


def sites(count=120, *, joined=False):
    """Return two registers of sites; in a third of them the one's name is an alias of the other."""
    random = np.random.default_rng(0)
    name = ["".join(random.choice(SYLLABLES, 3)) for _ in range(2 * count)]
    here, there = [f"{one} mine" for one in name[:count]], [f"{one} lode" for one in name[count:]]
    lat, lon = random.uniform(35, 45, count), random.uniform(-120, -110, count)
    shown = [there[n] if n % 3 == 0 else here[n] for n in range(count)]
    more = [[f"{here[n]} old", there[n]] if n % 3 == 0 else None for n in range(count)]
    others = [[f"{one} old"] if n % 3 == 1 else None for n, one in enumerate(here)]

    def written(lists):
        texts = ["|".join(one) if one else None for one in lists]
        return texts if joined else pa.array(lists, pa.list_(pa.string()))

    left = {"id": [f"l{n}" for n in range(count)], "title": here, "lat": lat, "lon": lon}
    right = {"id": [f"r{n}" for n in range(count)], "title": shown, "lat": lat + 0.005, "lon": lon}
    left["other_names"], right["other_names"] = written(more), written(others)
    return pa.table(left), pa.table(right)


def met(tables, fields, options=None):
    job = make_job(Linker(fields).spec, name_tables(tables), None, options, {})
    ids = np.array(job.records.table["id"].to_pylist())
    pairs = job.candidates
    return {(ids[one], ids[two]) for one, two in zip(pairs.left, pairs.right, strict=True)}


def test_another_name_brings_records_together():
    tables = sites()
    wanted = {(f"l{n}", f"r{n}") for n in range(0, 120, 3)}
    assert wanted <= met(tables, FIELDS)
    plain = [Field("title", "name"), Field("other_names", "set"), *FIELDS[2:]]
    assert len(wanted & met(tables, plain)) < 0.2 * len(wanted)


@pytest.mark.parametrize("joined", [False, True])
def test_a_plan_knows_the_kind_and_finds_the_links(joined):
    tables = sites(joined=joined)
    plan = plan_tables(*tables)
    assert {f.name: f.kind for f in plan.fields}["other_names"] == "aliases"
    assert Plan.from_json(plan.to_json()) == plan
    links = plan.linker().link(*tables, options=plan.options()).links.to_pylist()
    right = [row for row in links if row["left_id"][1:] == row["right_id"][1:]]
    assert len(right) > 0.95 * 120
    assert len(right) > 0.95 * len(links)


def test_names_are_compared_together():
    names = ("title", "other_names")
    assert BestAlias(names) in default_comparisons(FIELDS)
    alone = unlabelled_comparisons(FIELDS)
    assert AliasSimilarity(names) in alone
    assert SoftTfidf("title") not in alone  # one opinion of the name
    assert default_context(FIELDS).over[0].comparison == AliasSimilarity(names)
    only = unlabelled_comparisons((Field("aka", "aliases"),))
    assert only == (AliasSimilarity(("aka",)),)


def test_a_single_record_may_bear_a_list(tmp_path):
    linker = Linker(FIELDS, matcher=FellegiSunter(), second_pass=None)
    linker.fit(*sites(), mode="many")
    linker.save(tmp_path / "m")
    assert Linker.load(tmp_path / "m").spec.fields == FIELDS


def test_a_plan_finds_who_was_renamed_though_one_table_has_no_former_names():
    """Every third site has another name in the right table, which tells the former one."""
    left, right = (table.drop(["lat", "lon", "other_names"]) for table in sites(600))
    former = [[name] if n % 3 == 0 else None for n, name in enumerate(left["title"].to_pylist())]
    towns = pa.array([f"{SYLLABLES[n % 12]}ton" for n in range(600)])
    left = left.append_column("town", towns)
    right = right.append_column("town", towns)
    right = right.append_column("former_names", pa.array(former, pa.list_(pa.string())))
    plan = plan_tables(left, right)
    assert plan.linker().spec.optional == ("former_names",)
    links = plan.linker().link(left, right, options=plan.options()).links.to_pylist()
    found = [row for row in links if row["left_id"][1:] == row["right_id"][1:]]
    assert len(found) > 0.95 * 600
    assert len(links) < 1.05 * len(found)
