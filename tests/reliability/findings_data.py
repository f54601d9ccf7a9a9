"""A minimal table for each diagnostic of data."""

from __future__ import annotations

import gzip
import io
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.engine.runtime.small import node, project
from tests.reliability.tables import (
    ABC,
    ROWS,
    Case,
    X,
    Y,
    asking,
    between,
    claiming,
    classes,
    csv,
    ids,
    npz,
    number,
    picture,
    pictures,
    raw,
    with_value,
    yes_or_no,
)  # fmt: skip

PART = [*["train"] * 30, *["val"] * 10]
BY_PART = {"split": {"kind": "column", "params": {"column": "part"}}}
HOT = np.eye(3)[np.arange(ROWS) % 3]
WORDS = ["red green blue"] * ROWS
FREE = node("x", "Input", shape=[None, 2])
GZIP = gzip.compress(b"x,y\n1,2\n" * 999)[:-9]
LARGE = [f"{row % 50 * 20}" for row in range(ROWS)]


def archive(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return file.getvalue()


def named_alike(folder: Path) -> Path:
    one = pa.array([1.0] * ROWS)
    pq.write_table(pa.Table.from_arrays([one, one], ["x", "x"]), folder / "d.parquet")
    return folder / "d.parquet"


def decimals(folder: Path) -> Path:
    prices = pa.array(range(ROWS)).cast(pa.decimal128(21, 2))
    pq.write_table(pa.table({"x": prices, "y": prices}), folder / "d.parquet")
    return folder / "d.parquet"


def shards(*tables: dict[str, list[str]]) -> Callable[[Path], Path]:
    def made(folder: Path) -> Path:
        for index, columns in enumerate(tables):
            lines = [",".join(columns), *map(",".join, zip(*columns.values(), strict=True))]
            (folder / f"part-{index}.csv").write_text("\n".join(lines))
        return folder / "part-*.csv"

    return made


def workbook(folder: Path) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    for cells in (("x", "y"), *zip(map(float, X), map(float, Y), strict=True)):
        book.active.append(cells)
    book.create_sheet("Notes")
    book.save(folder / "d.xlsx")
    return folder / "d.xlsx"


def by_class(folder: Path) -> Path:
    for name in ("cats", "dogs"):
        (folder / name).mkdir(exist_ok=True)
        pictures()(folder / name)
    return folder


def cats_and_dogs() -> project:
    return project(
        node("x", "Input", shape=[4, 4, 3]),
        node("p", "GlobalAveragePooling2D", "x"),
        node("d", "Dense", "p", units=1, activation="sigmoid"),
        node("y", "Output", "d", loss="binary_crossentropy"),
        data={
            "inputs": {"x": {"column": "image", "encode": "image"}},
            "targets": {"y": {"column": "label"}},
        },
        validation_split=0.0,
    )


def two_losses() -> project:
    return project(
        node("x", "Input", shape=[1]),
        node("d", "Dense", "x", units=1),
        node("e", "Dense", "x", units=3, activation="softmax"),
        node("y", "Output", "d", loss="mse"),
        node("z", "Output", "e", loss="sparse_categorical_crossentropy"),
    )


def padded(**embedding: bool) -> project:
    return between(
        node("e", "Embedding", "x", input_dim=10, output_dim=4, **embedding),
        node("r", "GRU", "e", units=3), start=node("x", "Input", shape=[None], dtype="int32"),
    )  # fmt: skip


def ids_of(value: float) -> np.ndarray:
    found = np.ones((ROWS, 3)) * (np.arange(3) + 1)
    found[:, 0] = np.arange(ROWS) % 9
    found[7, 1] = value
    return found if value % 1 else found.astype(int)


def database(folder: Path, table: str) -> Path:
    with closing(sqlite3.connect(folder / "d.db")) as connection:
        connection.execute("create table posts (x real)")
    return folder / f"d.db#{table}"


# Diagnostics of files, in the order of the catalogue.
FILES: dict[str, Case] = {
    "data-not-found": Case(lambda folder: folder / "nothing.csv"),
    "data-format": Case(raw(b"x,y\n1,2\n", "d.numbers")),
    "data-unreadable": Case(lambda folder: folder / ("x" * 300)),
    "data-too-large": Case(claiming(10**12, b"")),
    "data-query": Case(lambda folder: database(folder, "none")),
    "data-url": Case(lambda folder: Path("nowhere://bucket/table")),
    "shards-differ": Case(shards({"x": X, "y": Y}, {"x": X, "z": Y})),
    "sheet-chosen": Case(workbook),
    "shards-joined": Case(shards({"x": X, "y": Y}, {"x": X, "y": Y})),
    "file-damaged": Case(raw(GZIP, "d.csv.gz")),
    "archive-odd": Case(raw(archive(**{"readme.txt": b"hello"}), "d.npz")),
    "array-broken": Case(claiming(1000, b"\0" * 8)),
    "array-dtype": Case(npz(x=np.zeros(ROWS, "c8"))),
    "array-converted": Case(decimals),
    "rows-differ": Case(npz(x=np.zeros(ROWS + 1))),
    "column-names": Case(named_alike),
    "csv-header": Case(raw(b"x,x\n1,2\n", "d.csv")),
    "csv-broken": Case(raw(b"x,y\n1,2\n3\n", "d.csv")),
    "csv-read-as": Case(raw(b"x;y\n" + b"0,5;1,5\n1,5;2,25\n" * 20, "d.csv")),
    "number-unreadable": Case(csv(x=[*X[:9], "12 years", *X[10:]])),
    "json-broken": Case(raw(b'{"x": 1, "y": 1}\n{"x": "four", "y": 2}\n', "d.jsonl")),
    "files-left-out": Case(by_class, cats_and_dogs()),
    "cell-missing": Case(csv(y=[*ABC[:9], "", *ABC[10:]]), classes()),
}
PORTS: dict[str, Case] = {
    "port-unknown": Case(csv(), number({"targets": {"yy": {"column": "y"}}})),
    "column-missing": Case(raw(b"x,why\n1,2\n" + b"3,4\n" * 20, "d.csv")),
    "column-unused": Case(csv(yy=Y)),
    "column-twice": Case(csv(), number({"inputs": {"x": {"column": "y"}}})),
    "array-shape": Case(npz(x=np.ones((ROWS, 2)) * np.arange(ROWS)[:, None])),
    "column-kind": Case(csv(y=ABC)),
    "target-form": Case(npz(y=np.arange(ROWS) % 3), classes("categorical_crossentropy")),
    "label-unknown": Case(
        csv(y=[*ABC[:-2], "d", "d"]),
        classes(data={"targets": {"y": {"column": "y", "labels": ["a", "b", "c"]}}}),
    ),
    "labels-differ": Case(
        csv(y=ABC),
        classes(
            labels=["a", "b", "c"],
            data={"targets": {"y": {"column": "y", "labels": ["c", "b", "a"]}}},
        ),
    ),
    "split-empty": Case(
        csv(), number({"split": {"kind": "random", "params": {"validation": 0.01}}})
    ),
    "split-unfit": Case(csv(part=[*PART[:-1], "tset"]), number(BY_PART)),
    "weight-unfit": Case(csv(w=[*["1"] * 39, "-2"]), number({"weights": {"column": "w"}})),
}
VALUES: dict[str, Case] = {
    "no-rows": Case(npz(x=np.zeros((0, 1)), y=np.zeros(0))),
    "few-rows": Case(csv(x=X[:8], y=Y[:8])),
    "not-finite": Case(with_value(7, np.nan, x=np.array(X, float))),
    "target-masked": Case(csv(y=[*Y[:-2], "", ""]), number(missing="mask")),
    "precision-lost": Case(with_value(7, 2**24 + 1, x=np.arange(ROWS))),
    "length-too-short": Case(
        npz(x=np.random.default_rng(0).normal(size=(ROWS, 6, 2))),
        between(
            node("c", "Conv1D", "x", filters=2, kernel_size=9),
            node("p", "GlobalMaxPooling1D", "c"), start=FREE,
        ),
    ),
    "padding-unmasked": Case(npz(x=np.array([[1, 2, 0], [3, 4, 5]] * 20)), padded()),
    "ids-not-whole": Case(npz(x=ids_of(1.5)), ids()),
    "ids-were-floats": Case(npz(x=ids_of(1).astype(float)), ids()),
    "id-negative": Case(npz(x=ids_of(-1)), ids()),
    "id-out-of-vocabulary": Case(npz(x=ids_of(10)), ids()),
    "one-hot-empty": Case(
        with_value(7, 0, y=HOT.copy()), classes("categorical_crossentropy")
    ),
    "one-hot-several": Case(
        with_value(7, [1, 1, 0], y=HOT.copy()), classes("categorical_crossentropy")
    ),
    "not-distribution": Case(
        with_value(7, 0.7, y=HOT.copy()), classes("categorical_crossentropy")
    ),
    "soft-labels": Case(
        with_value(7, [0.7, 0.2, 0.1], y=HOT.copy()), classes("categorical_crossentropy")
    ),
    "label-out-of-range": Case(with_value(7, 3, y=np.arange(ROWS) % 3), classes()),
    "binary-out-of-range": Case(with_value(7, 2, y=np.arange(ROWS) % 2), yes_or_no()),
    "target-constant": Case(csv(y=["3"] * ROWS)),
    "loss-dominated": Case(csv(y=LARGE, z=[f"{row % 3}" for row in range(ROWS)]), two_losses()),
    "target-scale": Case(csv(y=LARGE)),
    "input-scale": Case(csv(x=LARGE)),
}  # fmt: skip
ENCODINGS: dict[str, Case] = {
    "encode-unfit": Case(csv(x=WORDS), number(asking("text"))),
    "label-unseen": Case(csv(y=[*ABC[:-2], "d", "d"], part=PART), classes(data=BY_PART)),
    "length-unknown": Case(
        csv(x=WORDS), ids(asking({"kind": "text", "params": {"unit": "bpe"}}))
    ),
    "size-unknown": Case(pictures(), picture(None, None)),
    "package-missing": Case(
        csv(x=WORDS), ids(asking({"kind": "text", "params": {"unit": "bpe"}}), size=8),
        without="tokenizers",
    ),
    "scale-unfit": Case(
        csv(x=["-3", *X[1:]]), number(asking({"kind": "number", "params": {"scale": "log"}}))
    ),
    "ids-unreadable": Case(csv(x=["1 2", "3 x", *["4 5 6"] * 38]), ids(asking("ids"))),
    "date-unreadable": Case(
        csv(x=["yesterday", *["2024-01-31", "2023-02-01"] * 19, "2022-05-06"]),
        between(start=node("x", "Input", shape=[7]), data=asking("date")),
    ),
    "date-ambiguous": Case(
        csv(x=["1/2/2024", "3/4/2023"] * 20),
        between(start=node("x", "Input", shape=[7]), data=asking("date")),
    ),
    "image-outside": Case(pictures("../b.png"), picture(4, 4)),
    "image-missing": Case(pictures("b.png"), picture(4, 4)),
    "image-broken": Case(pictures("b.png", b=b"no picture"), picture(4, 4)),
    "cells-filled": Case(
        csv(x=[*X[:9], "", *X[10:]]), number(asking({"kind": "number", "params": {"fill": "mean"}}))
    ),
    "labels-alike": Case(csv(y=[*"aAbb"] * 10), classes(labels=["A", "a", "b"])),
    "column-constant": Case(csv(x=["3"] * ROWS)),
    "rows-cut": Case(
        csv(x=["red green", "blue green red"] * 20), ids(asking("text"), size=2)
    ),
    "label-ignored": Case(
        csv(x=[*["red", "blue"] * 15, *["green"] * 10], part=PART),
        between(start=node("x", "Input", shape=[2]), data={
            **asking({"kind": "category", "params": {"unknown": "ignore"}}), **BY_PART}),
    ),
    "text-unknown": Case(
        csv(x=[*["red green", "blue"] * 15, *["red yellow"] * 10], part=PART),
        ids({**asking("text"), **BY_PART}),
    ),
}  # fmt: skip
DAYS = [f"2024-{1 + row // 28:02}-{1 + row % 28:02}" for row in range(ROWS)]


def by_day(past: int = 3) -> project:
    return between(
        node("f", "Flatten", "x"), start=node("x", "Input", shape=[past, 1]),
        data={"windows": {"by": "day", "past": past}},
    )  # fmt: skip


SERIES: dict[str, Case] = {
    "series-times": Case(csv(day=[*DAYS[:-1], DAYS[7]]), by_day()),
    "series-short": Case(csv(day=DAYS), by_day(50)),
    "series-left-out": Case(csv(day=[f"{n + 2 * (n > 1)}" for n in range(ROWS)]), by_day()),
}
CASES = {**FILES, **PORTS, **VALUES, **ENCODINGS, **SERIES}
