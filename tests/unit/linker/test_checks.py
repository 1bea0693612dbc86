"""What a linker is given in the wrong kind is refused by name, before anything is read."""

import re

import numpy as np
import pytest

from sameas.blocking import ExactKey
from sameas.clustering import Agglomerative
from sameas.comparison import Equal, JaroWinkler
from sameas.core.errors import ArgumentError, LabelError
from sameas.linker import Linker
from sameas.linker.checks import check_threshold
from sameas.matching import (
    Boosting,
    Calibrated,
    Condition,
    FellegiSunter,
    Levels,
    RuleMatcher,
    SelfTraining,
)

FIELDS = {"name": "name", "city": "category"}
SETTINGS = {
    "blocking": (ExactKey(("city",)),),
    "comparisons": (JaroWinkler("name"), Equal("city")),
    "context": None,
    "second_pass": None,
}
TABLE = {
    "id": [1, 2, 3, 4],
    "name": ["Ann", "Ann", "Bob", "Bobby"],
    "city": ["Rome", "Rome", "Rome", "Oslo"],
}


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("matcher", "fellegi-sunter", "got 'fellegi-sunter'. Did you mean FellegiSunter()?"),
        ("matcher", FellegiSunter, "got the class FellegiSunter: write FellegiSunter(...)."),
        ("clusterer", "agglomerativ", "ConnectedComponents(); got 'agglomerativ'. Did you mean "),
        ("clusterer", Agglomerative, "got the class Agglomerative: write Agglomerative(...)."),
        ("blocking", "city", "blocking must be a tuple of blocking rules, such as (ExactKey"),
        ("blocking", ExactKey(("city",)), "got one: write (ExactKey(...),)."),
        ("blocking", (JaroWinkler("name"),), "form='normalise'). It is a comparison."),
        ("comparisons", JaroWinkler("name"), "got one: write (JaroWinkler(...),)."),
        ("comparisons", ("name",), "such as (JaroWinkler('name'),); got 'name'."),
        ("comparisons", 3, "comparisons must be a tuple of comparisons"),
        ("context", "name", "context must be a Context or None"),
        ("second_pass", True, "second_pass must be a second pass or None"),
        ("survivorship", "longest", "survivorship must be a Survivorship"),
        ("goal", "f1", "goal must be a goal, such as FBeta(1.0); got 'f1'."),
        ("seed", "one", "seed must be a whole number, got 'one'."),
        ("cross_fit", 3.5, "cross_fit must be a whole number, got 3.5."),
        ("rivals", "no", "rivals must be True or False, got 'no'."),
        ("optional", "city", "optional must be a tuple of field names: write ('city',)."),
    ],
)
def test_a_setting_of_the_wrong_kind_is_named(setting, value, message):
    with pytest.raises(ArgumentError, match=re.escape(message)):
        Linker(FIELDS, **(SETTINGS | {setting: value}))
    with pytest.raises(ArgumentError, match=re.escape(message)):
        Linker(Linker(FIELDS, **SETTINGS).spec, **{setting: value})


@pytest.mark.parametrize(
    "matcher",
    [
        FellegiSunter((Levels("name_jaro", (1.0, 0.9)), Levels("city_equal", (1.0,)))),
        RuleMatcher((Condition("name_jaro", ">=", 0.9, missing="pass"),)),
        Boosting(monotone=(("name_jaro", 1),)),
        Calibrated(Boosting(monotone=(("name_jaro", 1),))),
        SelfTraining(trees=Boosting(monotone=(("name_jaro", 1),))),
    ],
    ids=lambda matcher: type(matcher).__name__,
)  # fmt: skip
def test_a_misspelled_column_is_not_left_out_in_silence(matcher):
    with pytest.raises(ArgumentError, match=r"'name_jaro'.*Did you mean 'name_jaro_winkler'"):
        Linker(FIELDS, **SETTINGS, matcher=matcher)


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan"), "0.5", True])
def test_a_threshold_is_a_number_from_0_to_1(threshold):
    rules = RuleMatcher((Condition("name_jaro_winkler", ">=", 0.9),))
    linker = Linker(FIELDS, **SETTINGS, matcher=rules)
    message = f"threshold must be a number from 0 to 1, got {threshold!r}"
    with pytest.raises(ArgumentError, match=re.escape(message)):
        linker.dedupe(TABLE, threshold=threshold)
    assert linker.fitted_ is None, "it is refused before the fit"
    linker.dedupe(TABLE)
    with pytest.raises(ArgumentError, match=re.escape(message)):
        linker.explain(TABLE, pairs=[(1, 2)], threshold=threshold)


def test_numbers_of_numpy_are_thresholds_too():
    check_threshold(np.float32(0.5))
    check_threshold(1)
    check_threshold(None)


@pytest.mark.parametrize("verb", ["fit", "dedupe", "estimate"])
def test_options_are_options(verb):
    linker = Linker(FIELDS, **SETTINGS)
    with pytest.raises(ArgumentError, match=r"options must be an Options.*got {'id': 'code'}"):
        getattr(linker, verb)(TABLE, options={"id": "code"})


def test_rules_with_given_thresholds_need_no_labels():
    rules = RuleMatcher((Condition("name_jaro_winkler", ">=", 0.9),))
    linker = Linker(FIELDS, **SETTINGS, matcher=rules)
    result = linker.dedupe(TABLE)
    assert list(
        zip(*result.links.select(["left_id", "right_id"]).to_pydict().values(), strict=True)
    ) == [(1, 2)]
    assert any("nothing was learned" in line for line in result.report["assumptions"])
    assert linker.threshold == 0.5


@pytest.mark.parametrize("rows", [0, 1])
def test_one_record_is_no_pair(rows):
    table = {name: values[:rows] for name, values in TABLE.items()}
    with pytest.raises(LabelError, match=f"no two records to compare: {rows} of table"):
        Linker(FIELDS).dedupe(table)
