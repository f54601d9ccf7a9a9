"""Encoders never see rows held out: whatever these hold, nothing that is fitted changes.

Every kind of encoding, as an input or a target, under every kind of split, from files to arrays.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from engine.check.report import Report, check_project
from engine.core.diagnostic import DiagnosticError
from engine.data.dataset.graph_dataset import encode_for_graph
from engine.data.prepared_data import prepare_data
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.readers.table_file import open_table
from engine.data.splits.table_split import split_table
from engine.graph.model import Project
from engine.recipe.encoding import ENCODINGS
from engine.recipe.split import SPLITS, parse_split
from tests.engine.runtime.small import node, project
from tests.tiers import noted, some

ROWS = 60
WORDS = ["quick", "brown", "fox", "over", "lazy"]
OTHERS = ["zebra", "xylophone", "yellow", "waltz", "quartz"]
RNG = np.random.default_rng(3)
Cells = Callable[[int], str]


def sentences(words: list[str], count: int) -> Cells:
    return lambda row: " ".join(RNG.choice(words, count))


def one_of(*labels: str) -> Cells:
    return lambda row: labels[row % len(labels)]


@dataclass(frozen=True)
class Case:
    """A column.

    Args:
        encode: as a file asks for it.
        plain: its cells.
        wild: cells that an encoder would change by, if it saw them.
        port: parameters of the Input; of a target, those of the Output.
        units: of a target, in front of the Output.
        told: False if no value that is let through could change the encoder.
    """

    encode: Any
    plain: Cells
    wild: Cells
    port: dict[str, Any] = field(default_factory=lambda: {"shape": [1]})
    units: int = 1
    told: bool = True


def amounts(low: float, high: float) -> Cells:
    return lambda row: f"{RNG.uniform(low, high):.3f}"


def number(scale: str, fill: str = "error") -> Case:
    asked = {"kind": "number", "params": {"scale": scale, "fill": fill}}
    return Case(asked, amounts(0, 9), amounts(500, 900))


IDS = {"shape": [None], "dtype": "int32"}
INPUTS = {
    "standardised": number("standardize"),
    "between least and most": number("minmax"),
    "by median and quartiles": number("robust"),
    "logarithm": number("log", "median"),
    "label": Case({"kind": "category", "params": {"unknown": "other"}}, one_of("a", "b", "c"),
                  one_of("x", "y", "z"), {"shape": [], "dtype": "int32"}),
    "label as columns": Case({"kind": "category", "params": {"rare": 2}}, one_of("a", "b", "c"),
                             one_of("x", "y", "z"), {"shape": [4]}),
    "yes or no": Case("boolean", one_of("no", "yes"), one_of("yes"), told=False),
    "words": Case("text", sentences(WORDS, 6), sentences(OTHERS, 9), IDS),
    "signs": Case({"kind": "text", "params": {"unit": "character"}}, sentences(WORDS, 3),
                  sentences(OTHERS, 5), IDS),
    "pieces": Case({"kind": "text", "params": {"unit": "bpe", "vocabulary": 60, "length": 9}},
                   sentences(WORDS, 6), sentences(OTHERS, 9), IDS),
    "ids": Case("ids", one_of("3 17 4"), one_of("8 17 4 99 98 97"), IDS),
    "labels": Case("multilabel", one_of("a|b", "c", "b|c"), one_of("a"), {"shape": [3]},
                   told=False),
    "date": Case({"kind": "date", "params": {"parts": ["year", "days"]}},
                 lambda row: f"2024-01-{1 + row % 28:02}", one_of("1911-07-03"),
                 {"shape": [2]}),
    "picture": Case("image", one_of("dark.png"), one_of("light.png"), {"shape": [2, 2, 3]},
                    told=False),
}  # fmt: skip
CLASSES = {"loss": "sparse_categorical_crossentropy"}
CURVES = {"sparse_categorical_crossentropy": "softmax", "binary_crossentropy": "sigmoid"}
TARGETS = {
    "amount": Case({"kind": "number", "params": {"scale": "standardize"}},
                   amounts(0, 9), amounts(500, 900), {"loss": "mse"}),
    "species": Case("category", one_of("a", "b", "c"), one_of("a"), CLASSES, 3, told=False),
    "species, balanced": Case("category", one_of("a", "b", "b"), one_of("a"),
                              {**CLASSES, "class_weight": "balanced"}, 2),
    "alive": Case("boolean", one_of("no", "yes"), one_of("no"), {"loss": "binary_crossentropy"},
                  told=False),
    "tags": Case("multilabel", one_of("a|b", "c"), one_of("a"), {"loss": "binary_crossentropy"},
                 3, told=False),
}  # fmt: skip
SHARES = {"validation": 0.2, "test": 0.2}
DIVIDED = {
    "random": SHARES,
    "stratified": {"column": "s", **SHARES},
    "group": {"column": "g", **SHARES},
    "time": {"column": "t", **SHARES},
    "column": {"column": "p"},
}


def graph_of(case: Case, side: str, split: str) -> Project:
    source = {"column": "c", "encode": case.encode}
    target = case.port if side == "targets" else {"loss": "mse"}
    shape = case.port if side == "inputs" else {"shape": [1]}
    nodes = [node("x", "Input", **shape)]
    nodes += between(shape)
    curve = CURVES.get(target["loss"], "linear")
    nodes.append(node("last", "Dense", nodes[-1]["name"], units=case.units, activation=curve))
    nodes.append(node("y", "Output", "last", **target))
    own, other = ("x", "y") if side == "inputs" else ("y", "x")
    ports = {"inputs": {}, "targets": {}}
    ports[side][own] = source
    ports["targets" if side == "inputs" else "inputs"][other] = {"column": "n"}
    return project(*nodes, data={**ports, "split": {"kind": split, "params": DIVIDED[split]}})


def between(shape: dict[str, Any]) -> list[dict[str, Any]]:
    if shape.get("dtype") == "int32":
        table = node("table", "Embedding", "x", input_dim=200, output_dim=2)
        return [table, node("mean", "GlobalAveragePooling1D", "table")][: 1 + len(shape["shape"])]
    return [node("flat", "Flatten", "x")] if len(shape["shape"]) > 1 else []


def written(file: Path, cells: list[str]) -> Path:
    for name, grey in (("dark.png", 10), ("light.png", 200)):
        Pillow.new("RGB", (2, 2), (grey, grey, grey)).save(file.parent / name)
    sides = ["train", "train", "train", "val", "test"]
    with file.open("w", newline="") as lines:
        rows = csv.writer(lines)
        rows.writerow("c,n,s,g,t,p".split(","))
        for row, cell in enumerate(cells):
            rows.writerow([cell, row / 7, f"s{row % 3}", f"g{row % 10}", row, sides[row % 5]])
    return file


CASES = [
    (side, case) for side, cases in (("inputs", INPUTS), ("targets", TARGETS)) for case in cases
]


@pytest.mark.parametrize(("side", "case"), CASES)
def test_what_rows_held_out_hold_changes_no_encoder_and_no_row_that_is_trained_on(
    side, case, tmp_path
):
    for split in some(SPLITS, CASES.index((side, case))):
        with noted(split):
            check_held_out(side, case, split, tmp_path)


def check_held_out(side, case, split, tmp_path):
    of = (INPUTS if side == "inputs" else TARGETS)[case]
    report = check_project(graph_of(of, side, split))
    cells = [of.plain(row) for row in range(ROWS)]
    first = written(tmp_path / "first.csv", cells)
    sides = split_table(open_table(first), report.mapping.split, report.recipe)
    held = [*sides.validation, *sides.test]
    assert len(sides.validation) > 5
    assert len(sides.test) > 5
    changed = [of.wild(row) if row in held else cell for row, cell in enumerate(cells)]
    second = written(tmp_path / "second.csv", changed)

    one, two = (prepare_data(report, file, None) for file in (first, second))
    assert one.fitted == two.fitted
    for arrays in ("inputs", "targets"):
        for name, values in getattr(one.train, arrays).items():
            np.testing.assert_array_equal(values, getattr(two.train, arrays)[name])
    port = "x" if side == "inputs" else "y"
    before, after = (getattr(each.validation, side)[port] for each in (one, two))
    assert not np.array_equal(before, after), "the rows held out are others"
    if of.told:
        assert of_all_rows(report, second) != one.fitted, "an encoder that saw them is another"


def of_all_rows(report: Report, file: Path) -> FittedEncoders | None:
    """Return the encoders that see every row; None where their columns do not fit the Input."""
    with suppress(DiagnosticError):
        return encode_for_graph(report, open_table(file)).fitted
    return None


def test_every_kind_of_encoding_and_of_split_is_looked_at():
    asked = [case.encode for case in (*INPUTS.values(), *TARGETS.values())]
    kinds = {each if isinstance(each, str) else each["kind"] for each in asked}
    assert kinds == set(ENCODINGS)
    assert set(DIVIDED) == set(SPLITS)
    assert all(parse_split({"kind": kind, "params": DIVIDED[kind]}) for kind in SPLITS)
