"""Rule baselines (being written)."""

from collections.abc import Callable
from datetime import date

from user_intel.bench.friction_reports import Report
from user_intel.lake import Lake
from user_intel.product import Product

Rule = Callable[[Lake, Product, tuple[date, ...]], list[Report]]

RULES: dict[str, Rule] = {}
