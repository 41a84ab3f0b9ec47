"""Faults on demand: what they look like to a client, whom they meet, and that every request is noted."""

import json
import time

import httpx
import pytest

from user_intel.simulate import StandIn
from user_intel.simulate.knobs import FaultName
from user_intel_tests.simulate.conftest import Asker, refused


@pytest.mark.parametrize(
    ("fault", "status", "type_"),
    [
        ("401", 401, "authentication_error"),
        ("402", 402, "quota_limit_exceeded"),
        ("403", 403, "authentication_error"),
        ("404", 404, "invalid_request"),
        ("429", 429, "throttled_error"),
        ("500", 500, "server_error"),
        ("502", 502, "server_error"),
        ("503", 503, "server_error"),
        ("504", 504, "server_error"),
        ("512", 512, "server_error"),
    ],
)
def test_a_fault_comes_once_in_the_envelope_and_then_the_truth(
    posthog: StandIn, ask: Asker, fault: FaultName, status: int, type_: str
) -> None:
    posthog.play(fault)

    assert refused(ask.query("select 1"))[:2] == (status, type_)
    assert ask.query("select 1").status_code == 200


def test_a_429_carries_retry_after_only_where_told(posthog: StandIn, ask: Asker) -> None:
    posthog.play("429", retry_after=7)
    posthog.play("429")

    assert ask.query("select 1").headers["retry-after"] == "7"
    assert "retry-after" not in ask.query("select 1").headers


def test_a_deleted_recording_is_gone_without_an_envelope(posthog: StandIn, ask: Asker) -> None:
    posthog.play("410", match="session_recordings")
    answer = ask.get("P/session_recordings/")

    assert (answer.status_code, answer.json()["error"]) == (410, "recording_deleted")


@pytest.mark.parametrize(("fault", "status"), [("html_502", 502), ("html_200", 200), ("html_504", 504)])
def test_html_can_come_where_json_should_be(posthog: StandIn, ask: Asker, fault: FaultName, status: int) -> None:
    posthog.play(fault)
    answer = ask.query("select 1")

    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert answer.text.startswith("<html>")


def test_a_connection_can_break_in_the_middle_of_an_answer(posthog: StandIn, ask: Asker) -> None:
    posthog.play("broken")

    with pytest.raises(httpx.RemoteProtocolError):
        ask.query("select 1")
    assert ask.query("select 1").status_code == 200


def test_an_answer_can_be_cut_as_if_it_were_whole(posthog: StandIn, ask: Asker) -> None:
    posthog.play("truncated")
    answer = ask.query("select 1")

    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == len(answer.content)
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_an_answer_can_be_slow_and_true(posthog: StandIn, ask: Asker) -> None:
    posthog.play("slow", seconds=0.3)
    began = time.monotonic()

    assert ask.rows("select 1") == [[1]]
    assert time.monotonic() - began >= 0.3


def test_a_fault_meets_only_what_it_matches_and_spares_the_first(posthog: StandIn, ask: Asker) -> None:
    posthog.play("500", times=2, match="from events", after=1)

    statuses = [ask.query("select 1 from events limit 1").status_code for _ in range(4)]
    assert statuses == [200, 500, 500, 200]
    posthog.play("500", match="from events")
    assert ask.query("select 1").status_code == 200


def test_clear_forgets_planned_faults(posthog: StandIn, ask: Asker) -> None:
    posthog.play("500", times=9)
    posthog.clear()

    assert ask.query("select 1").status_code == 200


def test_faults_can_be_played_over_http(posthog: StandIn, ask: Asker) -> None:
    told = httpx.post(
        f"{posthog.url}/_stand_in/faults", json={"fault": "503", "times": 1, "match": "query"}, trust_env=False
    )

    assert told.status_code == 204
    assert ask.query("select 1").status_code == 503


def test_every_request_is_noted_with_its_cost(posthog: StandIn, ask: Asker) -> None:
    ask.query("select event from events limit 30")
    posthog.play("503")
    ask.query("select 1")
    good, bad = posthog.requests()

    assert (good.method, good.status, good.rows, good.name) == ("POST", 200, 30, "a test")
    assert good.query == "select event from events limit 30"
    assert good.refresh == "force_blocking"
    assert 0 < good.seconds < 5
    assert good.bytes > 100
    assert (bad.status, bad.fault, bad.rows) == (503, "503", 0)
