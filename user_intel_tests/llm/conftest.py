"""A stand-in of the three APIs that answers well unless told otherwise."""

from collections.abc import Iterator

import pytest

from user_intel_tests.llm import stand_ins
from user_intel_tests.llm.asking import GOOD


@pytest.fixture
def apis() -> Iterator[stand_ins.StandIn]:
    with stand_ins.running(lambda _: stand_ins.Says(GOOD)) as stand_in:
        yield stand_in
