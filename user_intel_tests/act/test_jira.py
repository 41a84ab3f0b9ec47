"""The client against both Jiras over real sockets: what is sent, what is read, and all that goes wrong."""

from __future__ import annotations

import base64
import dataclasses
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from user_intel.act import jira as module
from user_intel.act.connection import Clock, Patience
from user_intel.act.document import Document, Link, bullets, code, heading, paragraph, plain_text, table
from user_intel.act.form import Choice, Unsuitable, form_of, value_for
from user_intel.act.jira import Jira, open_jira
from user_intel.act.payload import issue_payload
from user_intel.act.rich_text import words_of
from user_intel.act.shapes import FieldMeta, FieldSchema
from user_intel.act.tickets import FoundTicket, NewTicket
from user_intel.errors import ConfigError, FieldsRefused, JiraAway, JiraError, JiraMissing, JiraUnsure
from user_intel_tests.act.stand_in import CREATE, TOKEN, USER, JiraStandIn
from user_intel_tests.postgres import free_port

QUICK = Patience(connect_s=2, read_s=1, tries=3, first_wait_s=0.01, request_s=5)
DESCRIPTION = Document(
    (
        heading(2, "What"),
        paragraph("41 % leave ", code("/shipping"), " {color:red} & <b>"),
        table(["measure", "now"], [["exit rate", "41 %"]]),
        bullets([Link("dashboard", "https://intel.example.com/1")]),
    )
)
TICKET = NewTicket("Improve Shipping: 41 % leave", DESCRIPTION, "pp-1", labels=("user-intel", "user-intel-pp-1"))


@contextmanager
def opened(
    stand_in: JiraStandIn, clock: Clock | None = None, patience: Patience = QUICK, **changes: Any
) -> Iterator[Jira]:
    with open_jira(stand_in.settings(**changes), patience=patience, clock=clock) as jira:
        yield jira


@pytest.fixture
def client(jira: JiraStandIn) -> Iterator[Jira]:
    with opened(jira) as client:
        yield client


def posts(jira: JiraStandIn) -> list[dict[str, Any]]:
    """The requests that asked for a ticket."""
    return [each for each in jira.requests() if each["method"] == "POST" and each["path"].endswith("/issue")]


def soon(look: Callable[[], list[FoundTicket]]) -> list[FoundTicket]:
    """What there is as soon as there is anything."""
    deadline = time.monotonic() + 10
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


class Wrist:
    """A clock that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.at, self.slept = 0.0, list[float]()

    def sleep(self, seconds: float) -> None:
        self.at += seconds
        self.slept.append(seconds)

    def clock(self) -> Clock:
        return Clock(lambda: self.at, self.sleep)


def test_a_ticket_is_made_with_label_and_identity_in_one_request(jira: JiraStandIn, client: Jira) -> None:
    everything = dataclasses.replace(
        TICKET, summary="Improve\nShipping:  41 % leave", priority="high", components=("checkout",),
        fields={"Story Points": "3", "team": "Growth", "Notes": "a {b}", "Areas": ["web", "App"], "Tags": ["x"],
                "Due date": "2026-12-01", "Reference": "r-1", "Owner": "kim", "customfield_10050": "EU"},
    )  # fmt: skip
    made = client.create(everything)
    (ticket,) = jira.tickets()
    assert (made.id, made.key, made.url) == (ticket["id"], ticket["key"], f"{jira.url}/browse/{ticket['key']}")
    assert ticket["properties"] == {"user_intel": {"identity": "pp-1"}}
    fields = ticket["fields"]
    assert words_of(fields.pop("description")) == " ".join(plain_text(DESCRIPTION).split())
    assert words_of(fields.pop("customfield_10030")) == "a {b}"
    owner = {"accountId": "kim"} if jira.flavour == "cloud" else {"name": "kim"}
    assert fields == {
        "project": {"key": "SHOP"}, "issuetype": {"id": "10001"}, "summary": "Improve Shipping: 41 % leave",
        "labels": ["user-intel", "user-intel-pp-1"], "priority": {"id": "2"}, "components": [{"id": "10200"}],
        "customfield_10010": 3, "customfield_10020": {"id": "1"}, "customfield_10032": [{"id": "5"}, {"id": "6"}],
        "customfield_10033": ["x"], "duedate": "2026-12-01", "customfield_10031": "r-1", "customfield_10034": owner,
        "customfield_10050": "EU",
    }  # fmt: skip
    (sent,) = posts(jira)
    assert sent["body"] == client.payload(everything)


def test_a_long_summary_is_cut_with_an_ellipsis(jira: JiraStandIn, client: Jira) -> None:
    client.create(dataclasses.replace(TICKET, summary="word " * 100))
    summary = jira.tickets()[0]["fields"]["summary"]
    assert (len(summary), summary[-6:]) == (255, " word…")


def test_a_description_that_is_too_long_is_cut_to_what_jira_takes(jira: JiraStandIn, client: Jira) -> None:
    client.create(dataclasses.replace(TICKET, description=Document((paragraph("word " * 20_000),))))
    assert words_of(jira.tickets()[0]["fields"]["description"]).endswith("did not fit into Jira's limit)")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"priority": "Urgent"}, '"Priority" "Urgent" does not exist; it can be Highest, High, Medium, Low, Lowest.'),
        ({"components": ("Cart",)}, '"Components" "Cart" does not exist; it can be Checkout, Search.'),
        (
            {"fields": {"Team": "Sales"}},
            '"Team" (customfield_10020) "Sales" does not exist; it can be Growth, Platform.',
        ),
        ({"fields": {"Areas": ["Web", "TV"]}}, '"Areas" (customfield_10032) "TV" does not exist; it can be Web, App.'),
        (
            {"fields": {"Squad": "x"}},
            '"Squad" is no field of Task in project SHOP; custom fields there are "Areas" (cus',
        ),
        ({"fields": {"Region": "EU"}}, '"Region" is the name of several fields: use one of customfield_10050, customf'),
        ({"fields": {"Story Points": "many"}}, "\"Story Points\" (customfield_10010) takes a number, not 'many'."),
        ({"fields": {"Due date": "soon"}}, "\"Due date\" takes a day such as 2026-03-31, not 'soon'."),
        ({"fields": {"Team": ["Growth"]}}, '"Team" (customfield_10020) takes one value, not a list.'),
        ({"fields": {"Tags": "a b"}}, "\"Tags\" (customfield_10033) takes labels, which hold no spaces: 'a b'."),
        ({"fields": {"Reference": "a\nb"}}, '"Reference" (customfield_10031) takes one line of at most 255 characters'),
        ({"labels": ("a b",)}, "The label 'a b' holds a space or more than 255 characters, which Jira refuses."),
        ({"summary": "\x00 "}, "The summary is empty; Jira wants one line of text."),
    ],
)
def test_what_jira_would_refuse_is_told_before_anything_is_sent(
    jira: JiraStandIn, client: Jira, changed: dict[str, Any], words: str
) -> None:
    ticket = dataclasses.replace(TICKET, **changed)
    (fault,) = client.check(ticket)
    assert fault.startswith(words)
    with pytest.raises(FieldsRefused) as refused:
        client.create(ticket)
    assert refused.value.faults == (fault,)
    assert posts(jira) == []


def test_a_required_field_is_named_with_what_it_can_be(jira: JiraStandIn) -> None:
    with opened(jira, JIRA_ISSUE_TYPE="bug") as client:
        (fault,) = client.check(TICKET)
        assert fault == (
            '"Severity" (customfield_10040) must be filled in for Bug in project SHOP (it can be S1, S2): set it in '
            "product.yaml under jira.custom_fields."
        )
        client.create(dataclasses.replace(TICKET, fields={"severity": "s2"}))
    assert jira.tickets()[0]["fields"]["customfield_10040"] == {"id": "8"}


def test_fields_that_are_not_on_the_form_are_told_with_the_remedy(jira: JiraStandIn) -> None:
    with opened(jira, JIRA_PROJECT="BARE") as client:
        faults = client.check(dataclasses.replace(TICKET, priority="High", components=("Checkout",)))
    assert faults == (
        '"labels" is not on the form of Task in project BARE: have it added to the project\'s create screen.',
        '"priority" is not on the form of Task in project BARE: set jira.priorities to {} in product.yaml.',
        '"components" is not on the form of Task in project BARE: leave jira.component out.',
    )


def test_an_unknown_project_is_told_with_those_there_are(jira: JiraStandIn) -> None:
    with opened(jira, JIRA_PROJECT="SHIP") as client, pytest.raises(JiraError) as refused:
        client.create(TICKET)
    assert "No project could be found with key 'SHIP'." in str(refused.value)
    assert str(refused.value).endswith("JIRA_PROJECT is the project's key. The account sees SHOP, BARE.")


@pytest.mark.parametrize("name", ["Story", "Sub-task"])
def test_an_unknown_issue_type_is_told_with_those_there_are(jira: JiraStandIn, name: str) -> None:
    with opened(jira, JIRA_ISSUE_TYPE=name) as client, pytest.raises(JiraError) as refused:
        client.check(TICKET)
    assert str(refused.value) == (
        f'In project SHOP: The issue type "{name}" does not exist; it can be Task, Bug. '
        "Set JIRA_ISSUE_TYPE, or jira.issue_type in product.yaml."
    )


def test_a_form_of_many_pages_is_read_whole_and_once(jira: JiraStandIn) -> None:
    jira.turn(page_size=4)
    with opened(jira) as client:
        assert client.check(dataclasses.replace(TICKET, fields={"customfield_10051": "x"})) == ()
        client.create(TICKET)
    starts = [each["query"]["startAt"] for each in jira.requests() if each["path"].endswith("/10001")]
    assert starts == ["0", "4", "8", "12", "16"]


def test_refused_fields_are_shown_in_jiras_words_by_name(jira: JiraStandIn, client: Jira) -> None:
    errors = {"customfield_10020": "Team is archived.", "summary": "Summaries must start with a verb."}
    jira.play("400", CREATE, errors=errors, messages=["The workflow needs an assignee."])
    with pytest.raises(FieldsRefused) as refused:
        client.create(TICKET)
    assert refused.value.faults == (
        "The workflow needs an assignee.", '"Team" (customfield_10020): Team is archived.',
        "summary: Summaries must start with a verb.",
    )  # fmt: skip
    assert " ".join(refused.value.faults) in str(refused.value)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"fault": "400", "messages": ["Workflow says no."]}, "answered 400: Workflow says no. Mend what it names"),
        ({"fault": "401"}, "Check JIRA_TOKEN and JIRA_USER"),
        (
            {"fault": "403", "messages": ["You may not create."]},
            "You may not create. The account of the token lacks the",
        ),
        ({"fault": "captcha"}, "log in once with a browser"),
        ({"fault": "404"}, "It does not exist, or the account of the token may not see it."),
        ({"fault": "redirect"}, "wants to be asked at https://login.example.com/. Set JIRA_URL"),
    ],
)
def test_a_refusal_says_what_jira_says_and_what_to_do(
    jira: JiraStandIn, client: Jira, fault: dict[str, Any], words: str
) -> None:
    jira.play(match=CREATE, **fault)
    with pytest.raises(JiraError) as refused:
        client.create(TICKET)
    assert words in str(refused.value)
    assert jira.url in str(refused.value)
    assert not isinstance(refused.value, JiraAway | JiraUnsure)
    assert (len(posts(jira)), jira.tickets()) == (1, [])


def test_a_token_that_is_not_accepted_is_told_without_showing_it(jira: JiraStandIn) -> None:
    with opened(jira, JIRA_TOKEN="another-secret") as client, pytest.raises(JiraError) as refused:
        client.whoami()
    assert "401" in str(refused.value)
    assert "another-secret" not in str(refused.value)


@pytest.mark.parametrize("status", ["429", "503"])
def test_a_throttled_creation_waits_as_told_and_is_made_once(jira: JiraStandIn, status: str) -> None:
    wrist = Wrist()
    with opened(jira, wrist.clock(), Patience()) as client:
        client.form()
        jira.play(status, CREATE, times=2, retry_after="17")
        client.create(TICKET)
    assert wrist.slept == [17, 17]
    assert (len(posts(jira)), len(jira.tickets())) == (3, 1)


def test_a_retry_after_that_is_a_date_is_obeyed(jira: JiraStandIn) -> None:
    wrist = Wrist()
    with opened(jira, wrist.clock(), Patience()) as client:
        jira.play("429", "myself", retry_after=format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True))
        client.whoami()
    assert wrist.slept == [pytest.approx(39, abs=2)]


def test_without_retry_after_waits_double_until_patience_ends(jira: JiraStandIn) -> None:
    wrist = Wrist()
    with opened(jira, wrist.clock(), Patience(tries=5, first_wait_s=1, longest_wait_s=3)) as client:
        client.form()
        jira.play("429", CREATE, times=9)
        with pytest.raises(JiraAway, match=r"429.*Gave up after 5 tries in 9 s; nothing was done. Try again later"):
            client.create(TICKET)
    assert wrist.slept == [1, 2, 3, 3]
    assert jira.tickets() == []


def test_a_retry_after_beyond_our_patience_is_not_waited_for(jira: JiraStandIn) -> None:
    wrist = Wrist()
    with opened(jira, wrist.clock(), Patience(request_s=60)) as client:
        jira.play("429", "myself", times=9, retry_after="3600")
        with pytest.raises(JiraAway, match=r"It asked to be left alone for 3600 s. Gave up after 1 try in 0 s"):
            client.whoami()
    assert wrist.slept == []


@pytest.mark.parametrize("fault", ["500", "502", "503", "504", "dropped", "half_answer"])
def test_reading_is_repeated_after_a_fault_of_the_moment(jira: JiraStandIn, client: Jira, fault: str) -> None:
    jira.play(fault, "myself", times=2)
    assert client.whoami().name == "Insight Bot"
    assert [each["path"].rpartition("/")[2] for each in jira.requests()].count("myself") == 3


@pytest.mark.parametrize(
    "fault", ["lost_answer", "500_after", "half_answer", "html", "odd_json", "bad_gzip", "dropped", "500", "504"]
)
def test_a_creation_whose_answer_is_lost_is_unsure_and_never_repeated(
    jira: JiraStandIn, client: Jira, fault: str
) -> None:
    client.form()
    jira.play(fault, CREATE)
    with pytest.raises(JiraUnsure, match="may have done what was asked"):
        client.create(TICKET)
    assert len(posts(jira)) == 1
    # Looking tells which it was.
    assert (
        len(client.find("user-intel-pp-1")) == len(jira.tickets()) == (0 if fault in {"dropped", "500", "504"} else 1)
    )


def test_a_creation_that_takes_too_long_is_unsure(jira: JiraStandIn) -> None:
    with opened(jira, patience=dataclasses.replace(QUICK, read_s=0.5)) as client:
        client.form()
        jira.play("slow", CREATE, seconds=0.8)
        with pytest.raises(JiraUnsure, match=r"it took too long. It may have done what was asked"):
            client.create(TICKET)
    with opened(jira) as client:
        assert [found.identity for found in soon(lambda: client.find("user-intel-pp-1"))] == ["pp-1"]


def test_a_slow_answer_within_patience_is_waited_for(jira: JiraStandIn, client: Jira) -> None:
    jira.play("slow", CREATE, seconds=0.3)
    assert client.create(TICKET).key == jira.tickets()[0]["key"]
    assert client.seconds > 0.3


def test_nobody_there_is_told_at_once_and_nothing_was_done() -> None:
    nowhere = JiraStandIn("cloud")
    nowhere.url = f"http://127.0.0.1:{free_port()}"
    began = time.monotonic()
    with opened(nowhere) as client, pytest.raises(JiraAway, match=r"could not be reached: .*refused.*nothing was done"):
        client.create(TICKET)
    assert time.monotonic() - began < 2


def test_a_jira_that_cannot_be_trusted_is_refused_at_once(jira: JiraStandIn) -> None:
    url = jira.url.replace("http:", "https:")
    with (
        opened(jira, JIRA_URL=url) as client,
        pytest.raises(JiraError, match="could not be reached securely") as refused,
    ):
        client.whoami()
    assert not isinstance(refused.value, JiraAway | JiraUnsure)


def test_an_address_that_is_not_jiras_is_told(jira: JiraStandIn, client: Jira) -> None:
    jira.play("html", "myself")
    with pytest.raises(
        JiraError, match=r"a page for people titled 'Log in - Jira' where JSON was expected. Check JIRA_URL"
    ):
        client.whoami()
    jira.play("odd_json", "myself")
    with pytest.raises(JiraError, match=r"JSON of another shape than expected: .*displayName"):
        client.whoami()


def test_a_new_ticket_is_known_by_key_before_a_search_finds_it(cloud: JiraStandIn) -> None:
    cloud.turn(index_lag_s=1)
    with opened(cloud) as client:
        made = client.create(TICKET)
        assert client.find("user-intel-pp-1") == []
        assert client.identity(made.key) == "pp-1"
        assert [found.status.key for found in soon(lambda: client.find("user-intel-pp-1"))] == [made.key]


def test_tickets_of_a_label_are_found_oldest_first_wherever_they_went(jira: JiraStandIn, client: Jira) -> None:
    made = [client.create(TICKET) for _ in range(3)]
    jira.change(made[0].key, clone=True)
    jira.change(made[1].key, move="OTHER-7")
    client.create(dataclasses.replace(TICKET, labels=("user-intel", "user-intel-pp-11"), identity="pp-11"))
    jira.turn(page_size=2)
    found = client.find("user-intel-pp-1")
    assert [each.status.key for each in found][:3] == [made[0].key, "OTHER-7", made[2].key]
    assert [each.identity for each in found] == ["pp-1", "pp-1", "pp-1", None]


@pytest.mark.parametrize("label", ['a"b', "a\\b", "a'b)or(c", "größe", 'x"_or_project=SHOP'])
def test_a_label_is_searched_as_it_is(jira: JiraStandIn, client: Jira, label: str) -> None:
    client.create(TICKET)
    made = client.create(dataclasses.replace(TICKET, labels=(label,)))
    assert [found.status.key for found in client.find(label)] == [made.key]


def test_a_ticket_that_is_gone_or_anothers_has_no_identity(jira: JiraStandIn, client: Jira) -> None:
    assert client.identity("SHOP-404") is None
    made = client.create(TICKET)
    for odd in ("text", {"other": 1}, None, 7):
        jira.change(made.key, property=odd)
        assert client.identity(made.key) is None


def test_a_server_that_passes_over_properties_is_told_the_identity_afterwards(
    stand_in: Callable[[str], JiraStandIn], caplog: pytest.LogCaptureFixture
) -> None:
    server = stand_in("server")
    server.clear()
    server.turn(keeps_properties=False)
    with opened(server) as client:
        assert client.identity(client.create(TICKET).key) == "pp-1"
        server.play("403", "PUT .*/properties/user_intel")
        made = client.create(TICKET)
        assert client.identity(made.key) is None
    assert f"{made.key} does not carry its identity, only its label" in caplog.text


def test_a_search_as_a_stranger_is_no_answer(jira: JiraStandIn, client: Jira) -> None:
    """Nothing found would mean: open another ticket."""
    client.create(TICKET)
    jira.play("anonymous", "search")
    with pytest.raises(JiraError, match="Check JIRA_TOKEN and JIRA_USER"):
        client.find("user-intel-pp-1")


def test_where_tickets_stand_is_read_for_many_at_once(jira: JiraStandIn, client: Jira) -> None:
    made = [client.create(TICKET).key for _ in range(103)]
    jira.change(made[0], status="Done", resolution="Won't Do", resolved="2026-03-31T12:30:00.000+0200")
    jira.change(made[1], status="In Review", category="indeterminate")
    jira.change(made[2], delete=True)
    jira.change(made[3], move="OTHER-3")
    before = len(jira.requests())
    found = client.statuses([*made, "NOPE-1"])
    assert len(jira.requests()) - before <= 6
    assert list(found) == [*made, "NOPE-1"]
    done, review, gone, moved, open_ = (found[key] for key in made[:5])
    assert done is not None
    assert (done.name, done.category, done.resolution) == ("Done", "done", "Won't Do")
    assert done.resolved_at == datetime(2026, 3, 31, 10, 30, tzinfo=UTC)
    assert review is not None
    assert (review.name, review.category, review.resolution) == ("In Review", "indeterminate", None)
    assert gone is None
    assert moved is not None
    assert (moved.key, moved.url) == ("OTHER-3", f"{jira.url}/browse/OTHER-3")
    assert open_ is not None
    assert (open_.key, open_.name, open_.category, open_.resolved_at) == (made[4], "To Do", "new", None)
    assert found["NOPE-1"] is None
    assert client.statuses([]) == {}


def test_comments_are_read_in_order_however_many(jira: JiraStandIn, client: Jira) -> None:
    key = client.create(TICKET).key
    jira.turn(page_size=2)
    made = [client.add_comment(key, Document((paragraph(f"number {n}"), table(["a"], [["|"]])))) for n in range(5)]
    assert client.comments(key) == made
    assert [comment.text for comment in made] == [f"number {n} a |" for n in range(5)]


@pytest.mark.parametrize("fault", ["lost_answer", "500_after"])
def test_a_comment_whose_answer_is_lost_is_unsure_and_sent_once(jira: JiraStandIn, client: Jira, fault: str) -> None:
    key = client.create(TICKET).key
    jira.play(fault, "comment")
    with pytest.raises(JiraUnsure):
        client.add_comment(key, DESCRIPTION)
    assert len(client.comments(key)) == 1


def test_a_comment_that_may_not_be_made_is_refused_in_jiras_words(jira: JiraStandIn, client: Jira) -> None:
    key = client.create(TICKET).key
    jira.turn(lacking=["ADD_COMMENTS"])
    with pytest.raises(JiraError, match="You do not have the permission to comment on this issue"):
        client.add_comment(key, DESCRIPTION)
    with pytest.raises(JiraMissing, match="Issue does not exist"):
        client.add_comment("SHOP-999", DESCRIPTION)


def test_a_file_is_attached_under_its_name(jira: JiraStandIn, client: Jira, tmp_path: Path) -> None:
    key, clip = client.create(TICKET).key, tmp_path / "3f2a.mp4"
    clip.write_bytes(b"\x00\xff" * 5_000)
    made = client.attach(key, clip, "Checkout, clip 1.mp4")
    assert (made.name, made.bytes) == ("Checkout, clip 1.mp4", 10_000)
    assert client.attachments(key) == [made]


def test_a_throttled_file_is_sent_whole_again(jira: JiraStandIn, client: Jira, tmp_path: Path) -> None:
    key, clip = client.create(TICKET).key, tmp_path / "clip.mp4"
    clip.write_bytes(b"x" * 3_000)
    jira.play("429", "attachments", retry_after="0")
    assert client.attach(key, clip, "clip.mp4").bytes == 3_000


def test_a_file_that_jira_does_not_take_is_not_sent(jira: JiraStandIn, client: Jira, tmp_path: Path) -> None:
    key, clip = client.create(TICKET).key, tmp_path / "clip.mp4"
    clip.write_bytes(b"x" * 2_000)
    jira.turn(upload_limit=1_000)
    with pytest.raises(JiraError, match="it has 2,000 bytes, and Jira takes 1,000"):
        client.attach(key, clip, "clip.mp4")
    jira.turn(attachments=False)
    assert client.attachment_limit() is None
    with pytest.raises(JiraError, match="attachments are switched off in this Jira"):
        client.attach(key, clip, "clip.mp4")
    jira.turn(attachments=True, upload_limit=10_000)
    jira.play("lost_answer", "attachments")
    with pytest.raises(JiraUnsure):
        client.attach(key, clip, "clip.mp4")
    assert [each.name for each in client.attachments(key)] == ["clip.mp4"]


def test_who_and_where_we_are_is_told(jira: JiraStandIn, client: Jira) -> None:
    account = client.whoami()
    assert account.name == "Insight Bot"
    assert account.server == ("Jira Cloud" if jira.flavour == "cloud" else "Jira 9.12.4")
    assert client.lacking() == ()
    jira.turn(lacking=["CREATE_ATTACHMENTS", "BROWSE_PROJECTS"])
    assert client.lacking() == ("BROWSE_PROJECTS", "CREATE_ATTACHMENTS")


def test_the_token_is_in_no_log_and_no_error(jira: JiraStandIn, client: Jira, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    coded = base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
    said = [repr(client)]
    client.create(TICKET)
    for fault in ("400", "401", "403", "500", "lost_answer", "html", "redirect"):
        jira.play(fault, CREATE, messages=[f"You said {TOKEN} and {coded}."])
        with pytest.raises(JiraError) as refused:
            client.create(TICKET)
        said.append(str(refused.value))
    whole = "You said [token] and [token]." if jira.flavour == "cloud" else "You said [token] and"
    assert whole in "\n".join(said)
    for secret in (TOKEN, coded) if jira.flavour == "cloud" else (TOKEN,):
        assert secret not in caplog.text + "\n".join(said)
    # Nor is what is sent: summaries and descriptions are the product's own business.
    assert "Improve Shipping" not in caplog.text


def test_the_log_tells_counts_and_seconds(jira: JiraStandIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "user_intel")
    with opened(jira) as client:
        jira.play("500", "myself")
        client.whoami()
    assert caplog.messages[-1].startswith(f"jira at {jira.url}: 3 requests, 1 of them repeated, 0.0")
    assert caplog.messages[-2].startswith("jira: GET serverInfo: 200 in 0.0")


def test_our_own_part_of_a_ticket_takes_a_fraction_of_two_seconds(jira: JiraStandIn) -> None:
    jira.turn(latency_s=0.05)
    began = time.monotonic()
    with opened(jira) as client:
        client.create(TICKET)
    assert time.monotonic() - began - client.seconds < 2.0


def test_what_would_be_sent_is_known_without_any_jira() -> None:
    ticket = dataclasses.replace(TICKET, priority="High", components=("Checkout",), fields={"Team": "Growth"})
    body = issue_payload(ticket, flavour="cloud", project="SHOP", issue_type="Task")
    fields = cast(dict[str, Any], body["fields"])
    assert words_of(fields.pop("description")).startswith("What 41 % leave /shipping {color:red} & <b> measure now")
    assert fields == {
        "project": {"key": "SHOP"}, "issuetype": {"name": "Task"}, "summary": TICKET.summary,
        "labels": list(TICKET.labels), "priority": {"name": "High"}, "components": [{"name": "Checkout"}],
        "Team": "Growth",
    }  # fmt: skip
    assert body["properties"] == [{"key": "user_intel", "value": {"identity": "pp-1"}}]


def test_behind_the_gateway_of_scoped_tokens_pages_are_at_the_site() -> None:
    def get(resource: str, shape: type, _: object = None) -> object:
        return shape(base_url="https://example.atlassian.net")

    gateway = SimpleNamespace(url="https://api.atlassian.com/ex/jira/1f2e", flavour="cloud", get=get)
    assert Jira(cast(Any, gateway), "SHOP", "Task")._pages() == "https://example.atlassian.net/browse"


def test_without_a_jira_nothing_is_opened() -> None:
    nothing = JiraStandIn("cloud").settings(JIRA_URL=None, JIRA_TOKEN=None, JIRA_USER=None, JIRA_PROJECT=None)
    with pytest.raises(ConfigError, match="No Jira is configured: set JIRA_URL"), open_jira(nothing):
        pass


@pytest.mark.parametrize("token", ["to\nken", "tökén", "a b"])
def test_a_token_that_no_header_can_hold_is_refused_without_showing_it(jira: JiraStandIn, token: str) -> None:
    with pytest.raises(ConfigError, match="plain ASCII without spaces") as refused, opened(jira, JIRA_TOKEN=token):
        pass
    assert token not in str(refused.value)


def test_a_field_with_nothing_to_choose_from_says_so() -> None:
    described = [
        FieldMeta("Components", False, "components", schema=FieldSchema("array", "component"), allowed_values=[])
    ]
    form = form_of("SHOP", Choice("1", "Task"), described)
    with pytest.raises(Unsuitable, match='"Components" "Cart" does not exist; there is none'):
        value_for(form.fields["components"], "Cart", "cloud")


def test_the_client_is_a_tracker(client: Jira) -> None:
    from user_intel.act.tickets import Tracker

    tracker: Tracker = client
    assert tracker.flavour in {"cloud", "server"}
    assert module.PERMISSIONS[0] == "BROWSE_PROJECTS"
