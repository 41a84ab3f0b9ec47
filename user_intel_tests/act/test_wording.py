"""A ticket's lines: the title says what to do and how large it is, the evidence what was counted among what."""

import pytest

from user_intel.act import wording
from user_intel_tests.act.made_insights import leaving
from user_intel_tests.detect.made_pain_points import BUTTON, ONE_OF_EACH, facts, made


def test_the_title_of_the_issue_comes_out_word_for_word() -> None:
    assert wording.title(leaving()) == "Improve Shipping: 41 % of mobile sessions leave, 12 % expected"


@pytest.mark.parametrize(
    ("found", "title"),
    [
        (made("drop_off", "/", segment="plan=free"),
         "Improve the first page (/): 41 % of sessions with plan=free leave, 12 % expected"),
        (made("slow_step", "/reports/:id", metric="p50_s", value=190.0, expected=62.0, segment="browser=Firefox"),
         "Speed up /reports/:id: Firefox visits take 3 min 10 s (median), 1 min 2 s expected"),
        (made("loop", "/home", "/order-status", subject="/home <-> /order-status", metric="loop_rate"),
         "Improve the way between Home and Order status: 41 % of sessions go back and forth, 12 % expected"),
        (made("rage_click", BUTTON, "/shipping", metric="rage_click_rate"),
         'Fix "Pay now" on Shipping: 41 % of sessions hammer on it, 12 % expected'),
        (made("underused_feature", "report_exported", metric="adoption", value=0.13, expected=0.42),
         "Make report_exported easier to find: 13 % of sessions that could use it do, 42 % expected"),
        (made("anomaly", "event:order_completed", metric="event:order_completed", value=0.0, expected=210.4,
              facts=facts(notes=["vanished"])),
         "Look into this: Event order_completed stopped: 0 seen, 210 expected; it, or its tracking, is likely broken"),
    ],
)  # fmt: skip
def test_a_title_says_what_to_do_where_and_how_large_it_is(found: wording.PainPoint, title: str) -> None:
    assert wording.title(found) == title


@pytest.mark.parametrize("found", ONE_OF_EACH, ids=lambda found: found.kind)
def test_every_kind_has_a_title_and_a_metric_in_words(found: wording.PainPoint) -> None:
    assert len(wording.title(found)) < 160
    assert "{" not in wording.title(found)
    assert "_rate" not in wording.metric(found.metric)


def test_evidence_names_unit_denominator_segment_and_days_of_every_number() -> None:
    told = [
        {"id": "value", "what": "exit_rate", "value": 0.412, "unit": "share", "of": "sessions at /shipping",
         "segment": "all", "from": "2026-03-23", "to": "2026-03-29"},
        {"id": "low", "what": "lower end", "value": 0.35, "unit": "share", "of": "", "segment": "all",
         "from": "2026-03-23", "to": "2026-03-29"},
        {"id": "expected", "what": "expected exit_rate (own_baseline)", "value": 0.12, "unit": "share",
         "of": "sessions at /shipping", "segment": "plan=free", "from": "2026-03-23", "to": "2026-03-29"},
        {"id": "lost_usd", "what": "worth of the conversions of checkout lost", "value": 1228.0, "unit": "usd",
         "of": "flow", "segment": "all", "from": "2026-03-23", "to": "2026-03-29"},
    ]  # fmt: skip
    found = made("drop_off", flow="checkout", facts=facts(numbers=told))
    days = ("2026-03-23", "2026-03-29")
    assert wording.evidence(found) == [
        (
            "sessions that leave there",
            "41 % (95 % interval: 35 % to 47 %)",
            "sessions at /shipping",
            "everybody",
            *days,
        ),
        ("expected, from the days before", "12 %", "sessions at /shipping", "plan=free", *days),
        ("worth of the conversions of checkout lost", "at least $1,230", "flow checkout", "everybody", *days),
    ]
