"""Pictures of personas: small, the same twice, in their colours, and of any number and name."""

import io
import sys
import time

import numpy as np
import pytest

from user_intel.segment.personas import PALETTE
from user_intel.segment.picture import Dots, Shown, picture
from user_intel_tests.detect.hand_made import DAY, before


def made(groups: int, each: int = 300, name: str = "Evening users, rarely finish checkout") -> bytes:
    dice = np.random.default_rng(4)
    shown = [
        Shown(f"persona-{n + 1}", name, PALETTE[n % len(PALETTE)], each, each / (each * (groups + 1)), "stable")
        for n in range(groups)
    ]
    dots = [Dots(persona.key, dice.normal(4 * n, 1, (each, 2))) for n, persona in enumerate(shown)]
    dots.append(Dots(None, dice.normal(2, 4, (each, 2))))
    shares = {before(back): {persona.key: persona.share for persona in shown} for back in range(14)}
    return picture(DAY, shown, dots, each * (groups + 1), shares, "Nobody is like anybody else.")


def pixels(png: bytes) -> np.ndarray:
    from matplotlib.image import imread

    return np.round(255 * imread(io.BytesIO(png))[:, :, :3]).astype(int)


def test_it_is_small_and_the_same_twice_and_leaves_no_pyplot_behind() -> None:
    drawn = made(5)
    started = time.process_time()
    assert made(5) == drawn
    assert time.process_time() - started < 1.0
    assert pixels(drawn).shape == (600, 1100, 3)
    assert len(drawn) < 130_000
    assert "matplotlib.pyplot" not in sys.modules


def test_every_persona_is_drawn_in_its_colour() -> None:
    drawn = pixels(made(4))
    for colour in PALETTE[:4]:
        wanted = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
        # Quantised to 256 colours: near enough to tell it from every other.
        assert (np.abs(drawn - wanted).max(axis=2) <= 12).sum() > 100


@pytest.mark.parametrize("groups", [0, 1, 30])
def test_any_number_of_personas_is_drawn(groups: int) -> None:
    assert len(made(groups, each=50)) < 130_000


@pytest.mark.parametrize("name", ["$1 \\frac{", "very long " * 20, "/目录/商品", "", "a\nb"])
def test_any_name_is_drawn(name: str) -> None:
    assert made(2, each=20, name=name)


def test_a_day_without_users_is_drawn() -> None:
    assert picture(DAY, [], [], 0, {}, "")
