"""Unusual names of files, folders, nodes, columns and labels, with every command."""

from __future__ import annotations

import csv
import json
import keyword
import os
from pathlib import Path

import numpy as np
import pytest

from engine.check.report import check
from engine.core.codes import CODES
from engine.core.diagnostic import DiagnosticError
from engine.graph.node_names import is_valid_name, suggest_name
from engine.graph.serialization.file import dumps, parse
from tests.end_to_end.conftest import in_process
from tests.engine.runtime.small import node, project
from tests.tiers import SOAK, grid, noted

ROWS = 24
NAMES = {
    "spaces": "my  data set ",
    "accents": "größe né",
    "combined signs": "e\u0301a\u0308",
    "Chinese": "数据",
    "from right to left": "שלום עולם",
    "emoji": "🧠👩‍🔬",
    "dots": "a..b.c",
    "a dash in front": "-rf",
    "percent": "100%s%n{0}",
    "quotes": 'it\'s "x"',
    "reserved elsewhere": "con",
    "a word of Python": "class",
    "long": "n" * 180,
    "markup": "<b>&amp;[red]",
    "commas": "a,b;c|d",
    "a formula": "=1+1",
    "a dollar": "$HOME`id`",
    "a backslash": "a\\b",
    "a star": "*?[x]",
}
# Valid as file names, but not as column names: rejected with a message everywhere.
FILES_ONLY = {"two lines": "two\nlines", "no text": os.fsdecode(b"\xff\xfe"), "hidden": ".hidden"}
SOME = ("accents", "from right to left", "a dash in front", "quotes", "long", "markup", "a star")
TRIED = NAMES if SOAK else {each: NAMES[each] for each in SOME}
NODES = (
    *NAMES.values(),
    *FILES_ONLY.values(),
    "ﬁt",
    "x",
    "lambda",
    "None",
    "_x",
    "1st",
    "",
    "日本",
)


def network(name: str):
    """Return a network that uses a name for columns, labels and nodes."""
    given = suggest_name(name)
    return project(
        node(given, "Input", shape=[2]),
        node("hidden", "Dense", given, units=4),
        node("size", "Dense", "hidden", units=1),
        node("kind", "Dense", "hidden", units=2, activation="softmax"),
        node(f"{given}_size", "Output", "size", loss="mse"),
        node(f"{given}_kind", "Output", "kind", loss="sparse_categorical_crossentropy",
             labels=[name.strip(), "other"], metrics=["accuracy"]),
        data={
            "inputs": {given: {"columns": [name.strip(), "second"]}},
            "targets": {
                f"{given}_size": {"column": f"{name} size".strip()},
                f"{given}_kind": {"column": f"{name} kind".strip()},
            },
        },
        epochs=1, threads=1,
    )  # fmt: skip


def table(name: str, file: Path) -> None:
    rng = np.random.default_rng(0)
    labels = [name.strip(), "other"]
    with file.open("w", newline="", encoding="utf-8") as opened:
        rows = csv.writer(opened)
        columns = (name.strip(), "second", f"{name} size".strip(), f"{name} kind".strip())
        rows.writerow(columns)
        rows.writerows(
            [f"{rng.normal():.3f}", f"{row}.5", f"{row % 7}.25", labels[row % 2]]
            for row in range(ROWS)
        )


def done(*words: object) -> str:
    """Run a command that must succeed, and return its output."""
    answer = in_process(*words)
    assert answer.code == 0, f"{words}: {answer.err}"
    assert "Traceback" not in answer.err
    return answer.out


@pytest.mark.slow
@pytest.mark.parametrize("which", grid(TRIED, 2))
def test_a_name_goes_through_saving_training_scoring_predicting_and_exporting(which, tmp_path):
    name = TRIED[which]
    folder = tmp_path / name
    folder.mkdir()
    graph, data, run = folder / f"{name}.loom.json", folder / f"{name}.csv", folder / f"run {name}"
    graph.write_text(dumps(network(name)), encoding="utf-8")
    assert parse(graph.read_bytes()).project == network(name)
    table(name, data)
    done("check", graph)
    done("data", data)
    done("train", graph, "--data", data, "--run", run)
    done("evaluate", run, "--data", data)
    done("predict", run, "--data", data, "--out", folder / f"out {name}.csv")
    done("predict", run, "--data", data, "--bare", "--out", folder / f"out {name}.jsonl")
    done("report", run, "--out", folder / f"{name}.html")
    for form in ("pytorch", "python"):
        done("export", run, "--to", form, "--out", folder / f"{form} {name}")
    lines = (folder / f"out {name}.jsonl").read_text(encoding="utf-8").splitlines()
    told = [json.loads(line) for line in lines]
    assert len(told) == ROWS
    labels = {value for line in told for value in line.values() if isinstance(value, str)}
    assert labels
    assert labels <= {name.strip(), "other"}


@pytest.mark.slow
@pytest.mark.parametrize("which", FILES_ONLY)
def test_a_file_may_be_called_what_no_column_is(which, tmp_path):
    name = FILES_ONLY[which]
    folder = tmp_path / name
    folder.mkdir()
    graph, data = folder / f"{name}.loom.json", folder / f"{name}.csv"
    graph.write_text(dumps(network("plain")), encoding="utf-8")
    table("plain", data)
    done("check", graph)
    done("train", graph, "--data", data, "--run", folder / f"run {name}")
    done("predict", folder / f"run {name}", "--data", data, "--out", folder / f"{name}.jsonl")


def test_a_node_of_any_name_is_checked_and_told():
    """A name that is invalid in exported source is rejected, and a valid one suggested."""
    for name in NODES:
        with noted(ascii(name)):
            check_node(name)


def check_node(name):
    given = {
        "format": "layerloom", "version": 1,
        "graph": {"nodes": [
            {"name": name, "kind": "Input", "params": {"shape": [2]}},
            {"name": "d", "kind": "Dense", "inputs": {"x": name}, "params": {"units": 1}},
            {"name": "y", "kind": "Output", "inputs": {"x": "d"}, "params": {"loss": "mse"}},
        ]},
    }  # fmt: skip
    file = json.dumps(given).encode()
    try:
        found = check(parse(file).project).errors
    except DiagnosticError as refusal:
        found = refusal.diagnostics
    assert bool(found) != is_valid_name(name)
    for each in found:
        assert each.code in CODES
        assert each.fixes
    assert is_valid_name(suggest_name(name))
    assert not keyword.iskeyword(suggest_name(name))
