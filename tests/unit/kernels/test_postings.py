"""The inversion of sparse vectors."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.kernels.postings import invert

quick = settings(max_examples=100, deadline=None)
DIMENSIONS = 6


@st.composite
def vectors(draw):
    texts = draw(
        st.lists(
            st.dictionaries(
                st.integers(0, DIMENSIONS - 1), st.sampled_from([0.25, 0.5, 1.0]), max_size=4
            ),
            min_size=1,
            max_size=6,
        )
    )
    code = draw(st.lists(st.integers(-1, len(texts) - 1), max_size=12))
    start = np.cumsum([0, *map(len, texts)])
    flat = [item for text in texts for item in sorted(text.items())]
    index = np.array([item[0] for item in flat], np.int32)
    value = np.array([item[1] for item in flat], np.float32)
    return texts, (np.array(code, np.int32), start, index, value)


@quick
@given(vectors())
def test_the_inversion_holds_every_value_of_every_record(given):
    texts, (code, *rest) = given
    begin, record, weight = invert(code, *rest, DIMENSIONS)
    for dimension in range(DIMENSIONS):
        here = slice(begin[dimension], begin[dimension + 1])
        found = list(zip(record[here].tolist(), weight[here].tolist(), strict=True))
        expected = [
            (row, texts[c][dimension])
            for row, c in enumerate(code)
            if c >= 0 and dimension in texts[c]
        ]
        assert found == expected
