"""The two clocks of a video."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from user_intel.watch.clock import Clock, Piece, Stretch, clock_of

EXACT_S = 1e-6


@st.composite
def clocks(draw: st.DrawFn) -> tuple[Clock, list[Stretch]]:
    """A clock of up to a day with up to eight idle stretches, and these stretches."""
    marks = sorted(draw(st.lists(st.integers(0, 86_400_000), min_size=2, max_size=18, unique=True)))
    seconds = [mark / 1000 for mark in marks]
    idle = [Stretch(a, b) for a, b in zip(seconds[1:-1:2], seconds[2:-1:2], strict=False)]
    speed, caption_s = draw(st.sampled_from([1.0, 4.0, 8.0, 7.3])), draw(st.sampled_from([0.5, 1.0, 2.5]))
    return clock_of(Stretch(seconds[0], seconds[-1]), idle, speed=speed, caption_s=caption_s), idle


def test_an_overview_runs_eight_times_as_fast_and_leaps_over_what_is_idle() -> None:
    # 0-16 s in 2 s, then a caption of 1 s for a minute, then 76-100 s in 3 s.
    clock = clock_of(Stretch(0, 100), [Stretch(16, 76)], speed=8, caption_s=1)
    assert clock.pieces == (
        Piece(Stretch(0, 16), Stretch(0, 2), skipped=False),
        Piece(Stretch(16, 76), Stretch(2, 3), skipped=True),
        Piece(Stretch(76, 100), Stretch(3, 6), skipped=False),
    )
    assert (clock.video_s, clock.shown_s) == (6, 40)
    assert [clock.to_video(s) for s in (0, 8, 16, 46, 76, 84, 100)] == [0, 1, 2, 2.5, 3, 4, 6]
    assert [clock.to_session(v) for v in (0, 1, 2, 2.5, 3, 4, 6)] == [0, 8, 16, 46, 76, 84, 100]
    assert clock.caption_at(2.5) == clock.pieces[1]
    assert clock.caption_at(3.0) is None


def test_an_idle_stretch_is_cut_to_what_is_shown_and_shown_when_its_caption_would_last_longer() -> None:
    cut = clock_of(Stretch(10, 30), [Stretch(2, 12), Stretch(25, 90)], speed=1, caption_s=1)
    assert [(piece.session, piece.skipped) for piece in cut.pieces] == [
        (Stretch(10, 12), True), (Stretch(12, 25), False), (Stretch(25, 30), True),
    ]  # fmt: skip
    short = clock_of(Stretch(0, 100), [Stretch(10, 17)], speed=8, caption_s=1)
    assert not any(piece.skipped for piece in short.pieces)
    assert short.video_s == pytest.approx(100 / 8)


@given(clocks(), st.floats(0, 1))
def test_each_clock_converts_into_the_other_and_back(made: tuple[Clock, list[Stretch]], share: float) -> None:
    clock, _ = made
    session_s = clock.session.from_s + share * clock.session.length_s
    video_s = share * clock.video_s
    # A caption may squeeze a day into half a second, so video time is told apart that much more finely.
    assert clock.to_session(clock.to_video(session_s)) == pytest.approx(session_s, abs=EXACT_S)
    assert clock.to_video(clock.to_session(video_s)) == pytest.approx(video_s, abs=EXACT_S)


@given(clocks(), st.floats(0, 1), st.floats(0, 1))
def test_what_happened_later_is_shown_later(made: tuple[Clock, list[Stretch]], one: float, other: float) -> None:
    clock, _ = made
    first, second = (clock.session.from_s + share * clock.session.length_s for share in sorted((one, other)))
    assert clock.to_video(first) <= clock.to_video(second)
    if second - first > EXACT_S:
        assert clock.to_video(first) < clock.to_video(second)


@given(clocks())
def test_pieces_follow_each_other_without_gaps_and_nothing_active_is_skipped(made: tuple[Clock, list[Stretch]]) -> None:
    clock, idle = made
    for one, after in zip(clock.pieces, clock.pieces[1:], strict=False):
        assert (one.session.to_s, one.video.to_s) == (after.session.from_s, after.video.from_s)
    for piece in clock.pieces:
        assert not piece.skipped or piece.session in idle
    assert clock.to_video(clock.session.to_s) == clock.video_s
    assert clock.to_session(clock.video_s) == clock.session.to_s


@pytest.mark.parametrize(
    ("shown", "speed", "caption_s"), [(Stretch(5, 5), 8, 1), (Stretch(0, 9), 0, 1), (Stretch(0, 9), 8, 0)]
)
def test_a_clock_of_nothing_is_refused(shown: Stretch, speed: float, caption_s: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        clock_of(shown, [], speed=speed, caption_s=caption_s)
