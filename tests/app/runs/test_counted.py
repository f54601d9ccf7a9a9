"""What errors count in stands beside them, and what can't be compared is not marked as better."""

import json

import pytest
from PySide6.QtCore import Qt

from app.runs.columns import columns
from app.runs.run_details import RunDetails
from app.runs.run_diff import RunDiffTree
from app.text.phrases import plain_tooltip
from app.training.charts.chart_spec import output_chart_specs
from app.training.curves.run_curves import Curves
from app.training.panel.loss_table import LossTable
from engine.events import ControlTaken, OutputInfo, RunStarted
from engine.graph.serialization.file import parse
from engine.runs.comparison.run_comparison import compare_runs
from engine.runs.comparison.run_table import read_run_table
from tests.app.training.conftest import TEXT
from tests.app.training.made import heads_of, made_run, said

SCALED = "standard deviations"


@pytest.fixture
def place(tmp_path):
    """Two equal runs with a scaled target; in the second, people turned a loss weight."""
    project = parse(json.dumps(TEXT).encode()).project
    heads = tuple(head.model_copy(update={"unit": SCALED}) for head in heads_of(project))
    turned = ControlTaken(id="w", request="loss_weight", step=60, value={"a": 3.0},
                          before={"a": 1.0}, anew=True)  # fmt: skip
    for name, more in (("one", []), ("two", [turned])):
        told = said(heads, 4)
        at = next(n for n, event in enumerate(told) if getattr(event, "epoch", 0) == 2)
        made_run(tmp_path / name, project, "tiny", [*told[:at], *more, *told[at:]])
    return tmp_path


def test_a_chart_says_what_an_error_counts_in_in_full_or_in_short():
    loss, error = output_chart_specs(
        OutputInfo(name="age", loss="mse", metrics=("mae",), unit=SCALED), True
    )
    assert error.title == "mae of age, in standard deviations"
    assert error.short_title == "age mae, SD"
    assert loss.title == "age: mse"
    (_, plain) = output_chart_specs(
        OutputInfo(name="age", loss="mse", metrics=("mae",), unit="g"), True
    )
    assert plain.short_title == "age mae, g"


def test_the_table_of_losses_says_what_the_loss_of_a_scaled_target_counts_in(theme, qtbot):
    table = LossTable(theme)
    qtbot.addWidget(table)
    curves = Curves()
    heads = (OutputInfo(name="age", loss="mse", unit=SCALED), OutputInfo(name="kind", loss="mse"))
    curves.update([RunStarted(run_id="r", outputs=heads)])
    table.show_losses(curves)
    said = plain_tooltip("Loss and errors of age are in standard deviations")
    assert [table.item(0, column).toolTip() for column in range(3)] == [said] * 3
    assert table.item(1, 1).toolTip() == ""


def test_table_and_curves_of_runs_say_what_an_error_counts_in(place, theme, qtbot):
    found = read_run_table(place)
    column = next(each for each in columns(found) if each.title.startswith("a mae"))
    assert column.title == "a mae, SD"
    assert "in standard deviations" in column.tip
    details = RunDetails(theme)
    qtbot.addWidget(details)
    details.show_runs(found)
    shown = [details.score.itemText(at) for at in range(details.score.count())]
    assert shown[0] == "loss"
    assert "a/mae, in standard deviations" in shown


def test_totals_of_other_weights_are_not_marked_and_it_is_said_why(place, theme, qtbot):
    tree = RunDiffTree(theme)
    qtbot.addWidget(tree)
    tree.show_comparison(compare_runs(place / "one", place / "two"))
    scores = tree.topLevelItem(tree.topLevelItemCount() - 1)
    rows = {scores.child(n).text(0): scores.child(n) for n in range(scores.childCount())}
    total = rows["loss"]
    assert not any(total.font(column).bold() for column in (1, 2))
    assert "the weight of a in the total is 1 in one run, 3 in the other" in total.toolTip(2)
    assert "Not comparable" in total.data(1, Qt.ItemDataRole.AccessibleTextRole)
    assert total.text(2).endswith(", since step 61")
    assert rows["a/mae, SD"].toolTip(0) == plain_tooltip("a/mae, in standard deviations")
