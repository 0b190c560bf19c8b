"""Is the part of the way that is slow named by each command, from each place, and none where nothing is?"""

from __future__ import annotations

import pytest

from tests.lab import scenarios
from tests.lab.conftest import Runs, expect_right

pytestmark = pytest.mark.lab


@pytest.mark.parametrize("name", scenarios.placed())
def test_what_is_slow_is_named_from_everywhere(name: str, segment_runs: Runs) -> None:
    expect_right(segment_runs[name], "answers right")
