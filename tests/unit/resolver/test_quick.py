"""The quick way of one record gives the bytes that the way of all tables gives."""

import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.linker.saving import FittedLinker
from sameas.matching.conditions import Condition
from sameas.matching.rules import RuleMatcher
from sameas.recipes.places import places_spec
from sameas.records import collect, prepare
from sameas.records.forms import FORMS
from sameas.resolver.machine import Limits, Machine
from sameas.resolver.plain_texts import PLAIN_FORMS, is_plain
from sameas.resolver.quick_fields import content_of, quick_fields
from sameas.resolver.reading import as_content, clean_record

WORDS = ["Bar", "Café", "O'Neill's", "St.", "Rue", "12a", "H&M", "the", "Ærø", "ß", "№", "ﬁ", "-"]


@pytest.fixture(scope="module")
def machine():
    spec = places_spec(silver=None)
    rng = np.random.default_rng(1)
    table = {
        "id": [str(n) for n in range(200)],
        "name": [" ".join(rng.choice(WORDS, 3)) for _ in range(200)],
        "latitude": (55 + rng.random(200) * 0.01).tolist(),
        "longitude": (3 + rng.random(200) * 0.01).tolist(),
        "address": [" ".join(rng.choice(WORDS, 4)) for _ in range(200)],
    }
    statistics = {}
    prepare(collect({"a": table}, spec.fields).table, spec.needs(), statistics)
    matcher = RuleMatcher((Condition("distance", "<=", 9.0),)).without_training(spec.names())
    return Machine(FittedLinker(spec, statistics, matcher, 0.5, "dedupe"), Limits())


@pytest.mark.parametrize("form", PLAIN_FORMS)
def test_every_character_has_the_form_that_a_column_gives_it(form):
    characters = [chr(n) for n in range(0x20, 0x2030) if is_plain(chr(n))]
    texts = [
        *characters,
        *(f"a{c}B" for c in characters),
        *(f"{c}{c.upper()}x" for c in characters),
    ]
    texts = [text for text in texts if is_plain(text) and unicodedata.category(text[0]) != "Cc"]
    ours = [PLAIN_FORMS[form](text) for text in texts]
    wanted = FORMS[form].make(pa.array(texts, pa.large_string())).to_pylist()
    known = [n for n, text in enumerate(ours) if text is not None]
    assert len(known) >= 95 * 3
    assert [ours[n] for n in known] == [wanted[n] or "" for n in known]


text = st.one_of(
    st.none(),
    st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join),
    st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=12),
)


@settings(max_examples=60, deadline=None)
@given(
    name=text,
    address=text,
    postal_code=text,
    phone=st.sampled_from([None, "+44 131 496 0001", "x"]),
    homepage=st.sampled_from([None, "HTTPS://www.Example.org/Menu/?x#y", "a.b/index.html", "ä.de"]),
    labels=st.one_of(st.none(), st.lists(st.sampled_from([*WORDS, ""]), max_size=4)),
    parent_id=st.sampled_from([None, "p1", " "]),
    place=st.sampled_from([(None, None), (55.005, 3.005), (-90, 180), (0.5, 0)]),
)
def test_both_ways_give_the_same_bytes(machine, place, **fields):
    record = fields | {"latitude": place[0], "longitude": place[1]}
    quick = quick_fields(machine.spec, record)
    if quick is None:
        return
    packed = machine.quick.pack(quick, "s", "1")
    if packed is None:
        return
    table = clean_record(machine.spec, record, "s", "1")
    columns = machine.preparer.prepare(table)
    assert content_of(machine.spec, quick) == as_content(table)[0]
    assert packed == [bytes(next(layout.pack(columns))) for layout in (machine.thin, machine.whole)]


def test_usual_records_go_the_quick_way(machine):
    record = {"name": "Café O'Neill", "latitude": 55.0, "longitude": 3, "labels": ["bar", "pub"]}
    quick = quick_fields(machine.spec, record)
    assert machine.quick.pack(quick, "s", "1") is not None
    assert quick_fields(machine.spec, record | {"name": "中文"}) is None
    assert quick_fields(machine.spec, record | {"latitude": float("nan")}) is None
