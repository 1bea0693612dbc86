"""The settings of a linker: JSON and back, defaults by kinds, errors that say what is wrong."""

import json

import pytest

from sameas.blocking import ExactKey, Radius, SharedToken, SimilarText
from sameas.comparison import Context, Equal, JaroWinkler, NgramCosine, SoftTfidf
from sameas.core.errors import ArgumentError
from sameas.core.specs import from_dict, to_dict
from sameas.linker.spec import LinkerSpec, as_spec
from sameas.records import Field
from sameas.records import fields as fields_module

SETTINGS = {"blocking": (ExactKey(("name",)),), "comparisons": (JaroWinkler("name"),)}
FIELDS = {"name": "name", "phone": "phone", "latitude": "latitude", "longitude": "longitude"}


@pytest.mark.parametrize(
    "fields", [FIELDS, {"title": "text"}, {"a": "name", "b": "number", "c": "set", "d": "url"}]
)
def test_json_and_back(fields):
    spec = as_spec(fields)
    text = json.dumps(to_dict(spec))
    assert from_dict(json.loads(text)) == spec
    assert json.dumps(to_dict(from_dict(json.loads(text)))) == text


@pytest.mark.parametrize("kind", sorted(fields_module.FIELD_KINDS))
def test_every_kind_of_field_has_defaults(kind):
    fields = {"name": "name", "other": kind}
    if kind in ("latitude", "longitude"):
        fields["both"] = {"latitude": "longitude", "longitude": "latitude"}[kind]
    spec = as_spec(fields)
    assert len(set(spec.names())) == len(spec.names())
    assert spec.blocking


def test_settings_of_a_spec_are_replaced():
    spec = as_spec(FIELDS, **SETTINGS)
    assert as_spec(spec, seed=3).seed == 3
    assert as_spec(spec, seed=3).blocking == spec.blocking


def test_lists_will_do_for_tuples():
    spec = as_spec(FIELDS, blocking=[ExactKey(("name",))], comparisons=[JaroWinkler("name")])
    assert from_dict(json.loads(json.dumps(to_dict(spec)))) == spec
    assert hash(spec.blocking) == hash((ExactKey(("name",)),))


@pytest.mark.parametrize(
    ("fields", "settings", "message"),
    [
        (FIELDS, {"blokcing": ()}, "no setting 'blokcing'.*Did you mean 'blocking'"),
        (FIELDS, {"blocking": ()}, "at least one blocking rule"),
        (FIELDS, {"comparisons": ()}, "at least one comparison"),
        (FIELDS, {"comparisons": (JaroWinkler("nmae"),)}, "'nmae', which is not declared.*'name'"),
        (FIELDS, {"blocking": (ExactKey(("fone",)),)}, "'fone', which is not declared"),
        (FIELDS, {"blocking": (Radius(5, filter=SharedToken("nam")),)}, "'nam', which is not"),
        (FIELDS, {"context": Context((JaroWinkler("nam"),))}, "'nam', which is not declared"),
        (FIELDS, {"comparisons": (Equal("name"), Equal("name", "url"))}, "'name_equal'"),
        (FIELDS, {"silver": "fone"}, "'fone' is not declared"),
        ({"size": "number"}, {}, "No field can serve for blocking"),
        ({"name": "nmae"}, {}, "unknown kind 'nmae'"),
    ],
)
def test_mistakes_are_named(fields, settings, message):
    with pytest.raises(ArgumentError, match=message):
        as_spec(fields, **settings)


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"blocking": (ExactKey(("phone",), form="digits"),)}, "blocking"),
        ({"blocking": (Radius(5.0, filter=SimilarText("phone")),)}, "blocking"),
        ({"comparisons": (Equal("phone", form="digits"),)}, "phone_equal"),
        ({"comparisons": (NgramCosine(("name", "phone")),)}, "name_phone_cosine"),
        ({"context": Context((SoftTfidf("phone"),))}, "phone_soft_tfidf"),
    ],
)
def test_the_silver_field_is_no_evidence(settings, place):
    with pytest.raises(ArgumentError, match=f"'phone' is also evidence in: .*{place}"):
        LinkerSpec((*map(Field, FIELDS, FIELDS.values()),), **(SETTINGS | settings), silver="phone")


def test_defaults_keep_the_silver_field_out():
    spec = as_spec(FIELDS, silver="phone")
    assert not any("phone" in need.fields for need in spec.needs())


def test_a_context_of_nothing_is_refused():
    with pytest.raises(ArgumentError, match="at least one comparison"):
        Context(())
    with pytest.raises(ArgumentError, match="one column"):
        Context((SoftTfidf("name"), *_several()))


def _several():
    from sameas.comparison import TokenOverlap

    return (TokenOverlap("name"),)
