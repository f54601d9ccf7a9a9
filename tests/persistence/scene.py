"""The commands whose answers are kept, in the order in which they are given in one folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.persistence.likeness import lasting
from tests.persistence.program import engine

ROW = {
    "size": 3.5, "mass": 40, "colour": "red", "fresh": "yes", "say": "one two", "list": "1 2",
    "tags": "x|z", "day": "2024-05-06", "picture": "1.png",
}  # fmt: skip

# By name, the words of each; JSON is asked for by all.
COMMANDS: dict[str, str] = {
    "new": "new",
    "new-template": "new siamese drawn/siamese.loom.json",
    "new-again": "new siamese drawn/siamese.loom.json",
    "new-from": "new --from rows.csv --target ripe drawn/first.loom.json",
    "sample": "sample sequential drawn/sample --rows 10",
    "data": "data rows.csv",
    "data-graph": "data rows.csv --graph encodings.loom.json",
    "data-arrays": "data kinds.npz",
    "cache": "cache",
    "check": "check kinds.loom.json --data kinds.npz",
    "check-table": "check encodings.loom.json --data rows.csv",
    "check-wrong": "check wrong.loom.json",
    "check-missing": "check nowhere.loom.json",
    "summary": "summary kinds.loom.json",
    "summary-wrong": "summary wrong.loom.json",
    "train": "train small-Adam.loom.json --data small.npz --run runs/new --epochs 2",
    "train-again": "train --again runs/kinds --data kinds.npz --run runs/again",
    "train-from": "train kinds.loom.json --data kinds.npz --run runs/from --from runs/kinds"
    " --epochs 1 --set optimizer=Lion",
    "train-wrong": "train small-Adam.loom.json --data rows.csv",
    "control": "control runs/kinds pause",
    "evaluate": "evaluate runs/kinds --data kinds.npz",
    "evaluate-side": "evaluate runs/encodings --data rows.csv --split test --weights best",
    "evaluate-steered": "evaluate runs/steered --data rows.csv --weights last",
    "predict-csv": "predict runs/encodings --data rows.csv --out drawn/table.csv",
    "predict-bare": "predict runs/encodings --data rows.csv --out drawn/bare.jsonl --bare",
    "predict-arrays": "predict runs/kinds --data kinds.npz --out drawn/arrays.npz",
    "predict-row": "predict runs/encodings --row",
    "answer": "answer runs/encodings",
    "export-python": "export kinds.loom.json --to python --out drawn/python",
    "export-pytorch": "export kinds.loom.json --to pytorch --out drawn/pytorch",
    "export-run": "export runs/encodings --to pytorch --out drawn/run",
    "runs": "runs",
    "compare": "compare runs/encodings runs/steered",
    "report": "report runs/kinds --out drawn/report.html",
    "layers": "layers",
    "layer": "layers LSTM",
    "explain": "explain kind-unknown free-axis",
    "explain-unknown": "explain kind-unknwon",
    "usage": "train --resume --nothing",
}
# The runs that can be gone on with: two projects, and a small one by each optimizer.
STOPPED = (
    "stopped", "steered", "SGD", "RMSprop", "Adam", "AdamW", "Nadam", "Adagrad", "Adadelta",
    "Adamax", "Lion",
)  # fmt: skip

# The tables that the commands write, to be compared with those of the version before.
TABLES = ("table.csv", "bare.jsonl")


def answers(place: Path) -> dict[str, Any]:
    """Return what each command answers in a folder, which is changed by that."""
    (place / "drawn").mkdir()
    return {name: answer(place, name) for name in COMMANDS}


def answer(place: Path, name: str) -> dict[str, Any]:
    """Return the answer of one command."""
    words, given = [*COMMANDS[name].split(), "--json"], ""
    if name == "predict-row":
        words.insert(-1, json.dumps(ROW))
    if name == "answer":
        given = "".join(json.dumps({"cells": cells}) + "\n" for cells in (ROW, {"size": "much"}))
    said = engine(place, *words, given=given)
    found = lasting(said.json, place)
    if name == "new":
        found = [*found]  # what the templates are is told in words
    return {"code": said.code, "json": found}


def data_of(run: str) -> str:
    """Return the rows that a stopped run was trained on."""
    return {"stopped": "kinds.npz", "steered": "rows.csv"}.get(run, "small.npz")
