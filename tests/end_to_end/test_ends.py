"""How a command ends when it is not its own choice: signals, closed pipes, full disks, defects."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.core.codes import ExitCode
from engine.layers.dense import Dense
from tests.tiers import grid

ROOT = Path(__file__).parents[2]
ENGINE = (sys.executable, "-m", "engine")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def posts(engine, tmp_path) -> Path:
    """A graph and data on which an epoch takes seconds."""
    engine("new", "penguins", "p.loom.json")
    engine("sample", "penguins", "d")
    return tmp_path


def begin(*words: str) -> "subprocess.Popen[str]":
    """Start a training that would take minutes, and wait for its first epoch."""
    child = subprocess.Popen(
        [*ENGINE, "train", *words], stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
    )
    assert child.stderr
    for line in child.stderr:
        if re.match(r" *\d+/\d+ ", line):
            return child
    raise AssertionError("it ended before its first epoch")


@pytest.mark.slow
def test_a_second_signal_ends_at_once(posts):
    child = begin("p.loom.json", "--data", "d", "--epochs", "100000", "--set", "batch_size=200")
    while child.poll() is None:
        child.send_signal(signal.SIGINT)
        time.sleep(0.001)
    _, said = child.communicate(timeout=60)
    assert child.returncode == ExitCode.INTERRUPTED
    assert "Traceback" not in said


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", grid(["explain", "--help", "layers --json", "check p.loom.json"], quick=2)
)
def test_a_reader_who_leaves_is_no_fault(words, posts):
    """As `| head -1` does; here it leaves before the first line."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*ENGINE, *words.split()], stdout=writing, stderr=subprocess.PIPE, env=ENVIRONMENT,
        check=False,
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.slow
def test_an_answer_that_can_not_be_written_is_told(posts):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*ENGINE, "explain"], stdout=full, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT,
            check=False,
        )  # fmt: skip
    assert done.returncode == ExitCode.IO
    assert "error[disk-full]" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_training_does_not_need_its_terminal(posts):
    """stdout and stderr are closed, as for a service."""
    done = subprocess.run(
        ["sh", "-c", '"$@" >&- 2>&-', "sh", *ENGINE, "train", "p.loom.json", "--data", "d",
         "--epochs", "1"],
        env=ENVIRONMENT, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert Path("runs/p-001/model.safetensors").is_file()


@pytest.mark.slow
def test_a_name_that_no_terminal_can_show_does_not_matter(process):
    name = os.fsdecode(b"n\xff\xc3\xa4.loom.json")
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for words in (["new", "posts", name], ["check", name], ["check", f"no{name}"]):
        done = subprocess.run(
            [*ENGINE, *words], capture_output=True, env={**ENVIRONMENT, **plain}, check=False
        )
        assert b"Traceback" not in done.stderr
        assert done.returncode == (74 if words[-1].startswith("no") else 0)


@pytest.fixture
def failing(monkeypatch):
    """A layer with a defect."""

    def fails(self: Dense, torch: object, dense: object, x: object) -> object:
        raise ZeroDivisionError("a defect\nin two lines")

    monkeypatch.setattr(Dense, "call", fails)


@pytest.mark.usefixtures("posts", "failing")
def test_a_defect_is_one_finding_and_a_report_in_the_run_folder(engine):
    answer = engine("train", "p.loom.json", "--data", "d")
    assert answer.code == ExitCode.INTERNAL
    assert answer.err.count("error[internal]") == 1
    assert "error[internal] hidden: an unexpected error occurred: a bug in Layerloom" in answer.err
    assert "ZeroDivisionError: a defect in two lines" in answer.err
    assert "Traceback" not in answer.err
    report = Path("runs/p-001/crash.txt").read_text(encoding="utf-8")
    assert str(Path("runs/p-001/crash.txt")) in answer.err
    for part in ("engine train p.loom.json --data d", "torch ", "Traceback", "in two lines"):
        assert part in report
    assert engine("runs", "--json").json[0]["state"] == "failed"
    last = Path("runs/p-001/events.jsonl").read_text(encoding="utf-8").splitlines()[-1]
    assert json.loads(last)["code"] == "internal"


def test_a_defect_outside_a_run_is_reported_beside_it(engine, posts, monkeypatch):
    engine("train", "p.loom.json", "--data", "d", "--epochs", 1)
    monkeypatch.setenv("TMPDIR", str(posts))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(Dense, "call", lambda *_: 1 / 0)
    answer = engine("evaluate", "runs/p-001", "--data", "d", "--json")
    assert answer.code == ExitCode.INTERNAL
    (found,) = answer.json["diagnostics"]
    assert found["code"] == "internal"
    (report,) = posts.glob("layerloom-crash-*.txt")
    assert str(report) in found["place"]


@pytest.mark.slow
@pytest.mark.usefixtures("posts")
def test_memory_that_runs_out_is_no_defect(engine, monkeypatch):
    def greedy(*_: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9e18")

    monkeypatch.setattr(Dense, "call", greedy)
    answer = engine("train", "p.loom.json", "--data", "d")
    assert answer.code == ExitCode.MEMORY
    assert "error[out-of-memory]" in answer.err
    assert not Path("runs/p-001/crash.txt").exists()
