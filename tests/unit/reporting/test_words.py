import pytest

from sameas.reporting.words import context_words, distance_words, field_words, joined_words


@pytest.mark.parametrize(
    ("left", "right", "words"),
    [
        ("Café Bar", "cafe  bar", "name is the same but for its spelling"),
        ("Café Bar", "Café Bar", "name is the same"),
        ("Peterson", "Petersen", "name differs by one letter"),
        ("Peterson", "Petresen", "name differs by two letters"),
        ("Martha", "Marhta", "name differs by one letter"),
        ("Old Mill", "Star Gym", "name shares no word"),
        ("ab", "xy", "name differs"),
        ("one two three", "three one four", "name shares 2 of 4 words (one, three)"),
        (None, None, "no name on either side"),
        ("x", None, "no name on one side"),
        (["bar", "pub"], ["pub"], "name: one of 2 in common"),
        (["bar"], ["bar"], "name: the same"),
        (4.0, 4.0, "name is the same"),
        (0.0, 8.0, "name 0 and 8, 100 % apart"),
    ],
)
def test_field_words(left, right, words):
    assert field_words("name", left, right) == words
    if isinstance(left, str) and isinstance(right, str):
        assert field_words("name", right, left).split(" (")[0] == words.split(" (")[0]


@pytest.mark.parametrize(
    ("kind", "left", "right", "words"),
    [
        ("date", "19280722", "22.07.1928", "x is the same day"),
        ("date", "1928-04-03", "03/04/1928", "x is the same day"),
        ("date", "1928", "1928-04-03", "x is the same year"),
        ("date", "1928-04-03", "1928-03-04", "x: day and month change places"),
        ("date", "1928-04-03", "1928-04-13", "x: another day (3 and 13)"),
        ("date", "1928-04-03", "1928-05-01", "x: 28 days apart"),
        ("date", "1928-04-03", "1938-05-01", "x: 10 years apart"),
        ("date", "1928-02-30", "1938-05-01", "x differs"),
        ("date", "unknown", "1928-04-03", "x shares no word"),
        ("phone", "(131) 556 9999", "131-556-9999", "x has the same digits"),
        ("phone", "+44 131 556 9999", "0131 556 9999", "x ends in the same 10 digits"),
        ("phone", "556 9999", "556 9998", "x differs by one letter"),
        ("text", "19280722", "22.07.1928", "x shares no word"),
    ],
)
def test_what_is_written_in_different_ways(kind, left, right, words):
    assert field_words("x", left, right, kind=kind) == words
    turned = field_words("x", right, left, kind=kind)
    assert turned.split(" (")[0] == words.split(" (")[0]


def test_long_texts_are_compared_by_words():
    text = "word " * 4000
    assert field_words("text", text, text + "more") == "text shares 1 of 2 words (word)"


def test_joined_words():
    left, right = {"brand": "Acme", "title": None}, {"brand": None, "title": "Acme"}
    assert joined_words("brand + title", left, right) == "brand + title is the same"
    assert joined_words("brand", left, left | {"brand": None}) == "no brand on one side"
    assert joined_words("a + b", {"a": None, "b": None}, {"a": None, "b": None}).startswith("no a")
    assert joined_words("a + b", {"a": "x", "b": ["y", "z"]}, {"a": "x y", "b": ["z"]}).endswith(
        "is the same"
    )


def test_the_fields_of_joined_words_are_named():
    """Two groups of fields are two lines, and each says which it is."""
    one, other = dict.fromkeys("abcdef", "up"), dict.fromkeys("abcdef", "on")
    assert joined_words("a + b + c", one, other) == "a + b + c differs"
    assert joined_words("a + b + c + d", one, other).startswith("a + b + c + d ")
    assert joined_words("a + b + c + d + e + f", one, other).startswith("a + b + c + 3 more ")


def test_distance_and_context_words():
    assert distance_words(float("nan")) == "distance unknown"
    ranks = {"x_rank_better": 1.0, "x_rank_worse": 1.0, "candidates_more": 3.0}
    assert context_words(ranks) == "each is the other's best candidate"
    assert context_words(ranks | {"candidates_more": 0.0}) == "no rival on either side"
    assert context_words(ranks | {"x_rank_worse": 4.0}).endswith("number 4 of the other")
    assert "numbers 2 and 4" in context_words({"x_rank_better": 2.0, "x_rank_worse": 4.0})
    assert "unknown" in context_words({"x_rank_better": None, "x_rank_worse": None})
