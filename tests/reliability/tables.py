"""Small tables and networks, for the diagnostics that need both."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from engine.check.report import check
from engine.core.diagnostic import Diagnostic
from engine.data.prepared_data import check_data
from engine.graph.model import Project
from tests.engine.runtime.small import node, project

Write = Callable[[Path], Path]
ROWS = 40
X = [f"{row / 8:g}" for row in range(ROWS)]
Y = [f"{row % 7 / 4:g}" for row in range(ROWS)]
ABC = [*"abcb"] * (ROWS // 4)


@dataclass(frozen=True)
class Case:
    """A network and a table that do not match.

    Args:
        write: writes the table to an empty folder and returns its path.
        project: the network.
        without: a package that is treated as not installed.
    """

    write: Write
    project: Project = field(default_factory=lambda: number())
    without: str = ""


def found_in(case: Case, folder: Path, given: Project | None = None) -> list[Diagnostic]:
    """Return the diagnostics before the first step; a folder is written only once."""
    report = check(given or case.project, available=1 << 30)
    folder.mkdir(exist_ok=True)
    place = case.write(folder)
    return [*report.diagnostics, *([] if report.errors else check_data(report, place))]


def raw(data: bytes, name: str) -> Write:
    """Return a writer of bytes."""

    def write(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return write


def csv(**columns: list[str]) -> Write:
    """Return a writer of text columns; x and y have valid defaults."""
    whole = {"x": X, "y": Y} | columns
    lines = [",".join(whole), *map(",".join, zip(*whole.values(), strict=True))]
    return raw(("\n".join(lines) + "\n").encode(), "d.csv")


def npz(**columns: Any) -> Write:
    """Return a writer of arrays; x and y have valid defaults."""
    file = io.BytesIO()
    np.savez(file, **{"x": np.array(X, float), "y": np.array(Y, float)} | columns)
    return raw(file.getvalue(), "d.npz")


def claiming(rows: int, body: bytes) -> Write:
    """Return a writer of an array whose header may have a wrong number of rows."""
    member, file = io.BytesIO(), io.BytesIO()
    told = {"descr": "<f4", "fortran_order": False, "shape": (rows,)}
    np.lib.format.write_array_header_1_0(member, told)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.npy", member.getvalue() + body)
    return raw(file.getvalue(), "d.npz")


def with_value(row: int, value: Any, **columns: Any) -> Write:
    """Return a writer of arrays, one of them with a different value in a row."""
    for column in columns.values():
        column[row] = value
    return npz(**columns)


def pictures(*cells: str, **files: bytes) -> Write:
    """Return a writer of a valid image, a.png, other files, and a table with their names."""

    def write(folder: Path) -> Path:
        Image.new("RGB", (4, 4), (255, 0, 0)).save(folder / "a.png")
        for name, data in files.items():
            (folder / f"{name}.png").write_bytes(data)
        return csv(x=[*cells, *["a.png"] * (ROWS - len(cells))])(folder)

    return write


def between(*nodes: Any, start: Any, data: Any = None, **recipe: Any) -> Project:
    """Return a network from an Input to a Dense of one unit that predicts a number."""
    last = nodes[-1]["name"] if nodes else start["name"]
    ends = (node("d", "Dense", last, units=1), node("y", "Output", "d", loss="mse"))
    return project(start, *nodes, *ends, data=data, **recipe)


def number(data: Any = None, missing: str = "error", **recipe: Any) -> Project:
    """Return a network that predicts a number from a number."""
    return project(
        node("x", "Input", shape=[1]),
        node("d", "Dense", "x", units=1),
        node("y", "Output", "d", loss="mse", missing=missing),
        data=data,
        **recipe,
    )


def classes(
    loss: str = "sparse_categorical_crossentropy", data: Any = None, **output: Any
) -> Project:
    """Return a network that predicts one of three classes."""
    return project(
        node("x", "Input", shape=[1]),
        node("d", "Dense", "x", units=3, activation="softmax"),
        node("y", "Output", "d", loss=loss, **output),
        data=data,
    )


def yes_or_no() -> Project:
    """Return a network that predicts yes or no."""
    return project(
        node("x", "Input", shape=[1]),
        node("d", "Dense", "x", units=1, activation="sigmoid"),
        node("y", "Output", "d", loss="binary_crossentropy"),
    )


def ids(data: Any = None, size: int | None = None, **recipe: Any) -> Project:
    """Return a network that reads ids."""
    return between(
        node("e", "Embedding", "x", input_dim=10, output_dim=4),
        node("p", "GlobalAveragePooling1D", "e"),
        start=node("x", "Input", shape=[size], dtype="int32"),
        data=data,
        **recipe,
    )


def picture(*size: int | None) -> Project:
    """Return a network that reads pictures."""
    start = node("x", "Input", shape=[*size, 3])
    data = {"inputs": {"x": {"column": "x", "encode": "image"}}}
    return between(node("p", "GlobalAveragePooling2D", "x"), start=start, data=data)


def asking(encode: Any, side: str = "inputs", **more: Any) -> dict[str, Any]:
    """Return a data mapping that encodes x, or the target y."""
    port = "x" if side == "inputs" else "y"
    return {side: {port: {"column": port, "encode": encode, **more}}}
