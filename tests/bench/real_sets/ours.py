"""Our contender: `engine new`, `engine train` and `engine predict`, as a newcomer types them."""

from __future__ import annotations

import hashlib
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.bench.child import surroundings
from tests.bench.real_sets import scores
from tests.bench.real_sets.catalogue import RealSet
from tests.bench.real_sets.scores import Scores, label
from tests.bench.real_sets.sources import write

if TYPE_CHECKING:
    from pandas import DataFrame

JOINT = "layerloom"
ALONE = "layerloom, a network for each output"
MOST_SECONDS = 1_800  # of one command
MOST_TEXT = 400  # of an error in a record


class EngineError(Exception):
    """A command failed; the text is what it printed."""


def version(checkout: Path) -> str:
    """Return the last commit that changed an engine, and a checksum of uncommitted changes."""
    git = ["git", "-C", str(checkout)]
    commit = subprocess.run([*git, "log", "-1", "--format=%h", "--", "engine"], check=True,
                            capture_output=True, text=True).stdout.strip()  # fmt: skip
    changes = subprocess.run([*git, "diff", "HEAD", "--", "engine"], check=True,
                             capture_output=True).stdout  # fmt: skip
    return f"{commit}+{hashlib.sha1(changes).hexdigest()[:6]}" if changes else commit


def compete(
    name: str, of: RealSet, train: DataFrame, test: DataFrame, checkout: Path, home: Path
) -> dict[str, Any]:
    """Train one network, or one for each target, and return scores, wall and CPU seconds."""
    found: dict[str, Any] = {"scores": {}, "wall": 0.0, "cpu": 0.0}
    for targets in [of.targets] if name == JOINT else [(target,) for target in of.targets]:
        others = [target for target in of.targets if target not in targets]
        with tempfile.TemporaryDirectory() as folder:
            table = write(train.drop(columns=others), of.form, Path(folder), "train")
            asked = write(test.drop(columns=list(of.targets)), of.form, Path(folder), "test")
            predicted, wall, cpu = run(table, asked, _options(targets), checkout, home)
        found["wall"] += wall
        found["cpu"] += cpu
        for target in targets:
            found["scores"][target] = _scores(of, target, predicted, train, test)
    return found


def run(
    train: Path,
    test: Path,
    options: Sequence[str],
    checkout: Path,
    home: Path,
    settings: Sequence[str] = (),
) -> tuple[dict[str, DataFrame], float, float]:
    """Return predictions by target, and the seconds of the training command.

    Args:
        options: words of `engine new`, such as the targets.
        settings: changes of the recipe, as of `engine train --set`.
    """
    import pandas as pd

    folder, graph = train.parent, train.parent / "network.loom.json"
    home.mkdir(parents=True, exist_ok=True)
    env = {**surroundings(home), "PYTHONPATH": str(checkout)}

    def engine(*words: object) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "engine", *map(str, words)], cwd=folder, env=env,
            capture_output=True, text=True, check=False, timeout=MOST_SECONDS,
        )  # fmt: skip
        if done.returncode:
            raise EngineError(f"engine {words[0]}: {_error(done.stderr)}")

    engine("new", graph.name, "--from", train.name, *options)
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    changes = [word for setting in settings for word in ("--set", setting)]
    engine("train", graph.name, "--data", train.name, "--run", "run", *changes)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = time.perf_counter() - began
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    engine("predict", "run", "--data", test.name, "--out", "predicted.csv", "--bare", "--force")
    table = pd.read_csv(folder / "predicted.csv", dtype=str, keep_default_na=False)
    outputs = _outputs(json.loads(graph.read_text(encoding="utf-8")))
    return {
        target: table.filter([f"{name}_predicted", f"{name}_probability"])
        for target, name in outputs.items()
    }, wall, cpu  # fmt: skip


def _options(targets: tuple[str, ...]) -> list[str]:
    return [word for target in targets for word in ("--target", target)]


def _error(text: str) -> str:
    """Return the diagnostics in what a command printed, else its last lines."""
    found = re.findall(r"^error.*(?:\n  .*)*", text, re.MULTILINE)
    return (" ".join(" ".join(found).split()) or text[-MOST_TEXT:])[:MOST_TEXT]


def _outputs(project: dict[str, Any]) -> dict[str, str]:
    """Return the names of outputs by target column."""
    mapped = project["data"].get("targets", {})
    names = [node["name"] for node in project["graph"]["nodes"] if node["kind"] == "Output"]
    return {mapped.get(name, {}).get("column", name): name for name in names}


def _scores(
    of: RealSet, target: str, tables: dict[str, DataFrame], train: DataFrame, test: DataFrame
) -> Scores:
    """Return the scores of one output.

    Only the probability of the predicted class is written: for the log loss, the other classes
    share the rest equally, which is exact for two classes.
    """
    predicted = tables[target]
    values = predicted.iloc[:, 0]
    if target in of.numbers:
        return scores.of_numbers(test[target], values.astype(float))
    if predicted.shape[1] == 1:
        return scores.of_classes(test[target], values, None)
    chosen = predicted.iloc[:, 1].astype(float).to_numpy()
    rest = (1 - chosen) / max(1, train[target].nunique() - 1)
    equal = [label(a) == label(b) for a, b in zip(test[target], values, strict=True)]
    of_known = [a if same else b for same, a, b in zip(equal, chosen, rest, strict=True)]
    return scores.of_classes(test[target], values, np.array(of_known))
