from __future__ import annotations

import json

import pytest

from sameas.core.errors import ArgumentError, MissingExtraError
from sameas.core.specs import from_dict, to_dict
from sameas.models.client import Budget, Client, Endpoint, Prices, Rate, Retry


def test_there_is_no_default_address(monkeypatch, server) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    with pytest.raises(TypeError):
        Endpoint()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Client()  # type: ignore[call-arg]
    for nothing in ("", None):
        with pytest.raises(ArgumentError, match="no default"):
            Endpoint(nothing, "m")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="Endpoint"):
        Client(None)  # type: ignore[arg-type]
    assert not server.requests


def test_the_environment_is_read_only_when_asked(monkeypatch, server) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    endpoint = Endpoint.from_environment("m")
    assert (endpoint.base_url, endpoint.key_variable) == (server.url, "OPENAI_API_KEY")
    with Client(Endpoint("http://127.0.0.1:9/v1", "m")) as client:
        assert "authorization" not in client._transport._http.headers
    monkeypatch.delenv("OPENAI_BASE_URL")
    with pytest.raises(ArgumentError, match="no default address"):
        Endpoint.from_environment("m")


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8080/v1",
        "ftp://host/v1",
        "http:///v1",
        "https://user:hunter2@host/v1",
        "https://host/v1?api-key=hunter2",
        "https://host/v1#hunter2",
    ],
)
def test_addresses_that_are_none_or_hold_secrets(url) -> None:
    with pytest.raises(ArgumentError, match="base_url") as caught:
        Endpoint(url, "m")
    assert "hunter2" not in str(caught.value)


def test_a_key_in_place_of_its_name_is_refused_without_repeating_it() -> None:
    with pytest.raises(ArgumentError, match="never the key itself") as caught:
        Endpoint("http://host/v1", "m", "sk-hunter2")
    assert "hunter2" not in str(caught.value)


def test_a_missing_key_is_named(monkeypatch) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with pytest.raises(ArgumentError, match="NO_SUCH_KEY"):
        Client(Endpoint("http://host/v1", "m", "NO_SUCH_KEY"))


@pytest.mark.parametrize(
    "options", [{"concurrency": 0}, {"timeout": 0}, {"model": ""}, {"extra": {"api_key": "x"}}]
)
def test_wrong_settings(options) -> None:
    with pytest.raises(ArgumentError):
        Endpoint(**{"base_url": "http://host/v1", "model": "m", **options})
    with pytest.raises(ArgumentError):
        Retry(first=2, longest=1)
    with pytest.raises(ArgumentError):
        Rate(tokens_per_minute=0)


@pytest.mark.parametrize(
    "spec",
    [
        Endpoint("https://host/v1/", "m", "A_KEY", retry=Retry(2), rate=Rate(5), extra={"a": 1}),
        Budget(tokens=5, money=2.5),
        Prices(0.1, 0.2, currency="EUR"),
    ],
)
def test_specs_go_through_json(spec) -> None:
    assert from_dict(json.loads(json.dumps(to_dict(spec)))) == spec


def test_a_missing_library_names_the_extra(monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "httpx", None)
    with pytest.raises(MissingExtraError, match=r"sameas\[llm\]"):
        Client(Endpoint("http://host/v1", "m"))
