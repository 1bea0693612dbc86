"""Any order of inserts, updates, deletes and corrections ends as one batch run: a state machine."""

import importlib.util
import tempfile
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sameas.resolver import ContradictionError, Resolver


def part_of(path):
    """Import a file of the unit tests: the made-up linker, and the plain reference."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


UNIT = Path(__file__).parents[1] / "unit"
FITTED = part_of(UNIT / "conftest.py").make_fitted()
REFERENCE = part_of(UNIT / "resolver" / "test_equality.py")
KEYS = st.tuples(st.sampled_from("ab"), st.integers(0, 6).map(str))
PLACES = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["blue door", "blue dor", "old mill", "star cafe", "star"]),
        "latitude": st.integers(0, 5).map(lambda n: 55.9 + n * 0.0006),
        "longitude": st.just(-3.2),
        "phone": st.sampled_from([None, "0131 496 0001"]),
    }
)


class Stores(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.resolver = Resolver(FITTED, f"{self.folder.name}/places.db")
        self.records, self.corrections = {}, {}

    @rule(key=KEYS, place=PLACES)
    def put(self, key, place):
        self.resolver.put(place, source=key[0], id=key[1])
        self.records[key] = place

    @rule(some=st.lists(st.tuples(KEYS, PLACES), max_size=5))
    def put_many(self, some):
        self.resolver.put_many([(*key, place) for key, place in some])
        self.records.update(some)

    @precondition(lambda self: self.records)
    @rule(some=st.lists(st.tuples(KEYS, PLACES), min_size=2, max_size=4))
    def match_many(self, some):
        asked = [place | {"source": key[0], "id": key[1]} for key, place in some]
        alone = [self.resolver.match(place, source=key[0], id=key[1]) for key, place in some]
        assert self.resolver.match_many(asked) == alone

    @precondition(lambda self: self.records)
    @rule(data=st.data())
    def delete(self, data):
        key = data.draw(st.sampled_from(sorted(self.records)))
        self.resolver.delete(source=key[0], id=key[1])
        del self.records[key]

    @precondition(lambda self: len(self.records) > 1)
    @rule(data=st.data(), verdict=st.sampled_from(["same", "different", None]))
    def correct(self, data, verdict):
        pair = data.draw(
            st.lists(st.sampled_from(sorted(self.records)), min_size=2, max_size=2, unique=True)
        )
        try:
            self.resolver.correct(*pair, verdict)
        except ContradictionError:
            return
        self.corrections.pop(tuple(sorted(pair)), None)
        if verdict is not None:
            self.corrections[tuple(sorted(pair))] = verdict

    @invariant()
    def as_in_a_batch_run(self):
        if not self.records:
            return
        said = [(*pair, verdict) for pair, verdict in self.corrections.items()]
        clusters, scores = REFERENCE.batch(FITTED, self.records, said)
        assert REFERENCE.kept(self.resolver) == (clusters, scores)

    def teardown(self):
        assert self.resolver.check().problems == ()
        self.resolver.close()
        self.folder.cleanup()


Stores.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestStores = Stores.TestCase
