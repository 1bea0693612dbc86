"""Records with several names: the most alike pair of names counts."""

import numpy as np
import pyarrow as pa
from rapidfuzz.distance import JaroWinkler

from sameas.comparison import AliasSimilarity, BestAlias, SetContainment, SetJaccard, compare
from sameas.records import prepare

NAMES = [
    ("Alhambra Mine", ["Wolframite Queen", "Alhambra"]),
    ("Unnamed Prospect", ["Wolframite Queen Claims"]),
    ("Gravel Pit", None),
    (None, ["Allumbra"]),
]


def prepared(comparisons):
    records = pa.table(
        {
            "source": ["s"] * 4,
            "id": list("abcd"),
            "name": [name for name, _ in NAMES],
            "other_names": pa.array([others for _, others in NAMES], pa.list_(pa.string())),
            "metals": pa.array([["W", "Gold"], ["tungsten"], [], ["Ag"]], pa.list_(pa.string())),
        }
    )
    return prepare(records, [need for one in comparisons for need in one.needs()], {})


def ends(*pairs):
    left, right = np.array(pairs, np.int32).T
    return np.ascontiguousarray(left), np.ascontiguousarray(right)


def test_the_best_pair_of_names_counts_on_either_side():
    best = BestAlias(("name", "other_names"), form="site_name")
    columns = prepared([best])
    pairs = ends((0, 1), (1, 0), (0, 3))
    found = compare(columns, [best], *pairs)
    np.testing.assert_array_equal(found[0], found[1])
    assert found[0, :3].tolist() == [1, 1, 1]
    assert found[0, 3] > 1 > found[2, 3]
    assert found[0, 4:].tolist() == [1, 2]
    assert found[2, 0] == np.float32(JaroWinkler.similarity("alhambra", "allumbra"))


def test_without_a_name_nothing_can_be_compared():
    best = BestAlias(("name", "other_names"), form="site_name")
    found = compare(prepared([best]), [best], *ends((0, 2), (2, 2)))
    assert np.isnan(found).all()
    alone = AliasSimilarity(("name", "other_names"), form="site_name")
    pairs = ends((0, 1), (0, 3), (0, 2))
    both = compare(prepared([best, alone]), [best, alone], *pairs)
    np.testing.assert_array_equal(both[:, 6], both[:, 1])
    nothing = np.zeros(0, np.int32)
    assert compare(prepared([best]), [best], nothing, nothing).shape == (0, 6)


def test_symbols_of_commodities_are_their_names():
    sets = [SetContainment("metals", form="commodity"), SetJaccard("metals", form="commodity")]
    found = compare(prepared(sets), sets, *ends((0, 1), (0, 3), (0, 2)))
    assert found[0].tolist() == [1, 1, 0.5]
    assert found[1].tolist() == [0, 0, 0]
    assert np.isnan(found[2]).all()
