"""A table that was not made for this program: what Python packages say of their own functions."""

from __future__ import annotations

import ast
import csv
import random
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path

# All come with Layerloom or with its tests, so they are there wherever these run.
PACKAGES = (
    "torch", "sklearn", "scipy", "numpy", "keras", "sympy", "networkx", "torchmetrics", "pydantic",
    "hypothesis", "PIL", "rich", "pip", "setuptools", "_pytest", "pyarrow", "fsspec", "jinja2",
    "lightning_fabric", "h5py", "mypy", "tensorboard", "joblib", "narwhals", "aiohttp", "typer",
    "grimp", "pygments", "pyqtgraph", "werkzeug",
)  # fmt: skip
CLASSES = 20
SIGNS = 1_000  # of a docstring
LEAST = 30
LARGEST = 200_000  # bytes of a file; larger ones are mostly generated
TITLES = ("package", "text", "name_length", "statements", "signs", "arguments", "method")
Row = tuple[str, str, int, int, int, int, str]


def write_docstrings(file: Path, rows: int = 10_000, seed: int = 0) -> None:
    """Write functions of 20 packages, in random order and none twice.

    Columns: package, text of the docstring, length of the name, statements in the body, signs in
    the docstring, arguments (without self and cls), whether it is a method.
    """
    chosen = random.Random(seed)
    found = sorted((list(_package(name, rows // 14, chosen)) for name in PACKAGES), key=len)
    table: list[Row] = []
    for place, functions in enumerate(found[-CLASSES:]):
        left = CLASSES - place
        table += chosen.sample(functions, min(len(functions), (rows - len(table)) // left))
    chosen.shuffle(table)
    with file.open("w", newline="", encoding="utf-8") as lines:
        csv.writer(lines).writerows([TITLES, *table])


def _package(name: str, most: int, chosen: random.Random) -> Iterator[Row]:
    spec = PathFinder.find_spec(name)  # past the hooks of those that replace distutils
    if spec is None or spec.origin is None:
        return
    files = sorted(Path(spec.origin).parent.rglob("*.py"))
    chosen.shuffle(files)
    seen: set[str] = set()
    for file in files:
        if file.stat().st_size > LARGEST:
            continue
        for row in _functions(name, file):
            if row[1] not in seen:
                seen.add(row[1])
                yield row
        if len(seen) >= most:
            return


def _functions(package: str, file: Path) -> Iterator[Row]:
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        text = " ".join((ast.get_docstring(node) or "").replace("\0", " ").split())[:SIGNS]
        names = [each.arg for each in (*node.args.posonlyargs, *node.args.args)]
        method = names[:1] in (["self"], ["cls"])
        arguments = len(names) - method + len(node.args.kwonlyargs)
        if len(text) >= LEAST:
            yield (
                package, text, len(node.name), len(node.body), len(text), arguments,
                "yes" if method else "no",
            )  # fmt: skip
