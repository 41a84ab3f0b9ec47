"""What sets a persona apart from all other users of the day: features that differ by a size that matters.

Belongs here: comparing and choosing. A trait is an effect (see `effects`) of at least `clusters.min_effect`, sure after
Benjamini-Hochberg over every feature of every persona of the day. Medium effects are from 0.33, large ones from 0.474
(Romano et al. 2006). How it is said is in `terms`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from user_intel.detect.statistics import benjamini_hochberg
from user_intel.product import Product
from user_intel.segment.effects import Effect, Measure, Spread
from user_intel.segment.terms import Term, Unit, term

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from user_intel.detect.statistics import Floats

    Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Trait:
    """One feature in which a persona differs from the rest, in plain units.

    `z`: difference of the means in standard deviations of all users, on the scale that was clustered. `effect`: Cliff's
    delta, -1..1, with its 95 % interval `low` to `high`. `median`, `quartiles` and `rest_*` are values people have.
    """

    feature: str
    z: float
    direction: str
    mean: float
    rest: float
    unit: Unit
    effect: float
    low: float
    high: float
    q_value: float
    median: float
    rest_median: float
    quartiles: tuple[float, float]
    rest_quartiles: tuple[float, float]

    @property
    def term(self) -> Term:
        """How its feature is said."""
        return term(self.feature)

    @property
    def is_much(self) -> bool:
        """Whether the persona has more of it than the rest."""
        return self.direction == "more"

    @property
    def strength(self) -> float:
        """The least effect that its interval allows, by how telling the feature is: what traits are ordered by."""
        return max(0.0, min(abs(self.low), abs(self.high))) * self.term.telling


def compare(
    names: Sequence[str], plain: Floats, scaled: Floats, groups: Mapping[str, Flags], product: Product
) -> dict[str, list[Trait]]:
    """The sure differences of each group from all other users, large or not, the strongest first.

    `plain` and `scaled` hold users by rows and features, called `names`, by columns.
    """
    import numpy as np

    found: list[tuple[str, str, float, Effect]] = []
    for column, name in enumerate(names):
        measure = Measure(np.asarray(plain[:, column], dtype=np.float64))
        known = np.isfinite(scaled[:, column])
        spread = float(scaled[known, column].std()) if known.any() else 0.0
        for key, members in groups.items():
            if effect := measure.effect(members):
                apart = scaled[members & known, column].mean() - scaled[~members & known, column].mean()
                found.append((key, name, float(apart) / (spread or 1.0), effect))
    q_values = benjamini_hochberg([effect.p_value for *_, effect in found])
    traits: dict[str, list[Trait]] = {key: [] for key in groups}
    for (key, name, z, effect), q_value in zip(found, q_values, strict=True):
        if q_value <= product.thresholds.q_value:
            traits[key].append(_trait(name, z, effect, float(q_value)))
    return {key: sorted(each, key=lambda trait: (-trait.strength, trait.feature)) for key, each in traits.items()}


def large(traits: Sequence[Trait], least: float) -> list[Trait]:
    """Those whose effect is at least so large."""
    return [trait for trait in traits if abs(trait.effect) >= least]


def told(traits: Sequence[Trait]) -> Iterator[Trait]:
    """The strongest trait of every family, the strongest first: what is worth saying."""
    families = set()
    for trait in traits:
        if trait.term.family not in families:
            families.add(trait.term.family)
            yield trait


def _trait(name: str, z: float, effect: Effect, q_value: float) -> Trait:
    group, rest = effect.group, effect.rest
    direction = "more" if effect.delta > 0 else "less"
    return Trait(
        name, z, direction, group.mean, rest.mean, term(name).unit, effect.delta, effect.low, effect.high, q_value,
        group.median, rest.median, _quartiles(group), _quartiles(rest),
    )  # fmt: skip


def _quartiles(spread: Spread) -> tuple[float, float]:
    return spread.low, spread.high
