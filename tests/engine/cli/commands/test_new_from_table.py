"""A starter network for a table: what the terminal shows can be typed, and settles the warning."""

import json
import re
import shlex

import numpy as np
import pandas as pd
import pytest

from engine.cli import main
from engine.cli.console.output import diagnostic_lines
from engine.core.diagnostic import Diagnostic, Fix

ROWS = 120


@pytest.fixture
def engine(tmp_path, monkeypatch, capsys):
    """Return a function that runs a command in a folder of its own, and returns stderr."""
    monkeypatch.chdir(tmp_path)
    days = pd.date_range("2020-01-01", periods=ROWS).strftime("%Y-%m-%d").tolist()
    size = np.arange(ROWS).astype(str).tolist()
    size[7] = days[9] = "unknown"
    pd.DataFrame({"day": days, "size": size, "y": np.arange(ROWS) / 7}).to_csv("t.csv", index=False)

    def run(*words):
        with pytest.raises(SystemExit):
            main(list(words))
        return capsys.readouterr().err

    return run


def test_a_fix_is_typed_as_the_terminal_shows_it(engine, tmp_path):
    new = ("new", "--from", "t.csv", "--target", "y", "t.loom.json", "--force")
    told = engine(*new)
    assert '"day" is left out' in told
    assert "number-unreadable" in told
    (typed,) = set(re.findall(r"engine new --from … (.*), or \"data\": (.*)", told))
    assert engine(*new, *shlex.split(typed[0])) == ""
    written = json.loads((tmp_path / "t.loom.json").read_text())
    assert written["data"]["file"] == json.loads(typed[1])["file"]
    warned = engine("check", "t.loom.json", "--data", "t.csv")
    assert re.findall(r"^(\w+)\[(.*)\]", warned, re.MULTILINE) == [("info", "cells-filled")] * 2


@pytest.mark.parametrize(
    ("edit", "shown"),
    [
        ({"do": "set_file", "fields": {"index": False}}, ': "data": {"file": {"index": false}}'),
        (
            {"do": "set_mapping", "side": "inputs", "node": "x", "source": {"column": "größe"}},
            ': "data": {"inputs": {"x": {"column": "größe"}}}',
        ),
        ({"do": "set_mapping", "side": "inputs", "node": "x", "source": None}, "."),
        ({"do": "set_params", "node": "x", "params": {"units": 3}}, "."),
        (None, "."),
    ],
)
def test_a_fix_of_the_data_block_says_what_to_write(edit, shown):
    found = Diagnostic.warning("csv-read-as", "message", Fix("Read it.", edit))
    assert diagnostic_lines(found)[-1] == f"  fix:      1. Read it{shown}"
