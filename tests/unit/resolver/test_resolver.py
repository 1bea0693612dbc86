"""What a resolver answers: ids that stay, corrections, history, refusals."""

import json

import pytest

from sameas.resolver import (
    ContradictionError,
    Limits,
    LinkerChangedError,
    RecordError,
    Resolver,
    UnknownRecordError,
    replay,
)

STEP = 0.0009  # about 100 m of latitude


def place(north=0.0, name="blue door", **more):
    return {"name": name, "latitude": 55.9 + north * STEP, "longitude": -3.2} | more


def fill(resolver, *norths):
    return [resolver.insert(place(n), source="a", id=i) for i, n in enumerate(norths)]


def entity_of(resolver, id):
    return resolver.record("a", id).entity


def test_a_merge_keeps_the_older_id_and_forwards(resolver):
    fill(resolver, 0, 3)
    old, young = entity_of(resolver, 0), entity_of(resolver, 1)
    assert old != young
    change = resolver.insert(place(1.5), source="a", id=2)
    assert change.entity == old == entity_of(resolver, 1)
    assert {event.kind for event in change.events} == {"inserted", "joined", "merged"}
    view = resolver.entity(young)
    assert (view.entity, view.asked, view.formerly) == (old, young, (young,))
    assert [member.id for member in view.members] == ["0", "1", "2"]
    assert resolver.check().problems == ()


def test_a_split_leaves_the_id_with_the_larger_part_then_with_the_oldest(resolver):
    fill(resolver, 0, 3, 1.5)
    entity = entity_of(resolver, 0)
    resolver.delete(source="a", id=2)
    assert entity_of(resolver, 0) == entity  # a tie: the part of the oldest member
    assert entity_of(resolver, 1) not in (None, entity)
    resolver.insert(place(1.5), source="a", id=2)
    resolver.insert(place(3, phone=None), source="a", id=3)
    assert entity_of(resolver, 1) == entity_of(resolver, 3) == entity
    resolver.delete(source="a", id=2)
    assert entity_of(resolver, 1) == entity_of(resolver, 3) == entity
    assert entity_of(resolver, 0) != entity  # the larger part keeps it
    assert resolver.check().problems == ()


def test_a_deleted_record_leaves_a_tombstone_and_nothing_of_its_content(resolver, tmp_path):
    resolver.insert(place(name="secret garden"), source="a", id=1)
    entity = entity_of(resolver, 1)
    resolver.delete(source="a", id=1)
    view = resolver.record("a", 1)
    assert (view.record, view.entity) == (None, None)
    assert resolver.entity(entity).retired
    assert [event.kind for event in resolver.history("a", 1)] == [
        "inserted", "created", "deleted", "left",
    ]  # fmt: skip
    with pytest.raises(UnknownRecordError):
        resolver.delete(source="a", id=1)
    resolver.insert(place(), source="a", id=1)
    assert entity_of(resolver, 1) != entity
    assert resolver.check().problems == ()


def test_corrections_are_obeyed_withdrawn_and_refused_when_they_contradict(resolver):
    fill(resolver, 0, 1.5, 3, 9)
    assert len({entity_of(resolver, n) for n in range(3)}) == 1
    resolver.correct(("a", 0), ("a", 2), "different", author="ann", reason="two branches")
    assert entity_of(resolver, 0) != entity_of(resolver, 2)
    resolver.correct(("a", 2), ("a", 3), "same")
    assert entity_of(resolver, 2) == entity_of(resolver, 3)
    before = resolver.counts()
    with pytest.raises(ContradictionError, match=r"a:0.*a:2|a:2.*a:0"):
        resolver.correct(("a", 3), ("a", 0), "same")
    assert resolver.counts() == before
    assert resolver.correct(("a", 3), ("a", 2), "same").kind == "unchanged"
    resolver.correct(("a", 0), ("a", 2), None)
    assert len({entity_of(resolver, n) for n in range(4)}) == 1
    resolver.correct(("a", 2), ("a", 3), None)
    assert entity_of(resolver, 2) != entity_of(resolver, 3)
    told = [event.detail for event in resolver.changes() if event.kind == "corrected"]
    assert told[0] == {"source": "a", "id": "2", "verdict": "different", "author": "ann",
                       "reason": "two branches"}  # fmt: skip
    assert resolver.check().problems == ()


def test_a_correction_waits_for_a_deleted_record_to_come_back(resolver):
    fill(resolver, 0, 0)
    resolver.correct(("a", 0), ("a", 1), "different")
    resolver.delete(source="a", id=1)
    resolver.insert(place(), source="a", id=1)
    assert entity_of(resolver, 0) != entity_of(resolver, 1)


def test_put_is_idempotent_and_insert_and_update_are_strict(resolver):
    assert resolver.put(place(), source="a", id=1).kind == "inserted"
    last = resolver.counts()["last_change"]
    assert resolver.put(place(), source="a", id="1").kind == "unchanged"
    assert resolver.counts()["last_change"] == last
    assert resolver.put(place(1), source="a", id=1).kind == "updated"
    with pytest.raises(RecordError, match="already"):
        resolver.insert(place(2), source="a", id=1)
    with pytest.raises(UnknownRecordError):
        resolver.update(place(2), source="a", id=2)


def test_each_record_is_put_or_refused_for_itself(resolver):
    fill(resolver, 0)
    records = [
        ("a", 0, place(name="other")),
        ("a", 1, place(name="blue door")),
        ("a", 2, place() | {"latitude": 91.0}),
        ("a", 3, place(9)),
        ("a", 3, place(9, name="new name")),
    ]
    modes = ["insert", "insert", "put", "update", "put"]
    found = resolver.put_each(records, modes=modes)
    kinds = [getattr(one, "kind", type(one).__name__) for one in found]
    assert kinds == [
        "RecordExistsError", "inserted", "RecordError", "UnknownRecordError", "inserted",
    ]  # fmt: skip
    assert found[1].entity == entity_of(resolver, 0)
    assert [event.kind for event in found[1].events] == ["inserted", "joined"]
    assert resolver.check().problems == ()


def test_a_value_that_many_bear_is_not_looked_up(resolver):
    for n in range(5):
        resolver.insert(place(n * 50, name=f"{n}", phone="0131 496 0001"), source="a", id=n)
    found = resolver.match(place(400, name="x", phone="0131 496 0001"))
    assert (found.looked, found.found) == (0, 0)  # three at most make a block


def test_many_questions_are_answered_as_each_alone(resolver):
    fill(resolver, 0, 3)
    asked = [place(), place(3), place(99), {"name": 1}, place(1.5) | {"source": "a", "id": "0"}]
    found = resolver.match_many(asked)
    assert isinstance(found[3], RecordError)
    assert [found[n] for n in (0, 1, 2)] == [resolver.match(asked[n]) for n in (0, 1, 2)]
    assert "0" not in [one.id for one in found[4].candidates]


def test_many_records_are_put_all_or_none(resolver):
    rows = [("a", n, place(n)) for n in range(3)]
    with pytest.raises(RecordError):
        resolver.put_many([*rows, ("a", 9, place() | {"latitude": 95.0})])
    assert resolver.counts()["records"] == 0
    assert len(resolver.put_many(rows)) == resolver.counts()["records"] == 3


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (place() | {"nmae": "x"}, "nmae"),
        ({"latitude": 1.0, "longitude": 2.0}, "name"),
        (place() | {"latitude": 91.0}, "latitude"),
        (place() | {"latitude": "north"}, "latitude"),
        (place() | {"latitude": float("inf")}, "latitude"),
        (place() | {"longitude": None}, "longitude"),
        (place() | {"name": {"en": "x"}}, "name"),
        (place() | {"name": ["x"]}, "name"),
    ],
)
def test_a_record_that_cannot_be_used_is_refused_by_field(resolver, record, field):
    with pytest.raises(RecordError) as caught:
        resolver.insert(record, source="a", id=1)
    assert caught.value.field == field
    assert resolver.counts()["last_change"] == 0


def test_a_word_in_place_of_a_coordinate_is_named(resolver):
    with pytest.raises(RecordError, match="'latitude' is a number, got 'north'"):
        resolver.match(place() | {"latitude": "north"})


def test_a_match_explains_itself_and_stores_nothing(resolver):
    fill(resolver, 0, 0.5)
    found = resolver.match(place(0.1), explain=True, limit=1)
    assert found.decision
    assert found.found == 2
    assert found.entity == entity_of(resolver, 0)
    assert found.candidates[0].explanation.score == found.candidates[0].score
    assert json.dumps(found.to_dict())
    assert resolver.counts()["records"] == 2
    nothing = resolver.match(place(500))
    assert (nothing.decision, nothing.entity, nothing.candidates) == (False, None, ())


def test_limits_cap_the_candidates_and_say_so(fitted, tmp_path):
    with Resolver(fitted, tmp_path / "x.db", limits=Limits(metres=60.0, neighbours=2)) as resolver:
        fill(resolver, 0, 0.1, 0.2, 0.3, 2)
        found = resolver.match(place())
        assert (found.found, found.capped) == (2, 3)
        assert found.order_dependent == ("candidates are capped: at most 60 m, the 2 nearest",)
        assert {item.id for item in found.candidates} == {"0", "1"}


def test_events_lead_to_the_memberships(resolver):
    fill(resolver, 0, 3, 1.5)
    resolver.delete(source="a", id=2)
    with resolver.store.read() as work:
        told = {key[1]: f"e{entity}" for key, entity in replay(work.each_event()).items()}
    assert told == {str(n): entity_of(resolver, n) for n in range(2)}
    events = resolver.changes()
    assert [event.seq for event in events] == sorted({event.seq for event in events})
    assert resolver.changes(since=events[2].seq) == events[3:]
    assert resolver.changes(limit=2) == events[:2]


def test_the_golden_record_names_its_sources(resolver):
    resolver.insert(place(phone="0131 496 0001"), source="b", id=1)
    resolver.insert(place(), source="a", id=1)
    view = resolver.entity(resolver.record("a", 1).entity)
    assert view.golden["phone"] == "0131 496 0001"
    assert view.provenance["phone"] == "b:1"
    with pytest.raises(UnknownRecordError):
        resolver.entity("e999")


def test_a_linker_put_in_beside_is_noticed_at_once(new_store_linker, fitted, tmp_path):
    from sameas.resolver import rebuild_store

    newer = new_store_linker(rank=9.0)
    with Resolver(fitted, tmp_path / "x.db") as resolver:
        fill(resolver, 0, 1)
        rebuild_store(newer, resolver.store)
        with pytest.raises(LinkerChangedError):
            resolver.match(place())
        with pytest.raises(LinkerChangedError):
            Resolver(fitted, tmp_path / "x.db")
    with Resolver(newer, tmp_path / "x.db") as resolver:
        assert resolver.check().problems == ()
