"""Console output: nothing from a file controls the terminal, hints can be copied, lists end."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli import main
from engine.cli.console.output import format_table, print_line, show_diagnostics
from engine.cli.console.progress import BarView, LineView
from engine.core.diagnostic import Diagnostic
from engine.events import Warned
from tests.engine.runtime.small import line, ordered, straight
from tests.tiers import grid

ROOT = Path(__file__).parents[4]
EVIL = "\x1b]0;pwn\x07\x9b2J\u202e"
ODD_NAMES = ("with space", "-dash", "--", "$(touch PWN)", "it's", f"esc{EVIL}")


@pytest.fixture
def engine(tmp_path, monkeypatch, capsys):
    """Return a function that runs a command in a folder of its own, and returns its output."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> str:
        with pytest.raises(SystemExit):
            main(list(map(str, words)))
        return "".join(capsys.readouterr())

    return run


def graph_with(**output: object) -> str:
    nodes = [
        {"name": "x", "kind": "Input", "params": {"shape": [2]}},
        {"name": "y", "kind": "Output", "inputs": {"x": "x"}, "params": output},
    ]
    return json.dumps({"format": "layerloom", "version": 1, "graph": {"nodes": nodes}})


@pytest.mark.parametrize(
    "content",
    [
        graph_with(loss=EVIL),
        graph_with(loss="mse", metrics=[EVIL]),
        graph_with(**{EVIL: 1}),
        json.dumps({"format": "layerloom", "version": EVIL}, ensure_ascii=False),
        json.dumps({**json.loads(graph_with()), "recipe": {EVIL: 1, "optimizer": {"kind": EVIL}}}),
    ],
    ids=["loss", "metric", "field", "version", "recipe"],
)
def test_text_of_a_graph_file_cannot_control_the_terminal(engine, content):
    Path("g.loom.json").write_text(content)
    assert_harmless(engine("check", "g.loom.json"))


def test_text_of_a_table_cannot_control_the_terminal(engine):
    Path("t.csv").write_text(f"{EVIL}a,b\n{EVIL}1,grüße\n{EVIL}2,日本\u3000👨\u200d👩\n")
    shown = engine("data", "t.csv")
    assert_harmless(shown)
    assert "grüße" in shown
    assert "日本 👨\u200d👩" in shown


def test_the_name_of_a_run_cannot_control_the_terminal(engine, tmp_path):
    request = ordered(tmp_path, straight(epochs=1), line())
    trained = engine("train", request.graph, "--data", request.data, "--run", f"run\n{EVIL}")
    assert "Finished" in trained
    assert_harmless(trained + engine("runs", "."))


def assert_harmless(shown: str) -> None:
    assert "\\x1b]0;pwn\\x07" in shown
    assert not set(EVIL) & set(shown) & set("\x1b\x07\x9b\u202e")


def test_ordinary_text_is_printed_as_it_is(capsys):
    text = "é ñ 中文\u3000かな עברית العربية\n1\u202f000\u00a0€ می\u200cخواهم 👩🏽\u200d🚀 ∑"
    print_line(text)
    assert capsys.readouterr().out == text + "\n"


def test_cells_stay_in_their_row_and_column():
    rows = format_table(("a", "b"), [("1\n2", "\u202e"), ("x", "y")]).splitlines()
    assert rows[2:] == ["1\\n2  \\u202e", "x     y"]


def test_lines_above_the_progress_bar_cannot_control_the_terminal(capsys):
    warning = Diagnostic("usage", EVIL, severity="warning", found=EVIL)
    BarView().show(Warned(diagnostic=warning.to_dict()))
    assert_harmless(capsys.readouterr().err)


@pytest.mark.slow
@pytest.mark.parametrize("name", grid(ODD_NAMES[:-1], quick=2))
def test_a_printed_command_can_be_copied(engine, name):
    """The shell runs the hint of `new` as it stands."""
    hint = engine("new", "sequential", "--", name).partition("Next: engine ")[2]
    done = subprocess.run(
        f"{shlex.quote(sys.executable)} -m engine {hint}",
        shell=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Total parameters" in done.stdout
    assert not Path("PWN").exists()


@pytest.mark.parametrize("name", ODD_NAMES[:-1])
def test_the_last_line_of_a_training_can_be_copied(engine, tmp_path, name):
    request = ordered(tmp_path, straight(epochs=1), line())
    trained = engine("train", request.graph, "--data", request.data, f"--run={name}")
    assert "The final weights are those of epoch 1." in trained
    command = shlex.split(trained.rpartition("Next: ")[2])
    assert command[:2] == ["engine", "predict"]
    assert command[3:] == ["--data", "NEW_ROWS", "--out", "predictions.csv"]
    assert command[2] == (f"./{name}" if name.startswith("-") else name)


def test_at_most_a_hundred_diagnostics_are_printed(capsys):
    found = [Diagnostic("usage", f"number {number}") for number in range(5_000)]
    found += [Diagnostic("code-unknown", "another")] * 90
    show_diagnostics(found)
    text = capsys.readouterr().err
    assert text.count("error[") == 100
    assert "number 99\n" in text
    assert "... and 4,990 more (4,900 usage, 90 code-unknown); --json prints all\n" in text
    show_diagnostics(found, as_json=True)
    assert len(json.loads(capsys.readouterr().out)["diagnostics"]) == 5_090


@pytest.mark.parametrize(
    ("code", "place", "lines"),
    [("csv-read-as", "t.csv", 0), ("csv-read-as", "column x", 1), ("cells-filled", "column x", 1)],
)
def test_training_tells_infos_in_a_line_unless_they_were_told_before(code, place, lines, capsys):
    found = Diagnostic.info(code, "message", place=place, found="cells")
    LineView().show(Warned(diagnostic=found.to_dict()))
    assert capsys.readouterr().err == f"info[{code}] message\n" * lines
