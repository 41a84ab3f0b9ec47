"""Users made by hand for tests of clustering: habits around archetypes, overlapping and with heavy tails."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def made_users(users: int, archetypes: int, seed: int, features: int = 20) -> tuple[NDArray[np.float32], list[int]]:
    """Scaled features and each user's archetype. Half of the features tell archetypes apart."""
    import numpy as np

    dice = np.random.default_rng(seed)
    middles = np.zeros((archetypes, features))
    middles[:, : features // 2] = dice.normal(0, 2.5, (archetypes, features // 2))
    truth = dice.integers(0, archetypes, users)
    habits = middles[truth] + dice.standard_t(5, (users, features))
    return np.clip(habits, -8, 8).astype(np.float32), truth.tolist()
