"""E-mail addresses and web addresses in one writing, and their parts."""

import pyarrow as pa
import pytest

from sameas.records import contacts


def one(function, text, **options):
    return function(pa.array([text], pa.string()), **options)[0].as_py()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ann.Lee@X.org", "ann.lee@x.org"),
        ("mailto:ann@x.org", "ann@x.org"),
        ("ann@x.org@y.org", "ann@x.org"),
        ("a@@x.org", None),
        ("ann@gmail.com", "ann@gmail.com"),
        ("Ann Lee <ann@x.org>;", "ann@x.org"),
        ("ann+shop@x.org", "ann@x.org"),
        ("a.n.n+shop@googlemail.com", "ann@gmail.com"),
        ("ann@x.org.", "ann@x.org"),
        ("ann at x.org", None),
        ("@x.org", None),
        (None, None),
    ],
)
def test_email(text, expected):
    assert one(contacts.email, text) == expected
    parts = (None, None) if expected is None else tuple(expected.split("@"))
    assert (one(contacts.email_local, text), one(contacts.email_domain, text)) == parts


@pytest.mark.parametrize(
    ("text", "host", "path"),
    [
        ("https://www.Example.org/Menu/?x=1#top", "example.org", "menu/?x=1"),
        ("example.org", "example.org", None),
        ("http://user:pw@shop.example.org:8080/index.html", "shop.example.org", None),
        ("www2.example.org/a/b/", "example.org", "a/b"),
        ("not a url", None, None),
        (None, None, None),
    ],
)
def test_url(text, host, path):
    assert one(contacts.url_host, text) == host
    if host is not None:
        assert one(contacts.url_path, text) == path


@pytest.mark.parametrize("library", [True, False])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://a.b.example.com/x", "example.com"),
        ("shop.example.co.uk", "example.co.uk"),
        ("example.de", "example.de"),
        ("localhost", None),
        (None, None),
    ],
)
def test_registered_domain(text, expected, library):
    assert one(contacts.registered_domain, text, library=library) == expected


def test_the_public_suffix_list_knows_more():
    assert one(contacts.registered_domain, "a.b.pvt.k12.ma.us") == "b.pvt.k12.ma.us"
    assert one(contacts.registered_domain, "ann.github.io") == "ann.github.io"


def test_no_texts():
    for function in (contacts.email, contacts.url_host, contacts.registered_domain):
        assert len(function(pa.array([], pa.string()))) == 0
