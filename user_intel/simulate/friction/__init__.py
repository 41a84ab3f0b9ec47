"""FrictionBench's simulator: products of random shape, people who walk them, and friction planted where we know of it.

`make_world(seed)` gives a `World`: its `product`, the planted `truths`, and `write(lake)`, which writes `events` and
`recordings` as the extract stage would. It leans on nothing of what it is there to judge: no code and no formula is
shared with the detectors, only the tables' columns and the product's description.
"""

from user_intel.simulate.friction.archetypes import SPREAD, Archetypes, Overlap
from user_intel.simulate.friction.planting import KINDS, SIZES, Truth
from user_intel.simulate.friction.world import World, make_world

__all__ = ["KINDS", "SIZES", "SPREAD", "Archetypes", "Overlap", "Truth", "World", "make_world"]
