"""The stand-in is as strict as Jira's own description, so that a test that passes against it means something."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from user_intel_tests.act.stand_in import TOKEN, USER, JiraStandIn, contract
from user_intel_tests.act.stand_in.adf_structure import faults_of_document

DOCUMENT = {"version": 1, "type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "a"}]}]}
FIELDS: dict[str, Any] = {"project": {"key": "SHOP"}, "issuetype": {"id": "10001"}, "summary": "s"}


@pytest.fixture
def started(jira: JiraStandIn) -> Iterator[JiraStandIn]:
    """What is wrong on purpose here is forgotten before it counts as a fault of ours."""
    yield jira
    jira.clear()


@pytest.fixture
def raw(started: JiraStandIn) -> Iterator[httpx.Client]:
    login: dict[str, Any] = (
        {"auth": (USER, TOKEN)} if started.flavour == "cloud" else {"headers": {"Authorization": f"Bearer {TOKEN}"}}
    )
    root = "3" if started.flavour == "cloud" else "2"
    with httpx.Client(base_url=f"{started.url}/rest/api/{root}/", trust_env=False, **login) as client:
        yield client


def text(started: JiraStandIn) -> Any:
    return DOCUMENT if started.flavour == "cloud" else "a"


def test_jiras_description_is_there_where_nothing_may_be_missing(started: JiraStandIn, shared_data: object) -> None:
    assert contract.DESCRIPTION.exists()
    assert started.validates


def test_without_the_description_nothing_is_held_against_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(contract, "DESCRIPTION", tmp_path / "absent.json")
    absent = contract.Contract("cloud")
    assert not absent.validates
    assert absent.request_faults("POST", "/rest/api/3/anything", {}, "text/plain", "x") == []
    assert absent.answer_faults("GET", "/rest/api/3/myself", 200, 7) == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "issue", {"fields": "none"}),
        ("POST", "issue", {"fields": FIELDS, "properties": [{"key": 7, "value": 1}]}),
        ("POST", "issue", {"fields": FIELDS, "properties": [{"name": "x"}]}),
        ("POST", "issue", []),
        ("GET", "issue/SHOP-1?fileds=status", None),
        ("GET", "no/such/resource", None),
        ("DELETE", "myself", None),
        ("POST", "issue/SHOP-1/comment", {"body": DOCUMENT, "text": "x", "visibility": 7}),
        ("GET", "mypermissions?project=SHOP", None),
        ("POST", "issue/SHOP-1/attachments", {"file": "x"}),
    ],
)
def test_requests_that_jira_does_not_describe_are_refused_and_noted(
    started: JiraStandIn, raw: httpx.Client, method: str, path: str, body: Any, shared_data: object
) -> None:
    answer = raw.request(method, path, json=body) if body is not None else raw.request(method, path)
    assert answer.status_code == 400
    assert "Not what the API describes" in answer.text
    assert len(started.violations()) >= 1
    assert started.tickets() == []


def test_the_retired_search_and_the_retired_metadata_are_gone(started: JiraStandIn, raw: httpx.Client) -> None:
    gone = 410 if started.flavour == "cloud" else 400
    assert raw.get("issue/createmeta?projectKeys=SHOP").status_code == gone
    assert raw.post("search", json={"jql": 'labels = "a"'}).status_code == (410 if started.flavour == "cloud" else 200)
    assert raw.post("search/jql", json={"jql": 'labels = "a"'}).status_code == (
        200 if started.flavour == "cloud" else 400
    )


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"jql": 'labels = "a"', "startAt": 0}, "startAt"),
        ({"jql": 'labels = "a"', "maxResults": "many"}, "maxResults"),
        ({"fields": ["status"]}, "jql"),
        ({"jql": 'labels = "a"', "fields": "status"}, "fields"),
    ],
)
def test_a_search_of_the_wrong_shape_is_refused_by_cloud(
    started: JiraStandIn, raw: httpx.Client, body: dict[str, Any], named: str, shared_data: object
) -> None:
    if started.flavour == "server":
        assert raw.post("search", json={"jql": 'labels = "a"', "nextPageToken": "1"}).status_code == 400
        return
    answer = raw.post("search/jql", json=body)
    assert (answer.status_code, named in answer.text) == (400, True)


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"summary": ""}, "summary", "You must specify a summary of the issue."),
        ({"summary": "a\nb"}, "summary", "The summary is invalid because it contains newline characters."),
        ({"summary": "x" * 256}, "summary", "Summary must be less than 255 characters."),
        ({"project": {"key": "NO"}}, "project", "valid project is required"),
        ({"issuetype": {"id": "9"}}, "issuetype", "The issue type selected is invalid."),
        ({"priority": {"name": "Urgent"}}, "priority", "Priority name 'Urgent' is not valid"),
        ({"components": [{"id": "9"}]}, "components", "Component id '9' is not valid"),
        ({"labels": ["a b"]}, "labels", "The label 'a b' contains spaces which is invalid."),
        ({"customfield_10020": "Growth"}, "customfield_10020", "expected Object"),
        ({"customfield_10010": "3"}, "customfield_10010", "Operation value must be a number"),
        ({"customfield_1": 1}, "customfield_1", "Field 'customfield_1' cannot be set. It is not on the appropriate"),
        ({"issuetype": {"id": "10002"}}, "customfield_10040", "Severity is required."),
        ({"description": 7}, "description", "Operation value must be a"),
    ],
)
def test_values_that_jira_refuses_are_refused_by_field(
    started: JiraStandIn, raw: httpx.Client, changed: dict[str, Any], field: str, words: str
) -> None:
    answer = raw.post("issue", json={"fields": {**FIELDS, **changed}})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert answer.json()["errors"][field].startswith(words)
    assert started.tickets() == []


def test_each_flavour_refuses_the_others_rich_text(started: JiraStandIn, raw: httpx.Client) -> None:
    other = "plain" if started.flavour == "cloud" else DOCUMENT
    assert "description" in raw.post("issue", json={"fields": {**FIELDS, "description": other}}).json()["errors"]
    made = raw.post("issue", json={"fields": {**FIELDS, "description": text(started)}})
    assert made.status_code == 201
    assert raw.post(f"issue/{made.json()['key']}/comment", json={"body": other}).status_code == 400


def test_a_description_over_the_limit_is_refused(started: JiraStandIn, raw: httpx.Client) -> None:
    long = {**DOCUMENT, "content": DOCUMENT["content"] * 600} if started.flavour == "cloud" else "x" * 32_768  # type: ignore[operator]
    errors = raw.post("issue", json={"fields": {**FIELDS, "description": long}}).json()["errors"]
    assert errors["description"] in {
        "CONTENT_LIMIT_EXCEEDED",
        "The entered text is too long. It exceeds the allowed limit of 32,767 characters.",
    }


def test_nobody_gets_in_without_the_token(started: JiraStandIn) -> None:
    root = "3" if started.flavour == "cloud" else "2"
    with httpx.Client(base_url=f"{started.url}/rest/api/{root}/", trust_env=False) as stranger:
        assert stranger.get("myself").status_code == 401
        assert stranger.get("myself", auth=(USER, "wrong")).status_code == 401


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        ("text", "the root must be an object of type doc"),
        ({"type": "doc", "content": []}, "version must be 1"),
        ({"version": 1, "type": "doc", "content": [{"type": "text", "text": "a"}]}, "'text' may not stand in doc"),
        ([{"type": "text", "text": ""}], "must not be empty"),
        ([{"type": "text", "text": "a", "marks": [{"type": "loud"}]}], "unknown or repeated marks"),
        ([{"type": "text", "text": "a", "marks": [{"type": "link"}]}], "a link has an href"),
        ([{"type": "text", "text": "a", "marks": [{"type": "code"}, {"type": "strong"}]}], "code goes with no mark"),
        ([{"type": "script", "content": []}], "'script' is no known node"),
        ([{"type": "text", "text": "a", "onclick": "x"}], "unknown ['onclick']"),
    ],
)
def test_what_is_no_atlassian_document_is_known(broken: Any, fault: str) -> None:
    if isinstance(broken, list):
        broken = {"version": 1, "type": "doc", "content": [{"type": "paragraph", "content": broken}]}
    assert any(fault in each for each in faults_of_document(broken))


@pytest.mark.parametrize(
    "block",
    [
        {"type": "heading", "content": []},
        {"type": "heading", "attrs": {"level": 7}, "content": []},
        {"type": "bulletList", "content": []},
        {"type": "table", "content": [{"type": "tableRow", "content": []}]},
        {"type": "codeBlock", "content": [{"type": "text", "text": "a", "marks": [{"type": "strong"}]}]},
        {"type": "paragraph", "content": [{"type": "paragraph", "content": []}]},
    ],
)
def test_blocks_that_break_the_rules_are_known(block: dict[str, Any]) -> None:
    assert faults_of_document({"version": 1, "type": "doc", "content": [block]})
