"""Numbers in English texts: read whatever their form, and none passed over."""

from datetime import date

import pytest

from user_intel.explain.numbers import read


def seen(text: str) -> list[tuple[str, str, float]]:
    """The words, kind and value of each number."""
    return [(text[each.start : each.end], each.kind, round(each.value, 4)) for each in read(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("41 % of sessions", [("41 %", "share", 0.41)]),
        ("41%, 4.1 percent, forty-one per cent", [("41%", "share", 0.41), ("4.1 percent", "share", 0.041),
                                                  ("forty-one per cent", "share", 0.41)]),
        ("1,230 users, 1.2k users", [("1,230", "plain", 1230), ("1.2k", "plain", 1200)]),
        ("two hundred and five users", [("two hundred and five", "plain", 205)]),
        ("$1,230 or 12.5 USD", [("$1,230", "usd", 1230), ("12.5 USD", "usd", 12.5)]),
        ("1 min 38 s, 2 hours and 5 minutes, 1.6 minutes", [("1 min 38 s", "s", 98), ("2 hours and 5 minutes", "s",
                                                                                      7500),
                                                            ("1.6 minutes", "s", 96)]),
        ("10 s and 12 s", [("10 s", "s", 10), ("12 s", "s", 12)]),
        ("twice, three times, 3x, x4, tenfold, a factor of 20",
         [("twice", "times", 2), ("three times", "times", 3), ("3x", "times", 3), ("x4", "times", 4),
          ("tenfold", "times", 10), ("factor of 20", "times", 20)]),
        ("half, a third, two thirds, one in five, 7 out of 10",
         [("half", "part", 0.5), ("a third", "part", 0.3333), ("two thirds", "part", 0.6667), ("one in five", "part",
                                                                                               0.2),
          ("7 out of 10", "part", 0.7)]),
        ("35 to 47 %, between 35 and 47 %", [("35", "share", 0.35), ("47 %", "share", 0.47), ("35", "share", 0.35),
                                             ("47 %", "share", 0.47)]),
        ("29 percentage points, 5.5 points", [("29 percentage points", "points", 0.29), ("5.5 points", "points",
                                                                                         0.055)]),
        ("٤١٪ of sessions, ４１ ％", [("٤١٪", "share", 0.41), ("４１ ％", "share", 0.41)]),
        ("½ of users, Ⅳ, 三", [("½", "other", 0), ("Ⅳ", "other", 0), ("三", "other", 0)]),
        ("-3 %, 5 €, the second time, 3rd", [("3 %", "other", 0.03), ("5 €", "other", 0), ("second", "other", 0),
                                             ("3rd", "other", 0)]),
        ("no users, most sessions, nobody", [("no", "many", 0), ("most", "many", 0), ("nobody", "many", 0)]),
        ("hundreds of users", [("hundreds", "vague", 200)]),
        ("1. first\n2. then\n3. at last", []),
        ("at once, a double-click, no longer, the one that, third-party", []),
    ],
)  # fmt: skip
def test_a_number_is_read_with_its_unit(text: str, expected: list[tuple[str, str, float]]) -> None:
    assert seen(text) == expected


def test_dates_are_read_in_every_usual_order() -> None:
    day = date(2026, 3, 26)
    for text in ("2026-03-26", "26 March 2026", "March 26, 2026", "26th of March 2026", "26/03/2026", "03/26/2026"):
        (found,) = read(text)
        assert (found.kind, day in found.dates) == ("date", True), text
    first, last = read("26 to 29 March")
    assert [(each.dates[0].month, each.dates[0].day) for each in (first, last)] == [(3, 26), (3, 29)]


def test_a_list_may_count_its_items_and_nothing_else() -> None:
    assert seen("1. one thing\n4. another") == [("4", "plain", 4)]


@pytest.mark.parametrize(
    ("text", "hedge"),
    [("about 40 %", "about"), ("nearly 40 %", "nearly"), ("more than 40 %", "over"), ("at least 40 %", "at_least"),
     ("at most 40 %", "at_most"), ("under 40 %", "under"), ("40 %", ""), ("more than the 40 %", ""), ("40 % at most",
                                                                                                      "at_most"),
     ("$40 or more", "at_least")],
)  # fmt: skip
def test_a_hedge_is_part_of_what_is_said(text: str, hedge: str) -> None:
    assert read(text)[0].hedge == hedge
