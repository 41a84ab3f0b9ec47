"""A process that explains the day of `made_days` in a home and ends: `python -m ... HOME ADDRESS_OF_THE_MODEL`."""

from __future__ import annotations

import sys
from pathlib import Path

from user_intel.explain.insights import write_insights
from user_intel.llm.models import open_models
from user_intel.settings import Settings
from user_intel_tests.detect.hand_made import new_lake
from user_intel_tests.explain.made_days import DAY, PRODUCT
from user_intel_tests.llm.stand_ins import KEY, MODEL


def main(home: Path, url: str) -> None:
    """Explains the day with the model at `url`."""
    chosen = {"USER_INTEL_HOME": home, "USER_INTEL_LLM": f"openai:{MODEL}", "OPENAI_API_KEY": KEY}
    settings = Settings(_env_file=None, **chosen, OPENAI_BASE_URL=f"{url}/v1")  # type: ignore[call-arg, arg-type]
    with open_models(settings, day=DAY) as models:
        write_insights(new_lake(home, PRODUCT), PRODUCT, models, [], DAY)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
