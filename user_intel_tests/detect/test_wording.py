"""Findings in words: every kind has its sentence, numbers are rounded as people say them, and nothing is invented."""

from dataclasses import fields
from datetime import date

import pytest

from user_intel.detect import wording
from user_intel.detect.wording import PainPoint
from user_intel.tables import PAIN_POINTS
from user_intel_tests.detect.made_pain_points import BUTTON, ONE_OF_EACH, facts, made

SENTENCES = [
    "At /shipping 41 % of sessions with device_type=mobile leave, 12 % expected (flow checkout)",
    "Between /home and /status 41 % of sessions go back and forth, 12 % expected",
    "Through /, /changelog and /home 41 % of sessions go round in circles, 12 % expected",
    "At /shipping visits take 3 min 10 s (median), 1 min 2 s expected",
    "report_exported is used in only 13 % of the sessions that could, 42 % expected",
    'At /shipping 41 % of sessions hammer on "Pay now", under 0.1 % expected',
    'At /shipping 41 % of sessions click "Pay now" and nothing happens, 12 % expected',
    'At /shipping 41 % of sessions click "Pay now" and get an error, 12 % expected',
    "At /shipping 41 % of sessions turn back at once, 12 % expected",
    "At /shipping 41 % of sessions that begin the form do not send it, 12 % expected",
    "At /shipping 41 % of sessions leave within seconds, 12 % expected",
    "Recordings are missing: 6.2 % of sessions were recorded, 57 % expected; tracking is likely broken",
    "Event order_completed stopped: 0 seen, 210 expected; it, or its tracking, is likely broken",
    "Fewer sessions than usual: 1,200, 4,000 expected",
]


@pytest.mark.parametrize(("found", "sentence"), [*zip(ONE_OF_EACH, SENTENCES, strict=True)], ids=SENTENCES)
def test_a_kind_is_said_so(found: PainPoint, sentence: str) -> None:
    assert wording.heading(found) == sentence


def test_a_pain_point_has_the_columns_of_its_table() -> None:
    assert tuple(field.name for field in fields(PainPoint)) == PAIN_POINTS.column_names


def test_every_kind_the_table_names_has_words() -> None:
    (kinds,) = (column.comment for column in PAIN_POINTS.columns if column.name == "kind")
    assert set(kinds.rstrip(".").replace(" or ", " ").replace(",", " ").split()) == set(wording.KINDS)


@pytest.mark.parametrize(
    ("share", "said"),
    [(0, "0 %"), (0.0004, "under 0.1 %"), (0.0012, "0.1 %"), (0.0412, "4.1 %"), (0.0996, "10 %"), (0.412, "41 %"),
     (0.9948, "99 %"), (0.9997, "99.9 %"), (1, "100 %")],
)  # fmt: skip
def test_a_share_is_said_with_two_digits_that_mean_something(share: float, said: str) -> None:
    assert wording.percent(share) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.25, "0.2 s"), (9.96, "10 s"), (59.7, "1 min"), (75, "1 min 15 s"), (754, "13 min"), (3600, "1 h"),
     (4020, "1 h 7 min")],
)  # fmt: skip
def test_a_duration_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert wording.duration(seconds) == said


def test_money_and_counts_are_rounded() -> None:
    assert [wording.money(usd) for usd in (0, 12.34, 1217, 123_456)] == ["$0", "$12.3", "$1,220", "$123,000"]
    assert [wording.counted(count, "user") for count in (0, 1, 1200)] == ["0 users", "1 user", "1,200 users"]


def test_the_cost_says_at_least_and_names_the_flow() -> None:
    assert wording.cost(ONE_OF_EACH[0]) == "at least 61 conversions of checkout lost, worth $1,230"
    assert wording.cost(made(flow="signup", lost_conversions=0.2)) == "no conversion of signup surely lost"
    assert wording.cost(made()) == ""


def test_who_was_hit_says_of_how_many() -> None:
    share = {"id": "users_hit_share", "value": 0.062}
    assert wording.hit(made(facts=facts(numbers=[share]))) == "96 users hit in 120 sessions (6.2 % of active users)"
    assert wording.hit(made("underused_feature", "search")) == "96 users did without it in 120 sessions"


def test_since_when_is_said_only_where_it_is_known() -> None:
    assert wording.history(made()) == "since 2026-03-26, seen on 4 days; new"
    unknown = made(facts=facts(notes=["since when is not known: it is as old as the data"]), trend="same")
    assert wording.history(unknown).startswith("as old as the data (2026-03-26 or before), seen on 4 days")
    assert "last seen on 2026-03-27" in wording.history(made(last_day=date(2026, 3, 27)))


def test_what_else_was_seen_is_named_with_its_numbers() -> None:
    also = [
        {"kind": "drop_off", "subject": "/pay", "segment": "plan=pro", "value": 0.24, "expected": 0.11},
        {"kind": "slow_step", "subject": "/pay", "segment": "all", "value": 95.0, "expected": 20.0},
        {"kind": "rage_click", "subject": BUTTON, "segment": "all", "value": 0.3, "expected": 0.0},
    ]
    told = wording.also(made(facts=facts(also=also, reversals=["device_type"])))
    assert told == [
        "drop-off: /pay (24 %, 11 % expected, plan=pro)",
        "slow step: /pay (1 min 35 s, 20 s expected)",
        'rage clicks: "Pay now" (30 %, 0 % expected)',
        "every value of device_type got better while all together got worse: the mix changed, not the product",
    ]


def test_what_could_not_be_judged_is_counted_by_reason() -> None:
    one = wording.not_judged("loops", 4, 9, {"no_baseline": 4})
    assert one == "not judged: 4 of 9 circles: too little history to compare with"
    two = wording.not_judged("drop_offs", 5, 9, {"no_baseline": 4, "too_few_sessions": 1})
    assert two.endswith("too little history to compare with (4), too few sessions (1)")
