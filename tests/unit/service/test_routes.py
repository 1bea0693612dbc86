"""What the routes answer, over real HTTP."""

import json

import pytest


def problem(answer, status, field=None):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    told = answer.json()
    assert told["status"] == status
    assert told["title"]
    assert told.get("field") == field
    assert "Traceback" not in answer.text
    return told["detail"]


def test_a_record_is_asked_for_inserted_found_and_erased(service, place):
    http = service.http
    nothing = http.post("/v1/match", json=place)
    assert nothing.status_code == 200
    assert nothing.json()["decision"] is False
    assert nothing.json()["entity"] is None
    made = http.post("/v1/records", json={"source": "a", "id": "1", **place})
    assert made.status_code == 201
    assert made.json()["kind"] == "inserted"
    found = http.post("/v1/match", json=place, params={"explain": "true"}).json()
    assert found["decision"] is True
    assert found["entity"] == made.json()["entity"]
    (candidate,) = found["candidates"]
    assert (candidate["source"], candidate["id"]) == ("a", "1")
    assert candidate["explanation"]
    record = http.get("/v1/records/a/1").json()
    assert record["record"]["name"] == place["name"]
    same = http.put("/v1/records/b/2", json=place).json()
    assert same["entity"] == made.json()["entity"]
    entity = http.get(f"/v1/entities/{same['entity']}").json()
    assert {(row["source"], row["id"]) for row in entity["members"]} == {("a", "1"), ("b", "2")}
    assert entity["golden"]["name"] == place["name"]
    assert entity["history"][0]["kind"] == "created"
    told = http.get("/v1/changes").json()
    assert told["last"] == max(event["seq"] for event in told["events"])
    assert not http.get("/v1/changes", params={"since": told["last"]}).json()["events"]
    for source, id in (("a", "1"), ("b", "2")):
        assert http.delete(f"/v1/records/{source}/{id}").json()["kind"] == "deleted"
    assert http.get("/v1/records/a/1").json()["record"] is None
    assert http.post("/v1/match", json=place).json()["decision"] is False


def test_put_is_idempotent_and_insert_is_not(service, place):
    first = service.http.put("/v1/records/idem/1", json=place)
    again = service.http.put("/v1/records/idem/1", json=place)
    assert (first.json()["kind"], again.json()["kind"]) == ("inserted", "unchanged")
    assert first.json()["entity"] == again.json()["entity"]
    key = {"source": "idem", "id": "1"}
    assert service.http.post("/v1/records", json={**key, **place}).status_code == 200
    other = service.http.post("/v1/records", json={**key, **place, "name": "old mill"})
    assert "already" in problem(other, 409, "id")


def test_corrections_are_obeyed(service, place):
    http = service.http
    ids = [http.put(f"/v1/records/fix/{n}", json=place).json()["entity"] for n in (1, 2)]
    assert ids[0] == ids[1]
    ends = {"left": {"source": "fix", "id": "1"}, "right": {"source": "fix", "id": "2"}}
    done = http.post("/v1/corrections", json={**ends, "verdict": "different", "author": "me"})
    assert done.status_code == 200
    apart = [http.get(f"/v1/records/fix/{n}").json()["entity"] for n in (1, 2)]
    assert apart[0] != apart[1]
    http.post("/v1/corrections", json={**ends, "verdict": None})
    together = [http.get(f"/v1/records/fix/{n}").json()["entity"] for n in (1, 2)]
    assert together[0] == together[1]
    problem(http.post("/v1/corrections", json={**ends, "verdict": "perhaps"}), 400, "verdict")
    ends["right"]["id"] = "99"
    problem(http.post("/v1/corrections", json={**ends, "verdict": "same"}), 404)


def test_many_records_in_one_request(service, place):
    lines = [json.dumps({"source": "bulk", "id": str(n), **place}) for n in range(3)]
    lines[1] = json.dumps({"source": "bulk", "id": "x", **place, "latitude": 91})
    lines += ["{", json.dumps([1]), json.dumps({"source": "bulk", **place})]
    answer = service.http.post(
        "/v1/records/bulk", content="\n".join(lines) + "\n",
        headers={"content-type": "application/x-ndjson"},
    )  # fmt: skip
    assert answer.status_code == 200
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert [row["line"] for row in told] == [1, 2, 3, 4, 5, 6]
    assert [row["status"] for row in told] == [200, 422, 200, 422, 422, 422]
    assert [row.get("field") for row in told] == [None, "latitude", None, None, None, "id"]
    assert told[0]["entity"] == told[2]["entity"]
    assert service.http.get("/v1/records/bulk/2").json()["record"]["name"] == place["name"]


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"latitude": 91}, 422, "latitude"),
        ({"latitude": "north"}, 422, "latitude"),
        ({"nmae": "x"}, 422, "nmae"),
        ({"name": {"a": 1}}, 422, "name"),
        ({"id": ""}, 422, "id"),
        ({"id": {"a": [1]}}, 422, "id"),
        ({"source": 3}, 422, "source"),
    ],
)
def test_errors_name_the_field(service, place, change, status, field):
    record = {"source": "bad", "id": "1", **place, **change}
    problem(service.http.post("/v1/records", json=record), status, field)


def test_what_is_no_request(service, place):
    http = service.http
    problem(http.post("/v1/match", content=b"{"), 400)
    problem(http.post("/v1/match", content=b'{"name": NaN}'), 400)
    problem(http.post("/v1/match", content=b"[1]"), 400)
    problem(http.post("/v1/match", content=b'{"name":' + b"[" * 100_000), 400)
    problem(http.post("/v1/match", content=b'"' + b"x" * 2_000_000 + b'"'), 413)
    problem(http.post("/v1/match", json=place, params={"limit": -1}), 400, "limit")
    problem(http.get("/v1/nothing"), 404)
    problem(http.get("/v1/records/none/none"), 404)
    problem(http.get("/v1/entities/e999999"), 404)
    problem(http.get("/v1/entities/;drop table entities"), 404)
    problem(http.patch("/v1/match"), 405)


def test_the_short_way_answers_as_the_framework_does(service, secured, place):
    service.http.put("/v1/records/short/1", json=place)
    bodies = [
        json.dumps(place), json.dumps({**place, "source": "short", "id": "1"}), "{", "[1]", "",
        "{}", '{"name": NaN}', '{"name":' + "[" * 100_000, json.dumps({**place, "latitude": 91}),
        json.dumps({**place, "id": ""}), json.dumps({**place, "name": "x" * 1_000_001}),
    ]  # fmt: skip
    keys = [{}, *({"authorization": f"Bearer {secret}"} for secret in secured.secrets.values())]
    asked = [(service.http, {}, body) for body in bodies]
    asked += [(secured.http, key, json.dumps(place)) for key in keys]
    for http, headers, body in asked:
        plain = {"content-type": "application/json", **headers}
        short = http.post("/v1/match", content=body, headers=plain)
        long = http.post("/v1/match", content=body, headers=plain, params={"limit": 10})
        assert (short.status_code, short.text) == (long.status_code, long.text)
        kinds = {answer.headers["content-type"] for answer in (short, long)}
        assert len(kinds) == 1
    assert [json.loads(service.http.post("/v1/match", json=place).text)["decision"]] == [True]


def test_questions_on_the_short_way_are_counted(service, place):
    def counted():
        lines = service.http.get("/metrics").text.splitlines()
        known = [line.split() for line in lines if not line.startswith("#")]
        values = {name: float(value) for name, value in known}
        route = 'method="POST",route="/v1/match"'
        return [
            values.get(name, 0.0)
            for name in (
                f'sameas_requests_total{{{route},status="200"}}',
                f"sameas_request_seconds_count{{{route}}}", "sameas_match_candidates_count",
            )
        ]  # fmt: skip

    before = counted()
    for _ in range(3):
        service.http.post("/v1/match", json=place)
    assert [after - b for after, b in zip(counted(), before, strict=True)] == [3, 3, 3]


def test_names_are_data(service, place):
    for name in ("'; drop table records; --", "<script>alert(1)</script>", "\u202eabc", "😀" * 500):
        answer = service.http.put("/v1/records/odd/1", json={**place, "name": name})
        assert answer.status_code == 200
        assert service.http.get("/v1/records/odd/1").json()["record"]["name"] == name.strip()


def test_it_says_how_it_is(service, fitted_version):
    assert service.http.get("/health").json() == {"status": "alive"}
    ready = service.http.get("/ready").json()
    assert ready["ready"] is True
    assert ready["linker"] == fitted_version
    assert ready["order_dependent"] == []
    text = service.http.get("/metrics").text
    assert 'sameas_requests_total{method="GET",route="/health",status="200"}' in text
    assert "sameas_request_seconds_bucket" in text


def test_the_log_has_no_contents(service, place):
    service.http.put("/v1/records/secret-source/secret-id", json={**place, "name": "secretname"})
    service.http.put("/v1/records/secret-source/1", json={**place, "latitude": 1234.5})
    said = service.said()
    assert "/v1/records/{source" in said
    for word in ("secret-source", "secret-id", "secretname", "1234.5"):
        assert word not in said


@pytest.fixture(scope="session")
def fitted_version(new_store_linker):
    return new_store_linker().version
