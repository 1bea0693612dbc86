"""Components: those of one machine, in few rounds, whatever the shape and the parts."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.engines.pieces import cut
from sameas.kernels.components import connected_components
from sameas.linker.spark.components import connect


def connected(engine, frame, left, right, *, pieces=4, parts=4, at_once=0):
    pairs = pa.table({"record": right.astype(np.int32), "root": left.astype(np.int32)})
    size = max(1, -(-len(left) // pieces))
    given = [
        piece for first in range(0, len(left), size)
        for piece in cut(0, "edges", pairs.slice(first, size))
    ]  # fmt: skip
    stage, rounds = connect(engine, frame(given), parts=parts, at_once=at_once)
    found = [piece.table for piece in engine.collect(stage)]
    edges = pa.concat_tables(found) if found else pairs.slice(0, 0)
    return edges, rounds


def labels(edges, records):
    label = np.arange(records)
    record = edges["record"].to_numpy()
    assert len(np.unique(record)) == len(record)
    label[record] = edges["root"].to_numpy()
    return label


def shapes():
    rng = np.random.default_rng(0)
    yield "none", np.zeros(0, int), np.zeros(0, int), 5
    yield "one", np.array([2]), np.array([3]), 5
    yield "star", np.zeros(200, int), np.arange(1, 201), 300
    yield "ring", np.arange(999), np.arange(1, 1000), 1000
    tree = np.arange(1, 500)
    yield "tree", tree // 2, tree, 500
    yield "random", *np.sort(rng.integers(0, 2_000, (1_500, 2)), axis=1).T, 2_000


@pytest.mark.parametrize("shape", list(shapes()), ids=lambda shape: shape[0])
@pytest.mark.parametrize("at_once", [0, 10**6])
def test_components_are_those_of_one_machine(local, frame, shape, at_once):
    _, left, right, records = shape
    apart = left != right
    left, right = left[apart], right[apart]
    edges, _ = connected(local(), frame, left, right, at_once=at_once)
    wanted = connected_components(left.astype(np.int32), right.astype(np.int32), records)
    assert labels(edges, records).tolist() == wanted.tolist()


def test_a_long_chain_in_no_order_settles_in_few_rounds(local, frame):
    count = 60_000
    chain = np.random.default_rng(1).permutation(count)
    left, right = np.minimum(chain[1:], chain[:-1]), np.maximum(chain[1:], chain[:-1])
    edges, rounds = connected(local(), frame, left, right, pieces=16, parts=16)
    assert not labels(edges, count).any()
    assert rounds <= 12
