"""`POST query/`: what PostHog's query endpoint does, the stand-in does."""

import asyncio
import time
from datetime import datetime
from typing import Any

import httpx
import polars as pl
import pytest

from user_intel.simulate import StandIn
from user_intel_tests.simulate.conftest import DAYS, PRODUCT, Asker, refused


@pytest.fixture(scope="module")
def events() -> pl.DataFrame:
    return PRODUCT.events(DAYS)


def test_the_events_are_those_of_the_product(ask: Asker, events: pl.DataFrame) -> None:
    found = ask.rows("select count(), uniqExact(uuid), min(timestamp), uniqExact(person_id) from events")

    first = events["timestamp"].min()
    assert isinstance(first, datetime)
    assert found == [[len(events), len(events), first.isoformat() + "Z", events["person_id"].n_unique()]]


def test_an_answer_has_posthogs_keys(ask: Asker) -> None:
    answer = ask.query("select event, count() as n from events group by event order by n desc limit 2").json()

    assert answer["columns"] == ["event", "n"]
    assert answer["types"] == [["event", "String"], ["n", "UInt64"]]
    assert answer["results"][0][0] == "$autocapture"
    assert answer["is_cached"] is False
    assert answer["error"] is None
    assert answer["timezone"] == "America/New_York"
    assert answer["clickhouse"] is None


def test_without_a_limit_100_rows_come_and_has_more_says_so(ask: Asker) -> None:
    answer = ask.query("select event from events -- all of them").json()

    assert len(answer["results"]) == 100
    assert (answer["hasMore"], answer["limit"], answer["offset"]) == (True, 100, 0)


def test_without_a_limit_a_union_is_cut_as_well(ask: Asker) -> None:
    answer = ask.query("select event from events union all select event from events").json()

    assert (len(answer["results"]), answer["hasMore"]) == (100, True)


def test_few_rows_without_a_limit_have_no_more(ask: Asker) -> None:
    answer = ask.query("select 1").json()

    assert (answer["results"], answer["hasMore"]) == ([[1]], False)


def test_with_a_limit_nothing_says_whether_there_is_more(ask: Asker) -> None:
    answer = ask.query("select event from events limit 3").json()

    assert len(answer["results"]) == 3
    assert not {"hasMore", "limit", "offset"} & set(answer)


@pytest.mark.parametrize("limit", ["60000", "{n}"])
def test_a_limit_above_50000_is_cut_without_a_word(ask: Asker, limit: str) -> None:
    answer = ask.query(f"select number from numbers(70000) limit {limit}", values={"n": 60000})

    assert len(answer.json()["results"]) == 50_000
    assert "hasMore" not in answer.json()


@pytest.mark.parametrize(
    "text",
    [
        "select event from events limit 5 offset 5",
        "select event from (select event from events limit 5 offset 5)",
        "select event from events limit 1 offset 1 by event",
        "with some as (select 1 offset 1) select 1 from some",
    ],
)
def test_offset_is_refused_wherever_it_stands(ask: Asker, text: str) -> None:
    status, type_, code, detail = refused(ask.query(text))

    assert (status, type_, code) == (400, "validation_error", "hogql_query_error")
    assert detail == (
        "OFFSET is not supported on queries made with a personal API key. For pagination, use keyset pagination on "
        "the `timestamp` column, e.g. `WHERE timestamp > :last_seen_timestamp ORDER BY timestamp LIMIT N`. For bulk "
        "data extraction, use batch exports: https://posthog.com/docs/cdp/batch-exports"
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("selec 1", "hogql_syntax_error"),
        ("insert into events values (1)", "hogql_syntax_error"),
        ("select 1 format CSV", "hogql_syntax_error"),
        ("select nothing_such from events", "hogql_query_error"),
        ("select no_such_function(1)", "hogql_query_error"),
        ("select parseDateTime64BestEffort('2026-01-01')", "hogql_query_error"),
        ("select 1 from system.tables", "hogql_query_error"),
        ("select 1 from file('x.csv')", "hogql_query_error"),
        ("select person from events", "hogql_query_error"),
        ("select {unknown}", "hogql_query_error"),
        ("select toDate('x', 1, 2, 3)", "number_of_arguments_doesnt_match"),
        ("select timestamp + 'x' from events limit 1", "illegal_type_of_argument"),
    ],
)
def test_a_query_at_fault_is_400_with_its_code(ask: Asker, text: str, code: str) -> None:
    status, type_, found, detail = refused(ask.query(text))

    assert (status, type_, found) == (400, "validation_error", code)
    assert detail


def test_values_fill_placeholders_and_stay_values(ask: Asker) -> None:
    hostile = "it's \\ {odd}'; drop table events --"
    values = {"text": hostile, "n": 3, "yes": True, "none": None, "many": ["a", "b"]}

    rows = ask.rows("select {text}, {n} + 1, {yes}, {none}, {many} limit 1", values=values)

    assert rows == [[hostile, 4, True, None, ["a", "b"]]]


def test_properties_are_json_text_and_their_members_nullable_strings(ask: Asker) -> None:
    text = """select properties, properties.$browser_version, properties.$no_such, person.properties.plan,
              properties['$browser'], person.properties, e.person.id = e.person_id
              from events e where event = '$pageview' and properties.$browser = 'Firefox' limit 1"""
    row = ask.rows(text)[0]

    assert isinstance(row[0], str)
    assert '"$browser":"Firefox"' in row[0]
    assert row[1:3] == ["140", None]
    assert row[3] in {"free", "team", "enterprise"}
    assert row[4] == "Firefox"
    assert f'"plan":"{row[3]}"' in row[5]
    assert row[6] == 1


def test_columns_are_named_as_they_were_written(ask: Asker) -> None:
    answer = ask.query("select properties.$browser, count(), 1 as one from events group by 1 limit 1").json()

    assert answer["columns"] == ["properties.$browser", "count()", "one"]


def test_the_star_leaves_out_the_person(ask: Asker) -> None:
    columns = ask.query("select * from events limit 1").json()["columns"]

    assert "person" not in columns
    assert {"uuid", "event", "properties", "timestamp", "$session_id"} <= set(columns)


def test_an_event_of_a_server_has_no_session(ask: Asker) -> None:
    assert ask.rows("select distinct $session_id from events where event = 'invoice_sent' limit 9") == [[None]]


def test_times_come_in_utc_where_asked_for(ask: Asker) -> None:
    text = "select toDateTime64('2026-03-03 05:06:07.080900', 6, 'UTC'), toDateTime64('2026-03-03 05:06:07', 6, 'UTC')"

    assert ask.rows(text) == [["2026-03-03T05:06:07.080900Z", "2026-03-03T05:06:07Z"]]


def test_times_come_in_the_projects_zone_otherwise(ask: Asker) -> None:
    text = "select timestamp from events order by timestamp, toString(uuid) limit 1"
    utc, local = ask.rows(text)[0][0], ask.rows(text, utc=False)[0][0]

    assert utc.endswith("Z")
    assert local.endswith("-05:00")
    assert datetime.fromisoformat(utc) == datetime.fromisoformat(local)


def test_text_compared_with_times_is_read_in_the_projects_zone(ask: Asker) -> None:
    text = "select count() from events where timestamp < '2026-03-03 12:00:00'"
    exact = "select count() from events where timestamp < toDateTime64('2026-03-03 {hour}:00:00.000000', 6, 'UTC')"

    assert ask.rows(text, utc=False) == ask.rows(exact.replace("{hour}", "17"))
    assert ask.rows(text, utc=True) == ask.rows(exact.replace("{hour}", "12"))


def test_keyset_pages_give_every_event_once(ask: Asker, events: pl.DataFrame) -> None:
    text = """select toString(uuid), timestamp from events
              where (timestamp, toString(uuid)) > (toDateTime64({at}, 6, 'UTC'), {uuid})
              order by timestamp, toString(uuid) limit 1000"""
    seen: list[str] = []
    last = {"at": "2026-01-01 00:00:00.000000", "uuid": ""}
    while rows := ask.rows(text, values=last):
        seen += [uuid for uuid, _ in rows]
        last = {"at": rows[-1][1].replace("T", " ").rstrip("Z"), "uuid": rows[-1][0]}

    assert len(seen) == len(set(seen)) == len(events)


def test_some_events_share_their_microsecond(ask: Asker) -> None:
    shared = ask.rows("select count() from (select timestamp from events group by timestamp having count() > 1)")

    assert shared[0][0] > 10


def test_the_same_uuid_can_be_there_twice(posthog: StandIn, ask: Asker, events: pl.DataFrame) -> None:
    text = "select count(), uniqExact(uuid) from events where event = 'told twice'"
    told = events.head(5).with_columns(event=pl.lit("told twice"))
    posthog.add_events(told)
    posthog.add_events(told)

    assert ask.rows(text) == [[10, 5]]


def test_late_events_can_be_added(posthog: StandIn, ask: Asker) -> None:
    at = datetime.fromisoformat("2026-03-03T10:00:00.000001+00:00")
    late = {
        "event": "late",
        "distinct_id": "d",
        "timestamp": at,
        "created_at": at.replace(day=6),
        "properties": {"a": 1},
    }
    posthog.add_events([late])

    rows = ask.rows("select timestamp, created_at, properties.a from events where event = 'late' limit 5")
    assert rows == [["2026-03-03T10:00:00.000001Z", "2026-03-06T10:00:00.000001Z", "1"]]


def test_a_blocking_query_may_be_answered_from_memory(posthog: StandIn, ask: Asker) -> None:
    text = "select count() from events where event = 'remembered' limit 7"
    ask.rows(text, refresh="blocking")
    posthog.add_events([{"event": "remembered", "distinct_id": "d", "timestamp": datetime(2026, 3, 3)}])  # noqa: DTZ001

    old, new = ask.query(text, refresh="blocking").json(), ask.query(text).json()
    assert (old["results"], old["is_cached"]) == ([[0]], True)
    assert (new["results"], new["is_cached"]) == ([[1]], False)


def test_an_asynchronous_query_is_polled(posthog: StandIn, ask: Asker) -> None:
    posthog.turn(latency_s=0.2)
    started = ask.query("select 42", refresh="force_async")
    status = started.json()["query_status"]
    assert (started.status_code, status["complete"], status["query_async"]) == (202, False, True)

    answer, seen = ask.get(f"P/query/{status['id']}/"), set()
    while answer.status_code == 202:
        seen.add(202)
        time.sleep(0.05)
        answer = ask.get(f"P/query/{status['id']}/")
    assert seen == {202}
    assert answer.json()["query_status"]["complete"] is True
    assert answer.json()["query_status"]["results"]["results"] == [[42]]


def test_an_asynchronous_query_at_fault_says_so_when_polled(ask: Asker) -> None:
    id_ = ask.query("selec", refresh="force_async").json()["query_status"]["id"]
    time.sleep(0.1)
    answer = ask.get(f"P/query/{id_}/")

    assert answer.status_code == 400
    assert answer.json()["query_status"]["error"] is True


def test_a_cancelled_or_unknown_query_is_not_found(ask: Asker) -> None:
    id_ = ask.query("select 43", refresh="force_async").json()["query_status"]["id"]
    path = f"/api/projects/{ask.posthog.project_id}/query/{id_}/"

    assert ask.client.delete(path).status_code == 204
    assert refused(ask.get(path))[:3] == (404, "invalid_request", "not_found")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400, "parse_error"),
        ({"json": {}}, 400, "required"),
        ({"json": {"query": {"kind": "TrendsQuery"}}}, 400, "invalid_input"),
        ({"json": {"query": {"kind": "HogQLQuery", "query": "select 1"}, "refresh": "now"}}, 400, "invalid_input"),
        ({"content": b"x", "headers": {"Content-Type": "text/plain"}}, 415, "unsupported_media_type"),
    ],
)
def test_a_body_that_is_no_query_is_refused(ask: Asker, content: dict[str, Any], status: int, code: str) -> None:
    answer = refused(ask.post("P/query/", **content))

    assert (answer[0], answer[2]) == (status, code)


def test_get_is_not_allowed(ask: Asker) -> None:
    assert refused(ask.get("P/query/")) == (405, "invalid_request", "method_not_allowed", 'Method "GET" not allowed.')


def test_the_old_path_works_and_says_that_it_is_deprecated(ask: Asker) -> None:
    path = f"/api/environments/{ask.posthog.project_id}/query/"
    answer = ask.post(path, json={"query": {"kind": "HogQLQuery", "query": "select 1"}})

    assert answer.json()["results"] == [[1]]
    assert {"deprecation", "sunset", "link"} <= set(answer.headers)
    assert "deprecation" not in ask.query("select 1").headers


def test_a_missing_slash_at_the_end_is_no_fault(ask: Asker) -> None:
    path = f"/api/projects/{ask.posthog.project_id}/query"

    assert ask.post(path, json={"query": {"kind": "HogQLQuery", "query": "select 1"}}).status_code == 200


def test_a_fourth_query_at_once_waits_and_is_then_refused(posthog: StandIn, ask: Asker) -> None:
    posthog.turn(latency_s=0.4, queue_wait_s=0.1)
    body = {"query": {"kind": "HogQLQuery", "query": "select 5"}, "refresh": "force_blocking"}

    async def together() -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=posthog.url, headers=ask.client.headers, trust_env=False) as client:
            path = f"/api/projects/{posthog.project_id}/query/"
            return list(await asyncio.gather(*(client.post(path, json=body) for _ in range(4))))

    answers = sorted(asyncio.run(together()), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "retry-after" not in answers[3].headers
    assert refused(answers[3])[3].startswith("Exceeded maximum concurrency limit: 3 for key: api:query:per-org:")
    assert max(entry.in_flight for entry in posthog.requests()) == 4


def test_a_query_of_too_many_rows_can_be_too_heavy(posthog: StandIn, ask: Asker) -> None:
    posthog.turn(heavy_rows=500)
    assert refused(ask.query("select 1 from events limit 501"))[:2] == (504, "server_error")
    posthog.turn(heavy_status=512)
    assert refused(ask.query("select 1 from events limit 501"))[:2] == (512, "server_error")
    assert ask.query("select 1 from events limit 500").status_code == 200


def test_recordings_are_a_table(ask: Asker) -> None:
    text = "select count(), countIf(end_time >= start_time), min(active_milliseconds) >= 0 from session_replay_events"
    expected = len(PRODUCT.recordings(DAYS))

    assert ask.rows(text)[0][:2] == [expected, expected]
    assert expected > 50


def test_persons_and_their_ids_are_tables(ask: Asker, events: pl.DataFrame) -> None:
    known = "(select distinct person_id from events where event != 'late' and event != 'remembered')"
    persons = ask.rows(f"select count() from persons where id in {known}")
    pairs = ask.rows(f"select count() from person_distinct_ids where person_id in {known}")

    assert persons == [[events["person_id"].n_unique()]]
    assert pairs == [[events.n_unique(["person_id", "distinct_id"])]]
