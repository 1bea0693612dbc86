"""What is kept of records one by one compares like the columns of all of them."""

from itertools import pairwise

import numpy as np
import pyarrow as pa

from sameas.comparison import compare
from sameas.core.prepared import Need
from sameas.core.tables import LEARNED_WORDS
from sameas.linker.spec import as_spec
from sameas.records import collect, prepare
from sameas.records.preparations.texts import hashes
from sameas.resolver.layout import Layout, unlimited

FIELDS = {
    "given": "given_name", "surname": "surname", "born": "date", "mail": "email",
    "title": "text", "price": "number", "weight": "quantity", "tags": "set", "phone": "phone",
    "firm": "organisation", "street": "address", "site": "url", "kind": "category",
    "latitude": "latitude", "longitude": "longitude",
}  # fmt: skip


def make_columns(count=40):
    rng = np.random.default_rng(5)

    def some(*values):
        return [values[n] for n in rng.integers(0, len(values), count)]

    table = {
        "id": [str(n) for n in range(count)],
        "given": some("William", "Bill", "Ann Marie", None, "Łukasz"),
        "surname": some("Smith", "Smyth-Jones", None, "Müller"),
        "born": some("1987-03-05", "5.3.1987", "1987", None),
        "mail": some("a@b.org", "A@b.org", None),
        "title": some("blue door cafe", "the blue door", None, "", "cafe 12"),
        "price": some(1.0, 2.5, None),
        "weight": some("1 kg", "1000 g", None, "2"),
        "tags": some(["a", "b"], ["b"], None, []),
        "phone": some("+44 131 496 0001", "0131 496 0001", None),
        "firm": some("Acme Ltd", "ACME", None),
        "street": some("1 High St", "1-3 high street", None),
        "site": some("http://a.org", "https://www.a.org/", None),
        "kind": some("bar", "pub", None),
        "latitude": some(55.9, 55.91),
        "longitude": some(-3.2, -3.21),
    }
    spec = as_spec(FIELDS)
    words = ["blue", "cafe", "the"]
    taught = [words, hashes(pa.array(words, pa.large_string())), [0.5, -1.0, 2.0]]
    statistics = {"learned_words-title": pa.table(taught, schema=LEARNED_WORDS)}
    needs = (*spec.needs(), *Layout(spec.needs(), {}).kept)
    columns = prepare(collect({"a": table}, spec.fields).table, needs, statistics)
    documents = {
        need: int(statistics[need.slug].schema.metadata[b"documents"])
        for need in needs
        if need.kind == "tokens"
    }
    return spec, columns, documents, statistics


def test_every_comparison_is_the_same_before_and_after():
    spec, columns, documents, statistics = make_columns()
    layout = Layout(spec.needs(), documents, statistics)
    blobs = [bytes(part) for part in layout.pack(columns)]
    chosen = np.array([31, 4, 4, 0, 17])
    again = layout.unpack([blobs[n] for n in chosen])
    ones, others = (side.ravel().astype(np.int32) for side in np.indices((5, 5)))
    before = compare(columns, spec.comparisons, chosen[ones].astype(np.int32),
                     chosen[others].astype(np.int32))  # fmt: skip
    after = compare(again, spec.comparisons, ones, others)
    np.testing.assert_array_equal(before, after)
    buffer, start = layout.packed(columns, chosen)
    assert [bytes(buffer[a:b]) for a, b in pairwise(start.tolist())] == [blobs[n] for n in chosen]


def test_no_record_at_all():
    spec, _, documents, statistics = make_columns()
    layout = Layout(spec.needs(), documents, statistics)
    assert len(layout.unpack([])[unlimited(Need("points", ("latitude", "longitude")))].xyz) == 0
