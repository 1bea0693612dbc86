"""N-grams as vectors: a record alone has the values that it has in a table."""

import numpy as np
import pyarrow as pa

from sameas.core.prepared import Need
from sameas.records import prepare
from sameas.records.preparations import texts


def test_a_record_alone_has_the_values_of_the_table(monkeypatch):
    need = Need("vectors", ("name",), (("low", 2), ("high", 4)))
    names = [f"blue door cafe {n % 17} at {n * 7919}" for n in range(400)]
    known = {}
    whole = prepare(pa.table({"name": names}), [need], known)[need]
    for row in (0, 7, 399):
        alone = prepare(pa.table({"name": names[row : row + 1]}), [need], dict(known))[need]
        code = whole.code[row]
        part = slice(whole.start[code], whole.start[code + 1])
        assert np.array_equal(alone.index, whole.index[part])
        assert np.array_equal(alone.value, whole.value[part])
    # Both ways of taking the logarithms give the same.
    monkeypatch.setattr(texts, "inverse_frequency", _all_at_once(texts.inverse_frequency))
    again = prepare(pa.table({"name": names}), [need], dict(known))[need]
    assert np.array_equal(again.value, whole.value)


def _all_at_once(honest):
    def every(frequency, documents):
        distinct, place = np.unique(frequency, return_inverse=True)
        return honest(distinct, documents)[place]

    return every
