"""`check --data` finds what a training would meet: no more, and no less."""

import numpy as np
import pytest

from engine.check.report import check
from engine.core.diagnostic import DiagnosticError
from engine.data import prepared_data
from engine.data.prepared_data import check_data, prepare_data
from engine.graph.model import Graph, Node, Project

SMALL = (
    Node("x", "Input", params={"shape": [1]}),
    Node("last", "Dense", {"x": "x"}, {"units": 1}),
    Node("y", "Output", {"x": "last"}, {"loss": "mse"}),
)
LONG = (
    Node("x", "Input", params={"shape": [None, 1]}),
    Node("deep", "Conv1D", {"x": "x"}, {"filters": 64, "kernel_size": 3}),
    Node("top", "GlobalMaxPooling1D", {"x": "deep"}),
    Node("last", "Dense", {"x": "top"}, {"units": 1}),
    Node("y", "Output", {"x": "last"}, {"loss": "mse"}),
)


def report_of(nodes=SMALL, **recipe):
    report = check(Project(Graph(nodes), recipe=recipe))
    assert not report.errors
    return report


def saved(tmp_path, x, rows):
    file = tmp_path / "data.npz"
    np.savez(file, x=x, y=np.linspace(0, 1, rows))
    return file


def codes(report, file):
    return [found.code for found in check_data(report, file)]


def test_a_float64_recipe_loses_no_digits_of_whole_numbers(tmp_path):
    file = saved(tmp_path, np.arange(2**24 + 1, 2**24 + 31).reshape(-1, 1), 30)
    assert codes(report_of(), file) == ["precision-lost", "input-scale"]
    assert codes(report_of(precision="float64"), file) == ["input-scale"]


def test_a_split_that_leaves_no_rows_is_found(tmp_path):
    file = saved(tmp_path, np.zeros((2, 1)), 2)
    assert codes(report_of(validation_split=0.1), file) == ["split-empty"]


def test_memory_is_counted_with_the_lengths_of_the_data(tmp_path, monkeypatch):
    monkeypatch.setattr(prepared_data, "available_memory", lambda: 10_000_000)
    report = report_of(LONG)
    assert codes(report, saved(tmp_path, np.zeros((30, 100, 1)), 30)) == []
    assert codes(report, saved(tmp_path, np.zeros((30, 5000, 1)), 30)) == ["out-of-memory"]


def test_rows_too_short_for_a_window_are_told_as_such_before_memory_is_counted(tmp_path):
    assert codes(report_of(LONG), saved(tmp_path, np.zeros((30, 2, 1)), 30)) == ["length-too-short"]


@pytest.mark.parametrize("x", [np.zeros((30, 1)), np.full((30, 1), np.nan), np.zeros((30, 2))])
def test_check_and_train_say_the_same(tmp_path, x):
    report, file = report_of(), saved(tmp_path, x, 30)
    try:
        met = list(prepare_data(report, file, None).warnings)
    except DiagnosticError as refused:
        met = list(refused.diagnostics)
    assert check_data(report, file) == met
