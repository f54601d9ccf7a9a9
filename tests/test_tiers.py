"""The tier is one that exists, and a failure names its case."""

import os
import subprocess
import sys

import pytest

from tests.tiers import noted


def test_a_case_is_named_where_nothing_is_raised():
    with pytest.raises(pytest.fail.Exception) as caught, noted("a", 1), pytest.raises(KeyError):
        pass
    assert caught.value.__notes__ == ["case: a, 1"]


def test_an_unknown_tier_is_an_error():
    env = {**os.environ, "LAYERLOOM_TIER": "fast"}
    words = [sys.executable, "-c", "import tests.tiers"]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert "LAYERLOOM_TIER is 'fast'; it must be one of quick, all, soak" in done.stderr
