"""Keys, scopes, projects and rate limits: who is let in, and in which words others are not."""

import httpx
import pytest

from user_intel.simulate import StandIn
from user_intel.simulate.knobs import CLOUD_RATE_LIMITS
from user_intel_tests.simulate.conftest import Asker, refused

QUERY = {"query": {"kind": "HogQLQuery", "query": "select 1"}}


def bare(posthog: StandIn, path: str = "P/query/", **options: object) -> httpx.Response:
    """Asks without a key in the header."""
    address = posthog.url + path.replace("P/", f"/api/projects/{posthog.project_id}/")
    return httpx.post(address, trust_env=False, timeout=30, **options)  # type: ignore[arg-type]


def test_a_wrong_key_is_401(posthog: StandIn) -> None:
    answer = bare(posthog, json=QUERY, headers={"Authorization": "Bearer phx_wrong"})

    assert refused(answer) == (
        401,
        "authentication_error",
        "authentication_failed",
        "Personal API key found in request Authorization header is invalid.",
    )
    assert answer.headers["www-authenticate"] == "Bearer"


def test_no_key_is_401_in_other_words(posthog: StandIn) -> None:
    assert refused(bare(posthog, json=QUERY)) == (
        401,
        "authentication_error",
        "not_authenticated",
        "Authentication credentials were not provided.",
    )


def test_a_key_may_stand_in_the_body_or_the_address(posthog: StandIn) -> None:
    assert bare(posthog, json={**QUERY, "personal_api_key": posthog.api_key}).status_code == 200
    assert bare(posthog, json=QUERY, params={"personal_api_key": posthog.api_key}).status_code == 200


def test_a_wrong_key_in_the_header_wins_over_a_right_one_in_the_body(posthog: StandIn) -> None:
    body = {**QUERY, "personal_api_key": posthog.api_key}

    assert bare(posthog, json=body, headers={"Authorization": "Bearer phx_wrong"}).status_code == 401


def test_a_missing_scope_is_403_typed_authentication_error(posthog: StandIn, ask: Asker) -> None:
    posthog.turn(scopes=("person:read",))

    assert refused(ask.query("select 1")) == (
        403,
        "authentication_error",
        "permission_denied",
        "API key missing required scope 'query:read'",
    )


def test_a_write_scope_covers_reading(posthog: StandIn, ask: Asker) -> None:
    posthog.turn(scopes=("query:write",))

    assert ask.query("select 1").status_code == 200


def test_another_project_is_not_found(ask: Asker) -> None:
    assert refused(ask.post("/api/projects/1/query/", json=QUERY)) == (
        404,
        "invalid_request",
        "not_found",
        "Project not found.",
    )


def test_a_key_of_another_project_is_403(posthog: StandIn, ask: Asker) -> None:
    posthog.turn(key_projects=(1,))

    assert refused(ask.query("select 1"))[3] == (
        f"API key does not have access to the requested project: ID {posthog.project_id}."
    )
    assert refused(ask.get("/api/projects/"))[3] == (
        "API keys with scoped projects are only supported on project-based endpoints."
    )
    assert ask.get("/api/users/@me/").status_code == 200


def test_the_project_can_be_called_current(posthog: StandIn, ask: Asker) -> None:
    by_number, by_name = ask.get(f"/api/projects/{posthog.project_id}/"), ask.get("/api/projects/@current/")

    assert by_number.json() == by_name.json()
    assert by_name.json()["timezone"] == "America/New_York"
    assert ask.post("/api/projects/@current/query/", json=QUERY).json()["results"] == [[1]]


def test_who_am_i_names_no_key(posthog: StandIn, ask: Asker) -> None:
    answer = ask.get("/api/users/@me/")

    assert answer.json()["team"]["id"] == int(posthog.project_id)
    assert posthog.api_key not in answer.text


def test_an_unknown_path_is_404_in_the_envelope(ask: Asker) -> None:
    assert refused(ask.get("/api/nothing/")) == (404, "invalid_request", "not_found", "Not found.")


@pytest.mark.parametrize(("limits", "allowed"), [([2, None], 2), ([None, 3], 3)])
def test_a_rate_limit_says_when_to_come_again(
    posthog: StandIn, ask: Asker, limits: list[int | None], allowed: int
) -> None:
    posthog.turn(rate_limits={"queries": limits})
    for _ in range(allowed):
        assert ask.query("select 1").status_code == 200
    answer = ask.query("select 1")

    assert refused(answer)[:3] == (429, "throttled_error", "throttled")
    wait = int(answer.headers["retry-after"])
    assert wait in ({59, 60} if limits[0] else {3599, 3600})
    assert answer.json()["detail"] == f"Request was throttled. Expected available in {wait} seconds."
    assert ask.get("/api/projects/@current/").status_code == 200, "another bucket"


def test_the_clouds_limits_are_those_documented() -> None:
    assert CLOUD_RATE_LIMITS["queries"] == (240, 2400)
    assert CLOUD_RATE_LIMITS["crud"] == (480, 4800)
