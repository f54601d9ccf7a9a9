"""An output of which no training row counts is told, by column and by array alike."""

import numpy as np
import pytest

from engine.check.report import check_project
from engine.data.checks.degenerate_targets import zero_weight_outputs
from engine.data.prepared_data import check_data, prepare_data
from tests.engine.runtime.small import node, project

ROWS = 40


@pytest.mark.parametrize(
    ("weights", "masks", "told"),
    [
        ({"y": np.zeros(4)}, {}, ["y"]),
        ({"y": np.array([0, 0, 1.0])}, {}, []),
        ({"y": np.array([0, 0, 1.0])}, {"y": np.array([True, True, False])}, ["y"]),
        ({"y": np.array([0, 1.0])}, {"y": np.array([[False, False], [True, False]])}, []),
        ({"a": np.zeros(3), "b": np.ones(3)}, {}, ["a"]),
        ({"y": np.zeros(0)}, {}, []),
        ({}, {}, []),
    ],
)
def test_rows_count_only_where_their_target_is_there(weights, masks, told):
    found = list(zero_weight_outputs(weights, masks))
    assert [each.node for each in found] == told
    assert all((each.code, each.severity) == ("weight-unfit", "warning") for each in found)


@pytest.fixture
def file(tmp_path):
    """A table whose "w" is 1 in the rows held out, and 0 in the training rows."""
    held = np.arange(ROWS) >= 30
    rows = (
        f"{x},{2 * x},{int(back)},{'test' if back and x % 2 else 'val' if back else 'train'}"
        for x, back in enumerate(held)
    )
    (tmp_path / "d.csv").write_text("x,y,w,part\n" + "\n".join(rows) + "\n")
    return tmp_path / "d.csv"


def graph(**data):
    return check_project(
        project(
            node("x", "Input", shape=[1]),
            node("d", "Dense", "x", units=1),
            node("y", "Output", "d", loss="mse"),
            data={"split": {"kind": "column", "params": {"column": "part"}}, **data},
        )
    )


def test_a_column_that_lets_only_rows_held_out_count_is_told(file):
    prepared = prepare_data(graph(weights={"column": "w"}), file, None)
    assert [each.node for each in prepared.warnings if each.code == "weight-unfit"] == ["y"]


def test_a_split_that_trains_on_one_value_only_is_refused(file):
    found = check_data(graph(targets={"y": {"column": "w"}}), file)
    (bad,) = (each for each in found if each.is_error)
    assert (bad.code, bad.node) == ("target-constant", "y")
    assert "30 training rows" in bad.message
