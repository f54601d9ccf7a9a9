"""Windows are written as text or as JSON, and are only split by their time."""

import pytest

from engine.core.diagnostic import DiagnosticError
from engine.core.schema import ParamsError
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Project
from engine.recipe.data_mapping import DataMapping
from engine.recipe.split import TimeSplit
from engine.recipe.windows import Windows, windows_from_option

WINDOWS = {"by": "date", "group": "shop", "past": 28, "ahead": 7}


def test_the_option_means_what_the_file_means():
    text = "by=date, group=shop, past=28, ahead=7"
    assert windows_from_option(text) == Windows.from_params(WINDOWS)
    assert windows_from_option("by=2024,past=3") == Windows(by="2024", past=3)


@pytest.mark.parametrize(
    "text", ["past=3", "by=date,past", "by=date,past=x", "by=d,past=3,last=4", ""]
)
def test_what_is_missing_or_wrong_in_the_option_is_told(text):
    with pytest.raises(DiagnosticError) as refused:
        windows_from_option(text)
    assert all(found.fixes and found.place for found in refused.value.diagnostics)


def test_windows_are_split_by_time_and_say_so_only_if_asked():
    mapping = DataMapping.from_params({"windows": WINDOWS})
    assert mapping.split == TimeSplit(column="date")
    assert mapping.params() == {"windows": WINDOWS}
    with_test = {"kind": "time", "params": {"column": "date", "test": 0.1}}
    mapping = DataMapping.from_params({"windows": WINDOWS, "split": with_test})
    assert mapping.params() == {"windows": WINDOWS, "split": with_test}


@pytest.mark.parametrize(
    "split",
    [
        {"kind": "random", "params": {"test": 0.2}},
        {"kind": "group", "params": {"column": "shop", "test": 0.2}},
        {"kind": "time", "params": {"column": "week", "test": 0.2}},
    ],
)
def test_another_split_is_refused_and_the_fix_keeps_its_fractions(split):
    project = Project(data={"windows": WINDOWS, "split": split})
    with pytest.raises(ParamsError) as refused:
        DataMapping.from_params(project.data)
    (found,) = refused.value.diagnostics
    fixed = DataMapping.from_params(apply_edit(project, found.fixes[0].edit).data)
    assert fixed.split == TimeSplit(column="date", test=0.2)
