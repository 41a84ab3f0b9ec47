"""Extracts a day in small pages, as a process of its own that a test may kill.

python -m user_intel_tests.extract.extracting HOST PROJECT KEY HOME
"""

import sys
from pathlib import Path
from unittest import mock

from user_intel.extract import windows
from user_intel.extract.posthog import PostHog, extract_day
from user_intel_tests.extract.posthog_lake import DAY, PRODUCT, lake_in, normaliser

PAGE_BYTES = 200_000


def main(host: str, project: str, key: str, home: str) -> None:
    small = {"PAGE_BYTES": PAGE_BYTES, "FIRST_PAGE_ROWS": 150, "FEWEST_PAGE_ROWS": 25}
    with mock.patch.multiple(windows, **small), PostHog(host, project, key) as posthog:
        extract_day(posthog, lake_in(Path(home)), PRODUCT, normaliser(), DAY)


if __name__ == "__main__":
    main(*sys.argv[1:])
