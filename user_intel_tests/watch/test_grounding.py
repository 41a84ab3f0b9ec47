"""What a model says it saw is held against the events: place, kind, clicks and numbers, worked by hand."""

import pytest

from user_intel.watch.answers import SeenFinding
from user_intel.watch.clock import Stretch
from user_intel.watch.findings import FindingKind
from user_intel.watch.grounding import Happened, numbers_in, refusal

CLIP = Stretch(100.0, 130.0)
# Somebody moves all the time but for a pause from 110 to 118, clicks at 105, 105.3 and 120, and meets an error at 121.
HAPPENED = Happened(
    presses=[105.0, 105.3, 120.0],
    moves=[100.0 + 0.5 * n for n in range(20)] + [118.0 + 0.5 * n for n in range(24)],
    changes=[106.0, 121.2],
    deeds=[100.0 + 0.5 * n for n in range(20)] + [118.0 + 0.5 * n for n in range(24)],
    errors=[121.0],
)


def refused(kind: FindingKind, from_s: float, to_s: float, words: str = "They look around.", clicks: int = 0) -> str:
    """Why a finding at these seconds of the video (its clip in real time) is refused; "" where it is not."""
    seen = SeenFinding(
        kind=kind, from_s=from_s, to_s=to_s, what_was_seen=words, suggestion="See to it.", confidence=0.5, clicks=clicks
    )
    at = Stretch(CLIP.from_s + from_s, CLIP.from_s + to_s)
    return refusal(seen, at, CLIP, 30.0, HAPPENED) or ""


@pytest.mark.parametrize(
    ("kind", "from_s", "borne_out"),
    [
        ("frustration", 5, True), ("frustration", 7, True), ("frustration", 9, False), ("repetition", 5, True),
        ("hesitation", 11, True), ("hesitation", 24, False), ("error", 21, True), ("error", 24, False),
        ("erratic_cursor", 2, True), ("erratic_cursor", 13.5, False), ("confusion", 28, True),
    ],
)  # fmt: skip
def test_something_of_its_kind_must_have_happened_within_two_seconds(
    kind: FindingKind, from_s: float, borne_out: bool
) -> None:
    assert (refused(kind, from_s, from_s + 0.5) == "") == borne_out


def test_it_must_lie_inside_the_clip() -> None:
    assert refused("confusion", 29, 30.9) == ""
    assert "outside" in refused("confusion", 29, 33)
    assert "ends before" in refused("confusion", 9, 5)


@pytest.mark.parametrize(("clicks", "borne_out"), [(1, True), (2, True), (3, False), (9, False)])
def test_clicks_must_be_as_many_as_there_were(clicks: int, borne_out: bool) -> None:
    assert (refused("frustration", 4, 6, clicks=clicks) == "") == borne_out


def test_no_number_but_its_clicks_may_be_said() -> None:
    assert refused("frustration", 4, 6, "They click twice.", clicks=2) == ""
    assert refused("frustration", 4, 6, "They click 2 times on one button.", clicks=2) == ""
    assert "number" in refused("frustration", 4, 6, "They click 2 times within 3 seconds.", clicks=2)
    assert "number" in refused("frustration", 4, 6, "They click a dozen times.", clicks=2)
    assert "number" in refused("confusion", 4, 6, "They open three pages.")


def test_numbers_are_found_in_digits_and_in_words() -> None:
    assert numbers_in("Twice, 1,200 and 3.5; one of them at once") == [1200.0, 3.5, 2.0]
