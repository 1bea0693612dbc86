"""Texts and words as numbers, beside what Arrow's dictionaries say."""

from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given
from hypothesis import strategies as st

from sameas.core.texts import buffers, of_buffers
from sameas.kernels.spelled import numbered_words
from sameas.records.encoded import encoded

#: Few letters, so that texts and words come again; one of two bytes and one of three.
TEXT = st.text("ab é門", max_size=7)


@given(st.lists(st.none() | TEXT, max_size=40))
def test_texts_have_the_numbers_of_a_dictionary(texts):
    array = pa.array(texts, pa.large_string())
    expected, found = pc.dictionary_encode(array), encoded(array)
    assert found.values.to_pylist() == expected.dictionary.to_pylist()
    assert found.code.tolist() == expected.indices.fill_null(-1).to_pylist()


@given(st.lists(TEXT, max_size=40))
def test_words_have_the_numbers_of_a_dictionary_and_none_is_empty(texts):
    start, number, spelled = numbered_words(*buffers(pa.array(texts, pa.large_string())))
    words = [[word for word in text.split(" ") if word] for text in texts]
    vocabulary = of_buffers(*spelled).to_pylist()
    held = [number[one:two].tolist() for one, two in pairwise(start)]
    assert [[vocabulary[place] for place in row] for row in held] == words
    assert vocabulary == list(dict.fromkeys(word for row in words for word in row))


def test_parts_of_arrays_and_several_chunks_are_read_where_they_begin():
    whole = pa.array(["x", "mill", None, "inn", "mill", "y"])
    for texts in (whole[1:5], pa.chunked_array([whole[1:3], whole[3:5]])):
        found = encoded(texts)
        assert found.code.tolist() == [0, -1, 1, 0]
        assert found.values.to_pylist() == ["mill", "inn"]
    assert encoded(pa.nulls(2)).code.tolist() == [-1, -1]
    assert len(encoded(pa.array([], pa.string())).values) == 0
