"""What stands on a ticket, where its links lead, and that a comment is known again in either format."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from user_intel.act import composing
from user_intel.act.cases import Case, cases_of
from user_intel.act.clips import footage_of
from user_intel.act.document import Document, paragraph
from user_intel.act.links import links_of
from user_intel.act.markdown import blocks_of
from user_intel.act.rich_text import rich_text, words_of
from user_intel.act.tickets import Flavour
from user_intel.detect.wording import PainPoint
from user_intel.product import Jira, Product
from user_intel.settings import Settings
from user_intel_tests.act.made_insights import explained_lake, later, leaving
from user_intel_tests.act.test_rules import case
from user_intel_tests.detect.hand_made import DAY, write_rows
from user_intel_tests.detect.made_pain_points import BUTTON, made

FLAVOURS: list[Flavour] = ["cloud", "server"]


def settings(**chosen: Any) -> Settings:
    return Settings(
        _env_file=None, **{"POSTHOG_HOST": None, "USER_INTEL_DAGSTER_URL": "http://127.0.0.1:3000", **chosen}
    )


def product(**links: Any) -> Product:
    return Product(jira=Jira.model_validate({"links": links}))


def test_custom_fields_are_filled_in_and_a_number_stays_one() -> None:
    chosen = Jira(custom_fields={"Points": "{severity}", "Note": "{priority} of {segment}", "Team": "Web", "Sum": 3,
                                 "Tags": ["{kind}", "ux"], "Cascade": {"value": "{insight_id}"}})  # fmt: skip
    of = case("/shipping", 61.5)
    assert composing.ticket_of(of, chosen).fields == {
        "Points": 61.5, "Note": "P1 of device_type=mobile", "Team": "Web", "Sum": 3, "Tags": ["drop_off", "ux"],
        "Cascade": {"value": of.insight_id},
    }  # fmt: skip


@pytest.mark.parametrize("flavour", FLAVOURS)
@given(text=st.text(max_size=200))
def test_a_comment_is_known_by_its_last_line_whatever_stands_above(flavour: Flavour, text: str) -> None:
    mark = composing.mark_of("insight-1f0c55ab9e3d2c47", "recurring", DAY)
    told = Document((paragraph(text), paragraph(mark)))
    assert composing.carries(words_of(rich_text(told, flavour)), mark)
    other = composing.mark_of("insight-1f0c55ab9e3d2c47", "recurring", later(7))
    assert not composing.carries(words_of(rich_text(told, flavour)), other)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_real_comment_is_known_again(flavour: Flavour) -> None:
    of = case("/a-b_c")
    for body, kind in ((composing.still_there(of), "recurring"), (composing.still_there_after(of, DAY), "reopened")):
        assert composing.carries(words_of(rich_text(body, flavour)), composing.mark_of(of.insight_id, kind, DAY))


def test_names_that_users_chose_are_text_and_nothing_else(tmp_path: Path) -> None:
    evil = '/x\u202e[link|https://evil.test]{code}*b*<script>"@everyone'
    lake = explained_lake(tmp_path, Product(), [leaving(evil)])
    (of,) = cases_of(lake, DAY)
    ticket = composing.ticket_of(of, Jira())
    assert "\u202e" not in ticket.summary
    assert "<script>" not in ticket.summary
    cloud = json.dumps(rich_text(ticket.description, "cloud"))
    assert '"type": "link"' not in cloud
    server = rich_text(ticket.description, "server")
    assert isinstance(server, str)
    assert "[link|" not in server
    assert "{code}" not in server


def test_links_lead_where_people_look_and_hold_no_session() -> None:
    of = case("/item/:id")
    chosen = product(dashboard="https://intel.test/{day}/{insight_id}", dagster="https://dagster.test/")
    posthog = settings(POSTHOG_HOST="https://eu.posthog.com", POSTHOG_PROJECT_ID="7", POSTHOG_API_KEY="phx_1")
    found = replace(of.found, first_day=later(-30))
    dashboard, recordings, dagster = links_of(of.insight_id, found, chosen, posthog)
    assert dashboard.url == f"https://intel.test/{DAY}/{of.insight_id}"
    assert dagster.url == f"https://dagster.test/assets/insights?partition={DAY}"
    url = urlsplit(recordings.url)
    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://eu.posthog.com/project/7/replay/home"
    filters = json.loads(parse_qs(url.query)["filters"][0])
    assert (filters["date_from"], filters["date_to"]) == (str(later(-6)), str(DAY))
    (came,) = filters["filter_group"]["values"][0]["values"]
    assert came["properties"][0]["value"] == "^/item/[^/]+/?$"


@pytest.mark.parametrize(
    ("found", "places"),
    [
        (made("loop", "/home", "/status", subject="/home <-> /status"), ["^/home/?$", "^/status/?$"]),
        (made("rage_click", BUTTON, "/a.b"), [r"^/a\.b/?$"]),
        (made("underused_feature", "report_exported"), None),
        (made("anomaly", "event:order_completed"), None),
    ],
)
def test_recordings_are_linked_where_they_show_the_problem(found: PainPoint, places: list[str] | None) -> None:
    links = links_of("insight-1", found, product(posthog="https://ph.test/project/1"), settings())
    if places is None:
        assert links == []
        return
    filters = json.loads(parse_qs(urlsplit(links[0].url).query)["filters"][0])
    came = filters["filter_group"]["values"][0]["values"]
    assert [each["properties"][0]["value"] for each in came] == places


def test_what_is_not_known_or_only_on_this_machine_is_not_linked() -> None:
    of = case("/shipping")
    assert links_of(of.insight_id, of.found, Product(), settings()) == []
    with pytest.raises(ValueError, match="no address"):
        product(dashboard="intel.test")


def filmed(lake_home: Path) -> Case:
    """A case with two clips, one of them of a session that did not meet it, and two findings, one unproven."""
    found = leaving()
    lake = explained_lake(lake_home, Product(), [found])
    common = {"day": DAY, "pain_point_id": found.pain_point_id, "session_id": "s-secret", "user_id": "u-secret"}
    clip = {**common, "place": 1, "kind": "moment", "status": "drawn", "url": "https://ph.test/replay/s-secret?t=4"}
    write_rows(lake, "replay_clips", DAY, [{**clip, "clip_id": "a", "met": True, "file": f"{DAY}/a.mp4"},
                                           {**clip, "clip_id": "b", "met": False, "file": f"{DAY}/b.mp4"}])  # fmt: skip
    seen = {**common, "kind": "erratic_cursor", "step": "/shipping", "met": True, "confidence": 0.9}
    write_rows(lake, "video_findings", DAY, [
        {**seen, "finding_id": "1", "grounded": True, "description": "The cursor circles over Pay."},
        {**seen, "finding_id": "2", "grounded": False, "description": "The user is angry."},
    ])  # fmt: skip
    for name in "ab":
        path = lake_home / "replays" / str(DAY) / f"{name}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"video")
    return cases_of(lake, DAY)[0]


def test_footage_of_those_who_met_the_problem_is_told_and_named_without_whose_it_is(tmp_path: Path) -> None:
    of = filmed(tmp_path)
    lake = explained_lake(tmp_path, Product(), [leaving()])
    footage = footage_of(lake, of.found, clips=3, seen=3, urls=0)
    assert [(clip.name, clip.path.name) for clip in footage.clips] == [("recording-1-moment.mp4", "a.mp4")]
    assert footage.seen == ("erratic cursor at /shipping: The cursor circles over Pay.",)
    ticket = composing.ticket_of(of, Jira(), footage=footage)
    said = words_of(rich_text(ticket.description, "cloud"))
    assert "The cursor circles over Pay." in said
    assert "angry" not in said
    assert "secret" not in unquote(json.dumps(rich_text(ticket.description, "cloud")))
    assert footage_of(lake, of.found, clips=0, seen=0, urls=2).urls == ("https://ph.test/replay/s-secret?t=4",)


def test_briefings_become_headings_lists_and_marked_words() -> None:
    text = "# Day\nFirst line\nsecond **bold** line\n\n- one\n- `two`\n1. three\n\nLast [x](https://evil.test)"
    told = Document(tuple(blocks_of(text)))
    wiki = rich_text(told, "server")
    assert isinstance(wiki, str)
    assert wiki.startswith("h2. Day\n\nFirst line second {*}bold{*} line\n\n* one\n* {{two}}\n\n# three")
    assert '"type": "link"' not in json.dumps(rich_text(told, "cloud"))
