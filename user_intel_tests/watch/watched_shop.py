"""One day of a small shop whose "Apply coupon" does nothing, extracted, with its pain point: for tests of the stage."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from user_intel.detect.run import count_day
from user_intel.extract.sources import PostHogSource
from user_intel.journeys.build import build_journeys
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.settings import Settings
from user_intel.simulate import SimulatedProduct, StandIn
from user_intel.simulate.site import Friction, Habits
from user_intel.tables import catalogue
from user_intel_tests.detect.made_pain_points import made

DAY = date(2026, 3, 3)
# Long after the recordings ended.
NOW = datetime(2026, 4, 1)  # noqa: DTZ001
BUTTON = 'button.btn.btn-1 "Apply coupon"'
SHOP = SimulatedProduct(
    seed=5, users=500, habits=Habits(frictions=(Friction("/cart", rage=0.5, element="Apply coupon"),))
)
FOUND = made(
    "rage_click", BUTTON, "/cart", metric="rage_click_rate", day=DAY, first_day=DAY, last_day=DAY, pain_point_id="rage"
)
PRODUCT = Product.model_validate(
    {
        "thresholds": {"window_days": 2},
        "watch": {
            "sessions_each": 2, "contrasts_each": 1, "overviews": False, "clip_margin_s": 2, "clip_fps": 2,
            "width": 640, "height": 400,
        },
    }
)  # fmt: skip


@dataclass(frozen=True)
class Shop:
    """A home that was extracted from a running PostHog, and its settings."""

    lake: Lake
    settings: Settings
    posthog: StandIn

    def with_settings(self, **changes: object) -> Settings:
        return self.settings.model_copy(update=changes)


@contextmanager
def watched_shop(home: Path) -> Iterator[Shop]:
    lake = Lake(home, catalogue(PRODUCT))
    with StandIn(product=SHOP, days=[DAY]) as posthog:
        settings = Settings(
            _env_file=None, USER_INTEL_HOME=home, USER_INTEL_SALT="a salt for tests only", POSTHOG_HOST=posthog.url,
            POSTHOG_PROJECT_ID=posthog.project_id, POSTHOG_API_KEY=posthog.api_key, POSTHOG_PLAN="self_hosted",
        )  # type: ignore[call-arg]  # fmt: skip
        source = PostHogSource(settings, lake, PRODUCT)
        source.extract_events(DAY)
        source.extract_recordings(DAY)
        build_journeys(lake, PRODUCT, DAY)
        count_day(lake, PRODUCT, DAY)
        lake.write_rows("pain_points", DAY, [{**asdict(FOUND), "facts": json.dumps(dict(FOUND.facts))}])
        yield Shop(lake, settings, posthog)
