"""A training takes the processors that nobody uses, and keeps to their number."""

import math

import pytest

from engine.runtime import idle_cores


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """Return a way to be on another machine."""

    def be(cores, running, quota="max 100000", most=None):
        load, limit = tmp_path / "loadavg", tmp_path / "cpu.max"
        load.write_text(f"0.50 0.40 0.30 {running}/400 12345\n")
        limit.write_text(quota + "\n")
        monkeypatch.setattr(idle_cores, "_LOAD_FILE", load)
        monkeypatch.setattr(idle_cores, "_QUOTA_FILE", limit)
        monkeypatch.setattr(idle_cores, "_MAX_THREADS", most or cores)
        monkeypatch.setattr(idle_cores.os, "cpu_count", lambda: cores)
        return idle_cores.idle_core_count()

    return be


@pytest.mark.parametrize(
    ("cores", "running", "wanted"), [(2, 1, 2), (2, 2, 1), (2, 9, 1), (16, 5, 12), (1, 1, 1)]
)
def test_neighbours_that_run_keep_their_processors(machine, cores, running, wanted):
    assert machine(cores, running) == wanted


def test_a_share_of_a_container_is_not_passed(machine):
    assert machine(64, 1, "200000 100000") == 2
    assert machine(64, 1, "50000 100000") == 1


def test_what_torch_was_told_is_the_most(machine):
    assert machine(16, 1, most=3) == 3


@pytest.mark.parametrize("text", ["", "max", "1 0", "x y"])
def test_what_can_not_be_read_limits_nothing(text):
    assert idle_cores._cpu_quota(text) == math.inf
    assert idle_cores._other_threads(text) == 0
