"""A simulated SaaS product, and a stand-in for the PostHog that would watch it.

`SimulatedProduct` says what people do; `StandIn` serves it over HTTP as PostHog would; `write_csv` writes it as files.
Nothing here knows journeys, detectors or the lake: what is simulated must not lean on what is tested with it.
"""

from user_intel.simulate.product import SimulatedProduct
from user_intel.simulate.stand_in import StandIn

__all__ = ["SimulatedProduct", "StandIn"]
