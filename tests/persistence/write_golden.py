"""Writes the golden files with the version of the program that is on the path.

python -m tests.persistence.write_golden FOLDER
"""

from __future__ import annotations

import io
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import engine
from tests.persistence import current, drawn, functional, inventory, scene
from tests.persistence.likeness import told_by
from tests.persistence.program import Answer
from tests.persistence.program import engine as run_engine

HOME = "/home/ada/networks"  # in place of the folder in which everything was written
ROWS = 40
STOPPED = 130  # the exit code of a training that was asked to stop


def written(path: Path, value: Any) -> None:
    """Write JSON, an entry a line where that keeps it readable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(value, dict):
        lines = (f"{json.dumps(key)}: {json.dumps(part)}" for key, part in value.items())
        text = "{\n" + ",\n".join(lines) + "\n}\n"
    else:
        text = json.dumps(value) + "\n"
    path.write_text(text, encoding="utf-8")


def draw(home: Path) -> None:
    """Write the projects and their rows."""
    projects = {"kinds": drawn.kinds(), "encodings": drawn.encodings()}
    projects |= {f"small-{name}": drawn.small(name) for name in drawn.OPTIMIZERS}
    projects |= {"wrong": drawn.wrong(), "fields": drawn.fields(every())}
    for name, value in projects.items():
        saved = current.rewritten(json.dumps(value).encode())
        (home / f"{name}.loom.json").write_bytes(saved)
    for at in range(2):
        Image.new("L", (2, 2), at * 200 + 20).save(home / f"{at}.png")
    rows = drawn.table_rows()
    lines = [rows[0], *(map(cell, row.values()) for row in rows)]
    (home / "rows.csv").write_text("".join(";".join(line) + "\n" for line in lines))
    draws = np.random.default_rng(3)
    x = draws.normal(size=(ROWS, 3)).astype("f4")
    seq = draws.normal(size=(ROWS, 6, 2)).astype("f4")
    seq[::3, 4:] = -1
    np.savez(home / "small.npz", x=x, a=x.sum(1, keepdims=True), b=(x[:, :1] > 0).astype("f4"))
    np.savez_compressed(
        home / "kinds.npz",
        table=x,
        ids=draws.integers(1, 7, (ROWS, 4)).astype("i4"),
        seq=seq,
        pic=draws.random((ROWS, 4, 4, 1)).astype("f4"),
        number=x[:, :1] * 2,
        sort=(np.arange(ROWS) % 3).astype("i4"),
        flag=(np.arange(ROWS) % 4 == 0).astype("f4")[:, None],
    )


def cell(value: Any) -> str:
    """Return a cell with a decimal comma."""
    return str(value).replace(".", ",") if isinstance(value, float) else str(value)


class Listener(io.StringIO):
    """Hears the events of a training as they are copied to stdout, and acts between two of them."""

    def __init__(self, act: Callable[[dict[str, Any]], None]) -> None:
        super().__init__()
        self._act = act

    def write(self, text: str) -> int:
        """Hand events on."""
        for line in text.splitlines():
            if line.startswith("{"):
                self._act(json.loads(line))
        return len(text)


def trained(home: Path, words: str, act: Callable[[dict[str, Any]], None]) -> Answer:
    """Train, and act at its events."""
    return run_engine(home, "train", *words.split(), "--events", "-", out=Listener(act))


def stop_at(epoch: int) -> Callable[[dict[str, Any]], None]:
    """Return what presses Ctrl-C after an epoch."""

    def act(event: dict[str, Any]) -> None:
        if event["kind"] == "epoch-done" and event["epoch"] == epoch:
            signal.raise_signal(signal.SIGINT)

    return act


def steer(home: Path) -> Callable[[dict[str, Any]], None]:
    """Return what asks things of a run: a request or two after each epoch."""
    asked = {
        1: ["set learning_rate 0.005", "set loss_weight.price 0.5"],
        2: ["checkpoint", "set stopping.patience 7"],
        3: ["set learning_rate 0.002", "set loss_weight.ripe 2"],
        4: ["stop"],
    }

    def act(event: dict[str, Any]) -> None:
        if event["kind"] == "epoch-done":
            for words in asked.get(event["epoch"], ()):
                command = ("-m", "engine", "control", "runs/steered", *words.split(), "--wait", "0")
                subprocess.run([sys.executable, *command], cwd=home, check=True)
            time.sleep(0.1)

    return act


def train(home: Path) -> None:
    """Write the run folders."""
    run_engine(home, *"train kinds.loom.json --data kinds.npz --run runs/kinds".split())
    table = "train encodings.loom.json --data rows.csv --run runs/encodings"
    run_engine(home, *table.split())
    run_engine(home, *"evaluate runs/encodings --data rows.csv --split validation".split())
    current.notes.set_name(home / "runs/encodings", "Fruit, first try")
    current.notes.set_star(home / "runs/encodings")
    current.notes.set_text(home / "runs/encodings", "Prices are \u20ac.\nTwo lines.")
    words = "kinds.loom.json --data kinds.npz --run runs/stopped --epochs 4"
    assert trained(home, words, stop_at(2)).code == STOPPED
    words = "encodings.loom.json --data rows.csv --run runs/steered --epochs 6"
    more = ' --set balance=null --set stopping={"patience":3}'
    assert trained(home, words + more, steer(home)).code == STOPPED
    for name in drawn.OPTIMIZERS:
        words = f"small-{name}.loom.json --data small.npz --run runs/{name}"
        assert trained(home, words, stop_at(3)).code == STOPPED
    words = "train small-SGD.loom.json --data small.npz --run runs/thrown --epochs 1"
    run_engine(home, *words.split())
    current.trash.move_to_trash(home / "runs/thrown")


def every() -> dict[str, dict[str, Any]]:
    """Return by group and name parameters that all differ from their defaults."""
    groups = {name: list(family) for name, family in current.FAMILIES.items()}
    groups |= {"layers": list(current.layers()), "records": list(current.RECORDS)}
    return {
        group: {name: away(current.member(group, name)) for name in names}
        for group, names in groups.items()
        if group != "encoders"
    }


def away(cls: Any) -> list[dict[str, Any]]:
    """Return sets of parameters, in which each field is once away from its default."""
    schema = inventory.fields(cls)
    params: dict[str, Any] = {}
    for name, part in schema.items():
        if "default" not in part:
            fit(cls, schema, params, name)
    sets = [params]
    for name, part in schema.items():
        if "default" in part and not any(fit(cls, schema, each, name) for each in sets):
            more = {key: params[key] for key in params if "default" not in schema[key]}
            if fit(cls, schema, more, name):
                sets.append(more)
            else:
                print("no other value:", cls.__name__, name)
    return sets


def fit(cls: Any, schema: dict[str, Any], params: dict[str, Any], name: str) -> bool:
    """Put a value into parameters that differs from the field's default."""
    words = [*schema[name].get("enum", ())]
    for option in schema[name].get("anyOf", ()):
        words += option.get("enum", ())
    needed = sum("default" not in part for part in schema.values())
    for value in [*words, *CANDIDATES]:
        taken = cls.try_from_params({**params, name: value})
        missing = isinstance(taken, list) and all(bad.code == "param-missing" for bad in taken)
        if needed and missing:
            params[name] = value
            return True
        if not isinstance(taken, list) and (
            "default" not in schema[name] or name in taken.params()
        ):
            params[name] = value
            return True
    return False


CANDIDATES: list[Any] = [
    True, False, 3, 2, 0.25, 0.75, 1.5, [2, 3], [3], [0.1, 0.2], [0.0, 0.5], [[1, 2], [0, 1]],
    {"kind": "GRU", "params": {"units": 2}}, {"kind": "GRU", "params": {"units": 2,
    "go_backwards": True}}, {"patience": 2}, {"monitors": ["age/mae"]}, {"epochs": 2},
    {"0": 2.0, "1": 0.5}, {"kind": "l2", "params": {"l2": 0.5}}, ["b", "a"], [{"name": "a/mae",
    "weight": 2.0}], ["mae", {"kind": "auc", "params": {"curve": "PR"}}], ["hour", "days"],
    {"a": {"column": "b"}}, {"column": "w"}, {"decimal": ","},
    {"kind": "time", "params": {"column": "day"}}, {"kind": "number", "params": {"scale": "log"}},
    "some text", ";", "\t", "g",
]  # fmt: skip


def main(folder: Path) -> None:
    """Write everything below a folder."""
    home = Path(tempfile.mkdtemp()) / "networks"
    home.mkdir()
    draw(home)
    train(home)
    fields = every()
    written(folder / "fields.json", {
        f"{group}/{name}": [[params, current.read_again(group, name, params)] for params in sets]
        for group, members in fields.items() for name, sets in members.items()
    })  # fmt: skip
    functional.write(folder / "functional")
    for name in current_templates(home):
        shutil.copy(home / name, folder / "templates" / name)
    for name, value in inventory.inventories().items():
        written(folder / "inventory" / f"{name}.json", value)
    written(folder / "inventory" / "spellings.json", inventory.spellings())
    ignored = shutil.ignore_patterns(".lock", ".cache", "runs")
    shutil.copytree(home, folder / "home", ignore=ignored)
    shutil.copytree(home / "runs", folder / "run-folders", ignore=ignored)
    work = home.parent / "work"
    shutil.copytree(home, work)
    written(folder / "answers.json", scene.answers(work))
    for name in (*scene.TABLES, *scene.PROJECTS, *scene.SOURCES):
        to = folder / "drawn" / f"{name.replace('/', '-')}.txt"
        to.parent.mkdir(exist_ok=True)
        shutil.copy(work / "drawn" / name, to)
    resumed = {}
    for name in scene.STOPPED:
        words = f"train --run runs/{name} --resume --data {scene.data_of(name)}"
        said = run_engine(home, *words.split())
        assert said.code == 0, said.err
        resumed[name] = told_by(home / "runs" / name, 2)
    written(folder / "resumed.json", resumed)
    for path in folder.rglob("*"):
        if path.suffix in (".json", ".jsonl"):
            text = path.read_bytes().replace(str(home).encode(), HOME.encode())
            path.write_bytes(text)


def current_templates(home: Path) -> list[str]:
    """Write all templates by the command, and return their files."""
    names = [f"template-{name}.loom.json" for name in run_engine(home, "new", "--json").json]
    for name in names:
        word = name.removeprefix("template-").removesuffix(".loom.json")
        run_engine(home, "new", word, name)
    return names


if __name__ == "__main__":
    print(engine.__file__)
    main(Path(sys.argv[1]).absolute())
