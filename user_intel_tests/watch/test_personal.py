"""Personal data in a text of a page, held against the scrubbing of events, which is done by SQL."""

from __future__ import annotations

import itertools
import re
import time

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from user_intel import privacy
from user_intel.product import Product
from user_intel.watch.personal import hidden, scrubbed, spans

PERSONAL = [
    "anna.schmidt+shop@example.co.uk", "zoë@münchen.example", "anna%40example.com", "+49 171 2345678", "(555) 123-4567",
    "030 1234 56789", "4111 1111 1111 1111", "4111-1111-1111-1111", "378282246310005", "3782 822463 10005",
    "DE89 3704 0044 0532 0130 00", "078-05-1120", "203.0.113.77", "2001:db8:85a3::8a2e:370:7334", "5551234567",
]  # fmt: skip
SECRET = [
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "AKIAIOSFODNN7EXAMPLE", "Bearer abc.def-ghi_jkl",
    "d41d8cd98f00b204e9800998ecf8427e", "4111 1111 1111 1111",
]  # fmt: skip
HARMLESS = [
    "Total: 1.299,00 EUR", "12 of 340 items", "2026-11-21 16:41:53", "Step 3/4", "Version 2.14.3", "30 days free",
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", "shopping_cart_checkout_button_primary", "Really? Yes.", "50 % off",
    "Nov 21 2026, 4:41 PM", "1,234,567", "10:00-12:30", "A1-B2-C3",
]  # fmt: skip


@pytest.mark.parametrize("datum", [*PERSONAL, *SECRET])
@pytest.mark.parametrize("frame", ["{}", "Your data: {}.", "({})", "kept for\n{}\tin all", "»{}«"])
def test_personal_data_gives_way_to_stars_wherever_it_stands(datum: str, frame: str) -> None:
    text = scrubbed(frame.format(datum))
    expected = frame.format(re.sub(r"\S", "*", datum))
    # A full stop may be taken for a part of a token.
    assert text in (expected, expected[:-1] + "*" if expected.endswith(".") else expected)


@pytest.mark.parametrize("secret", SECRET)
def test_secrets_go_in_every_mode(secret: str) -> None:
    assert secret not in scrubbed(f"see {secret}", secrets_only=True)


@pytest.mark.parametrize("text", HARMLESS)
def test_prices_dates_and_words_stay(text: str) -> None:
    assert scrubbed(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://anna:pw@shop.example/a?token=1#x", "https://********shop.example/a**********"),
        ("go to /reset?code=77&to=me now", "go to /reset************** now"),
        ("https://shop.example/cart", "https://shop.example/cart"),
    ],
)
def test_addresses_lose_their_queries_and_their_users(text: str, expected: str) -> None:
    assert scrubbed(text, secrets_only=True) == expected


def test_a_card_is_found_beside_other_digits() -> None:
    assert scrubbed("4111 1111 1111 1111 12/26") == "**** **** **** **** 12/26"
    assert "4111" not in scrubbed("Order 2 4111 1111 1111 1111 1")
    # A digit off, so no card (but a long number all the same).
    assert not spans("4111 1111 1111 1112", secrets_only=True)


def test_signs_without_width_hide_nothing_from_the_search() -> None:
    assert scrubbed("anna\u200b@exa\u00admple.com") == "*" * 18
    assert scrubbed("4111 1111\u200b 1111 1111, thanks") == "**** ***** **** ****, thanks"


def test_hidden_text_keeps_its_shape_and_the_signs_of_icon_fonts() -> None:
    assert hidden("Anna Schmidt, 7 Élan\n你好 \ue001!") == "**** *******, * ****\n** \ue001!"


def test_what_events_lose_a_video_does_not_show() -> None:
    data = [*PERSONAL, *SECRET]
    parts = [*data, *HARMLESS, "a", "@", "x.y", "7"]
    texts = [glue.join(pair) for pair in itertools.permutations(parts, 2) for glue in (" ", ", ", "\n")]
    connection = duckdb.connect()
    privacy.install(connection, b"salt of the test suite", Product())
    query = "select text, scrubbed(text) from (select unnest($texts) as text)"
    rows = connection.execute(query, {"texts": texts}).fetchall()
    connection.close()
    assert len(rows) == len(texts)
    for text, theirs in rows:
        ours = scrubbed(text)
        for datum in data:
            assert datum not in ours or datum in theirs, text


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("a1@.:/?#=&- ev+%YJ4\u00e9\U0001f600"), max_size=400))
def test_any_text_keeps_its_length_and_is_scrubbed_once_and_for_all(text: str) -> None:
    once = scrubbed(text)
    assert len(once) == len(text)
    assert len(hidden(text)) == len(text)


@pytest.mark.parametrize(
    "part", ["a", "1 ", "?", "a@", "://", "/a?b", "1234 ", "sk_", "+1 ", "eyJ", "\\", "1.", "AB12"]
)
def test_searching_takes_time_in_proportion_to_the_text(part: str) -> None:
    started = time.perf_counter()
    spans(part * (200_000 // len(part)))
    # A search in quadratic time takes minutes here.
    assert time.perf_counter() - started < 5
