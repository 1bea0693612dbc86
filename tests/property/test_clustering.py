"""Invariants of clustering and survivorship."""

import numpy as np
import pyarrow as pa
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster
from scipy.cluster.hierarchy import linkage as scipy_linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components as scipy_components
from scipy.spatial.distance import squareform

from sameas.clustering import (
    Agglomerative,
    ConnectedComponents,
    Constrained,
    Constraints,
    Correlation,
    OneToOne,
    SplitBridges,
    SplitChains,
)
from sameas.core.errors import ArgumentError
from sameas.survivorship import (
    First,
    Longest,
    Median,
    Medoid,
    Survivorship,
    clusters_table,
    golden_records,
)

quick = settings(max_examples=60, deadline=None)
NESTED = [
    ConnectedComponents(),
    ConnectedComponents(max_size=3, oversized="split"),
    ConnectedComponents(max_size=2, oversized="split"),
    OneToOne(method="greedy"),
]
NESTED_CLUSTERERS = st.sampled_from(NESTED)
CLUSTERERS = st.sampled_from(
    [
        *NESTED,
        OneToOne(),
        Agglomerative(),
        Agglomerative("complete"),
        Agglomerative("single", missing=0.2),
        Correlation(),
        Correlation(missing=0.3, sweeps=2),
        SplitBridges(side=1),
        SplitBridges(side=2, keep=0.8),
        SplitChains(),
        SplitChains(level=0.6, missing=0.1),
    ]
)


@st.composite
def scored_pairs(draw):
    n = draw(st.integers(2, 25))
    record = st.integers(0, n - 1)
    rows = draw(st.lists(st.tuples(record, record, st.integers(0, 10)), max_size=60))
    left, right, tenths = np.array(rows, np.int32).reshape(-1, 3).T
    sources = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    source = np.sort(np.array([0, 1, *sources[2:]], np.int32))
    return left.copy(), right.copy(), tenths / 10, source


def cluster(clusterer, pairs, threshold=0.5):
    left, right, score, source = pairs
    return clusterer.cluster(left, right, score, score >= threshold, source).label


@quick
@given(scored_pairs(), CLUSTERERS)
def test_clusters_partition_the_records(pairs, clusterer):
    label = cluster(clusterer, pairs)
    assert len(label) == len(pairs[3])
    for root in np.unique(label):
        assert np.flatnonzero(label == root)[0] == root


@quick
@given(scored_pairs(), CLUSTERERS)
def test_only_records_joined_by_matches_are_together(pairs, clusterer):
    left, right, score, source = pairs
    label = cluster(clusterer, pairs)
    kept = (score >= 0.5) & (label[left] == label[right])
    graph = coo_matrix((np.ones(kept.sum()), (left[kept], right[kept])), shape=(len(source),) * 2)
    _, other = scipy_components(graph, directed=False)
    _, first = np.unique(other, return_index=True)
    assert np.array_equal(label, first[other])


@quick
@given(scored_pairs())
def test_components_equal_scipy(pairs):
    left, right, score, source = pairs
    match = score >= 0.5
    graph = coo_matrix((match[match], (left[match], right[match])), shape=(len(source),) * 2)
    _, other = scipy_components(graph, directed=False)
    _, first = np.unique(other, return_index=True)
    assert np.array_equal(cluster(ConnectedComponents(), pairs), first[other])


@quick
@given(scored_pairs(), CLUSTERERS, st.randoms(use_true_random=False))
def test_order_orientation_and_repetition_do_not_matter(pairs, clusterer, random):
    left, right, score, source = pairs
    rows = list(range(len(left))) * 2
    random.shuffle(rows)
    swap = np.array([random.random() < 0.5 for _ in rows], bool)
    a, b = left[rows], right[rows]
    other = np.where(swap, b, a), np.where(swap, a, b), score[rows], source
    assert np.array_equal(cluster(clusterer, pairs), cluster(clusterer, other))


@quick
@given(scored_pairs(), NESTED_CLUSTERERS, st.integers(0, 10), st.integers(0, 10))
def test_a_higher_threshold_never_joins_more(pairs, clusterer, one, two):
    low = cluster(clusterer, pairs, min(one, two) / 10)
    high = cluster(clusterer, pairs, max(one, two) / 10)
    assert np.array_equal(low[high], low)  # every cluster of `high` lies within one of `low`


@quick
@given(scored_pairs(), st.integers(2, 6))
def test_split_keeps_the_limit_and_what_is_within_it(pairs, max_size):
    whole = cluster(ConnectedComponents(), pairs)
    split = cluster(ConnectedComponents(max_size=max_size, oversized="split"), pairs)
    assert np.bincount(split).max() <= max_size
    small = np.bincount(whole, minlength=len(whole))[whole] <= max_size
    assert np.array_equal(split[small], whole[small])
    assert np.array_equal(whole[split], whole)


@quick
@given(scored_pairs(), st.sampled_from(["optimal", "greedy"]))
def test_one_to_one_really_is(pairs, method):
    left, right, score, source = pairs
    label = cluster(OneToOne(method), pairs)
    for root in np.unique(label):
        members = source[label == root]
        assert len(np.unique(members)) == len(members)
    kept = OneToOne(method).select(left, right, score, score >= 0.5, source)
    assert np.array_equal(kept, (score >= 0.5) & (label[left] == label[right]))


@quick
@given(scored_pairs())
def test_one_to_one_between_two_sources_is_stable(pairs):
    left, right, score, source = pairs
    source = np.minimum(source, 1)
    match = (score >= 0.5) & (source[left] != source[right])
    kept = OneToOne(method="greedy").select(left, right, score, match, source)
    best = np.full(len(source), -1.0)
    for record in (left, right):
        np.maximum.at(best, record[kept], score[kept])
    lost = match & ~kept
    assert (np.maximum(best[left], best[right])[lost] >= score[lost]).all()


def best_sums(weights):
    """Return the greatest sum of weights of an assignment, and the pairs of all such ones."""
    pairs = sorted(weights)
    best, members = 0, [frozenset()]

    def extend(first, taken, total):
        nonlocal best, members
        if total > best:
            best, members = total, []
        if total == best:
            members.append(frozenset(taken))
        for place in range(first, len(pairs)):
            pair = pairs[place]
            if all(pair[0] != a and pair[1] != b for a, b in taken):
                extend(place + 1, [*taken, pair], total + weights[pair])

    extend(0, [], 0)
    return best, set(members)


@quick
@given(st.dictionaries(st.tuples(st.integers(0, 3), st.integers(4, 7)), st.integers(5, 10)))
def test_optimal_is_the_best_of_all_assignments_and_ties_are_those_of_others(tenths):
    left, right = np.array([*tenths], np.int32).reshape(-1, 2).T
    score = np.array([*tenths.values()]) / 16  # exact sums, so that ties are ties
    source = (np.arange(8) > 3).astype(np.int32)
    given_pairs = left.copy(), right.copy(), score, np.ones(len(score), bool), source
    kept = OneToOne().select(*given_pairs)
    best, members = best_sums(tenths)
    taken = {pair for pair, keep in zip(tenths, kept, strict=True) if keep}
    assert sum(tenths[pair] for pair in taken) == best
    elsewhere = frozenset().union(*members) - taken
    assert OneToOne().cluster(*given_pairs).report.tied == len(elsewhere)


@quick
@given(scored_pairs(), st.sampled_from(["average", "complete"]))
def test_agglomerative_of_one_table_equals_scipy_where_scores_differ(pairs, linkage):
    left, right, score, _ = pairs
    n = len(pairs[3])
    source = np.zeros(n, np.int32)  # of several tables, pairs inside one need not count
    rng = np.random.default_rng(len(left))
    likeness = np.zeros((n, n))
    likeness[left, right] = rng.permutation(len(left)) / (len(left) + 1) + 0.0005
    likeness = np.maximum(likeness, likeness.T)
    np.fill_diagonal(likeness, 1)
    score = likeness[left, right]
    decision = score >= 0.4
    label = Agglomerative(linkage, cut=0.4).cluster(left, right, score, decision, source).label
    tree = scipy_linkage(squareform(1 - likeness), linkage)
    other = fcluster(tree, 0.6, "distance")
    assert np.array_equal(label[:, None] == label, other[:, None] == other)


@quick
@given(scored_pairs())
def test_correlation_is_no_worse_than_components_or_none(pairs):
    left, right, score, source = pairs
    n = len(source)
    signed = np.full((n, n), -0.5)
    np.maximum.at(signed, (np.minimum(left, right), np.maximum(left, right)), score - 0.5)

    def total(label):
        return signed[np.triu(label[:, None] == label, 1)].sum()

    label = Correlation(cut=0.5).cluster(left, right, score, score >= 0.5, source).label
    assert total(label) >= -1e-6
    for record in range(n):  # no record gains by moving
        for goal in {*label.tolist(), n}:
            moved = label.copy()
            moved[record] = goal
            assert total(moved) <= total(label) + 1e-6


@st.composite
def constraints(draw, n, source):
    record = st.integers(0, n - 1)
    couples = st.lists(
        st.tuples(record, record).filter(lambda pair: pair[0] != pair[1]), max_size=5
    )
    found = Constraints(
        unique=tuple(draw(st.sets(st.integers(0, 3)))),
        together=np.array(draw(couples), np.int32).reshape(-1, 2).T,
        apart=np.array(draw(couples), np.int32).reshape(-1, 2).T,
    )
    try:
        found.check(source)
    except ArgumentError:
        assume(False)
    return found


@settings(max_examples=200, deadline=None)
@given(scored_pairs(), CLUSTERERS, st.data())
def test_constraints_hold_whatever_the_clusterer(pairs, clusterer, data):
    left, right, score, source = pairs
    rules = data.draw(constraints(len(source), source))
    label = cluster(Constrained(clusterer, rules), pairs)
    assert np.array_equal(label[label], label)
    assert (label[rules.together[0]] == label[rules.together[1]]).all()
    assert (label[rules.apart[0]] != label[rules.apart[1]]).all()
    for code in rules.unique:
        members = label[source == code]
        assert len(np.unique(members)) == len(members)
    shuffle = np.random.default_rng(0).permutation(len(left))
    other = right[shuffle], left[shuffle], score[shuffle], source
    assert np.array_equal(label, cluster(Constrained(clusterer, rules), other))


@quick
@given(scored_pairs(), CLUSTERERS)
def test_constraints_that_hold_anyway_change_nothing(pairs, clusterer):
    label = cluster(clusterer, pairs)
    root = np.unique(label)
    rules = Constraints(apart=np.stack([root[:-1], root[1:]]))
    left, right, score, source = pairs
    inside = label[left] == label[right]
    same = left[inside], right[inside], score[inside], source
    if not isinstance(clusterer, Agglomerative | Correlation | SplitBridges | SplitChains):
        assert np.array_equal(
            cluster(Constrained(clusterer, rules), same), cluster(clusterer, same)
        )


VALUES = {
    "name": st.none() | st.sampled_from(["a", "b", "bb", "ccc", "ddd", ""]),
    "address": st.none() | st.text(max_size=3),
    "phone": st.none() | st.sampled_from(["1", "2"]),
    "year": st.none() | st.integers(1990, 1995),
    "latitude": st.none() | st.floats(-90, 90),
    "longitude": st.none() | st.floats(-180, 180),
    "labels": st.none() | st.lists(st.sampled_from("abc"), max_size=3),
}
KINDS = {
    "year": pa.int64(),
    "latitude": pa.float64(),
    "longitude": pa.float64(),
    "labels": pa.list_(pa.string()),
}
RULES = Survivorship(
    {
        "address": Longest(),
        "phone": First(("s1",)),
        "year": Median(),
        "latitude": Medoid(),
        "longitude": Medoid(),
    }
)


@st.composite
def clustered_records(draw):
    n = draw(st.integers(1, 15))
    group = draw(st.lists(st.integers(0, 5), min_size=n, max_size=n))
    label = np.array([group.index(value) for value in group], np.int32)
    columns = {
        "source": [f"s{i * 3 // n}" for i in range(n)],
        "id": list(range(n)),
        **{
            name: pa.array(
                draw(st.lists(values, min_size=n, max_size=n)), KINDS.get(name, pa.string())
            )
            for name, values in VALUES.items()
        },
    }
    return pa.table(columns), label


@quick
@given(clustered_records())
def test_golden_values_come_from_the_member_they_name(given_records):
    records, label = given_records
    rows = {f"{row['source']}:{row['id']}": row for row in records.to_pylist()}
    entity_of = dict(zip(rows, clusters_table(records, label)["entity"].to_pylist(), strict=True))
    for golden in golden_records(records, label, RULES).to_pylist():
        members = [row for name, row in rows.items() if entity_of[name] == golden["entity"]]
        assert len(members) == golden["size"]
        for field in ("name", "address", "phone", "year", "latitude", "longitude"):
            origin = golden[f"{field}_from"]
            if origin is None:
                assert golden[field] is None
            else:
                assert entity_of[origin] == golden["entity"]
                assert rows[origin][field] == golden[field]
        for field in ("name", "address", "phone", "year"):
            assert (golden[field] is None) == all(row[field] is None for row in members)
        if golden["size"] > 1:
            assert golden["latitude_from"] == golden["longitude_from"]


@quick
@given(clustered_records())
def test_unions_hold_every_value_and_name_who_gave_it(given_records):
    records, label = given_records
    entity_of = clusters_table(records, label)["entity"].to_pylist()
    rows = [row | {"entity": e} for row, e in zip(records.to_pylist(), entity_of, strict=True)]
    for golden in golden_records(records, label, RULES).to_pylist():
        giving = [row for row in rows if row["entity"] == golden["entity"] and row["labels"]]
        expected = {value for row in giving for value in row["labels"]}
        assert set(golden["labels"] or ()) == expected
        assert (golden["labels_from"] or []) == [f"{row['source']}:{row['id']}" for row in giving]


@quick
@given(clustered_records())
def test_records_alone_are_unchanged_and_none_is_lost(given_records):
    records, label = given_records
    table = golden_records(records, label, RULES)
    assert sum(table["size"].to_pylist()) == len(label)
    assert table.num_rows == len(np.unique(label))
    golden = {row["entity"]: row for row in table.to_pylist()}
    size = np.bincount(label)
    for number, row in enumerate(records.to_pylist()):
        if size[label[number]] == 1:
            kept = golden[f"{row['source']}:{row['id']}"]
            assert {field: kept[field] for field in VALUES} == {f: row[f] for f in VALUES}
