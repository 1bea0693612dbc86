"""Who may do what."""

import json
import stat

import httpx
import pytest

from sameas.core.errors import ArgumentError, RunError
from sameas.service import KeyFile, Settings
from sameas.service.guards import Rate


def with_key(service, secret, method, path, **options):
    headers = {"authorization": f"Bearer {secret}"}
    return service.http.request(method, path, headers=headers, **options)


@pytest.mark.parametrize(
    ("method", "path", "least"),
    [
        ("POST", "/v1/match", "read"), ("GET", "/v1/changes", "read"), ("GET", "/metrics", "read"),
        ("PUT", "/v1/records/k/1", "write"), ("POST", "/v1/records/bulk", "write"),
        ("DELETE", "/v1/records/k/1", "write"),
    ],
)  # fmt: skip
def test_roles(secured, place, method, path, least):
    roles = ("read", "write", "admin")
    for role in roles:
        body = {"json": place} if "bulk" not in path and method in ("POST", "PUT") else {}
        answer = with_key(secured, secured.secrets[role], method, path, **body)
        if roles.index(role) < roles.index(least):
            assert answer.status_code == 403
            assert "role" in answer.json()["detail"]
        else:
            assert answer.status_code in (200, 201, 404)


def test_wrong_and_missing_keys(secured, place):
    for headers in ({}, {"authorization": "Bearer sameas_00000000_x"}, {"x-api-key": b"\xff"},
                    {"authorization": "Basic abc"}):  # fmt: skip
        answer = secured.http.post("/v1/match", json=place, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    assert secured.http.get("/health").status_code == 200
    assert secured.http.get("/ready").status_code == 200


def test_a_revoked_key_is_refused_at_once(secured, place):
    secret = secured.keys.add("read")
    assert with_key(secured, secret, "POST", "/v1/match", json=place).status_code == 200
    secured.keys.revoke(secured.keys.find(secret).name)
    assert with_key(secured, secret, "POST", "/v1/match", json=place).status_code == 401


def test_a_key_in_a_header_of_its_own(secured, place):
    headers = {"x-api-key": secured.secrets["read"]}
    assert secured.http.post("/v1/match", json=place, headers=headers).status_code == 200


def test_keys_are_kept_as_hashes(tmp_path):
    keys = KeyFile(tmp_path / "keys.json")
    secret = keys.add("write", note="crawler")
    text = keys.path.read_text()
    assert secret not in text
    assert secret.split("_", 2)[2] not in text
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600
    (row,) = json.loads(text)["keys"]
    assert (row["role"], row["note"], row["revoked"]) == ("write", "crawler", None)
    assert KeyFile(keys.path).find(secret).role == "write"
    assert keys.find(secret[:-1]) is None
    with pytest.raises(ArgumentError, match="There is no key"):
        keys.revoke("nobody")
    with pytest.raises(ArgumentError, match="Did you mean 'write'"):
        keys.add("wirte")
    keys.path.write_text("{")
    with pytest.raises(RunError, match="cannot be read"):
        keys.find(secret)


def test_other_machines_need_keys(tmp_path):
    with pytest.raises(ArgumentError, match="keys are needed"):
        Settings(host="0.0.0.0")
    with pytest.raises(ArgumentError, match="no file"):
        Settings(host="0.0.0.0", keys=tmp_path / "keys.json")
    KeyFile(tmp_path / "keys.json").add("read")
    assert Settings(host="0.0.0.0", keys=tmp_path / "keys.json").keys
    assert Settings(host="::1").keys is None
    for wrong in ({"port": 70_000}, {"rate": -1}, {"readers": 0}):
        with pytest.raises(ArgumentError, match=next(iter(wrong))):
            Settings(**wrong)


def test_too_many_requests(serve, place):
    service = serve("--rate", "5")
    status = [service.http.post("/v1/match", json=place).status_code for _ in range(40)]
    assert status.count(200) >= 10
    assert 429 in status
    answer = httpx.Response(429)
    while answer.status_code == 429:
        answer = service.http.post("/v1/match", json=place)
        if answer.status_code == 429:
            assert answer.headers["retry-after"] == "1"
    assert service.http.get("/health").status_code == 200


def test_a_bucket_forgets_nobody_too_early():
    rate = Rate(2.0)
    assert [rate.allows("a", 0.0) for _ in range(5)] == [True] * 4 + [False]
    assert rate.allows("b", 0.0)
    assert rate.allows("a", 0.5)
    assert not rate.allows("a", 0.5)
