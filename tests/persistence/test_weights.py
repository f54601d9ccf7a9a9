"""Weights that Python code has kept are taken over, and kept again as the same bytes."""

from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from engine import load
from tests.persistence import functional
from tests.persistence.likeness import assert_same
from tests.persistence.program import GOLDEN, RUNS, golden

KEPT = GOLDEN / "functional"


def test_kept_network_answers_as_before():
    """Predictions in the person's labels, and scores."""
    assert_same(golden("functional/answers.json"), functional.answers(KEPT))


def test_kept_again_it_is_the_same(tmp_path: Path):
    """The graph byte for byte; arrays, units and labels under the same names."""
    opened = load(KEPT / functional.PROJECT)
    opened.load_weights(KEPT / functional.WEIGHTS)
    opened.save(tmp_path / functional.PROJECT)
    opened.save_weights(tmp_path / functional.WEIGHTS)
    graph = (tmp_path / functional.PROJECT).read_bytes()
    assert graph == (KEPT / functional.PROJECT).read_bytes()
    assert_equal_weights(KEPT / functional.WEIGHTS, tmp_path / functional.WEIGHTS)


def test_same_lines_of_python_draw_the_same_file(tmp_path: Path):
    functional.model().save(tmp_path / functional.DRAWN)
    drawn = (tmp_path / functional.DRAWN).read_bytes()
    assert drawn == (KEPT / functional.DRAWN).read_bytes()


@pytest.mark.parametrize("name", ["kinds", "encodings"])
@pytest.mark.filterwarnings("ignore::engine.Notice")
def test_run_is_opened_with_its_weights(name: str, tmp_path: Path):
    """The arrays of model.safetensors under the same names."""
    folder = RUNS / name
    load(folder).save_weights(tmp_path / "again.safetensors")
    assert_equal_weights(folder / "model.safetensors", tmp_path / "again.safetensors", told=False)


def assert_equal_weights(old: Path, new: Path, told: bool = True) -> None:
    """Assert that two files hold the same arrays, and tell the same of them."""
    with safe_open(old, "np") as before, safe_open(new, "np") as after:
        assert sorted(before.keys()) == sorted(after.keys())
        for key in before.keys():  # noqa: SIM118 - it is no mapping
            assert np.array_equal(before.get_tensor(key), after.get_tensor(key)), key
        assert not told or before.metadata() == after.metadata()
