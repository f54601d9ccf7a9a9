"""A failure names its case."""

import pytest

from tests.tiers import noted


def test_a_case_is_named_where_nothing_is_raised():
    with pytest.raises(pytest.fail.Exception) as caught, noted("a", 1), pytest.raises(KeyError):
        pass
    assert caught.value.__notes__ == ["case: a, 1"]
