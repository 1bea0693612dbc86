"""Keys of several derived values, against what is written out record by record."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.core.prepared import Need
from sameas.records import prepare

NAMES = st.sampled_from(
    [None, "", "anna", "Anna", "lee", "Anna Maria", "maria", "van der Lee", "!"]
)


def sorted_words(given, surname):
    need = Need(
        "key",
        ("given", "surname"),
        (("parts", ((("given", "surname"), "sorted_words", 0, "normalise"),)),),
    )
    ids = {"source": ["s"] * len(given), "id": [str(number) for number in range(len(given))]}
    columns = {"given": given, "surname": surname}
    texts = {name: pa.array(column, pa.string()) for name, column in columns.items()}
    return prepare(pa.table(ids | texts), [need], {})[need].value


@settings(deadline=None)
@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=12))
def test_sorted_words_of_two_fields_are_one_key_in_either_order(names):
    given, surname = (list(column) for column in zip(*names, strict=True))
    key = sorted_words(given, surname)
    plain = [" ".join(filter(None, pair)).lower().replace("!", "").split() for pair in names]
    words = np.array([" ".join(sorted(found)) for found in plain])
    assert ((key == 0) == (words == "")).all()
    assert ((key[:, None] == key) == (words[:, None] == words)).all()
    assert (key == sorted_words(surname, given)).all()
