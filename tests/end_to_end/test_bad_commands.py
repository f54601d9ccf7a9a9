"""Commands that are refused: one coded error, a documented exit, nothing half written."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.core.codes import ExitCode
from engine.graph.templates import read_template
from tests.tiers import cases, grid, noted

WORDS: dict[str, tuple[str, str, int]] = {
    "no such command": ("chek net.loom.json", "usage", ExitCode.USAGE),
    "no such option": ("check net.loom.json --fast", "usage", ExitCode.USAGE),
    "no file": ("train", "usage", ExitCode.USAGE),
    "no data": ("train net.loom.json", "usage", ExitCode.USAGE),
    "an option without its value": ("train net.loom.json --data", "usage", ExitCode.USAGE),
    "a word for a number": (
        "train net.loom.json --data data.npz --epochs x",
        "usage",
        ExitCode.USAGE,
    ),
    "a device that there is not": (
        "train net.loom.json --data data.npz --device tpu",
        "usage",
        ExitCode.USAGE,
    ),
    "events to a file": ("train net.loom.json --data data.npz --events f", "usage", ExitCode.USAGE),
    "--resume with settings": ("train --run r --resume --epochs 3", "usage", ExitCode.USAGE),
    "an unknown field": (
        "train net.loom.json --data data.npz --set foo=1",
        "setting-unfit",
        ExitCode.USAGE,
    ),
    "a field without a value": (
        "train net.loom.json --data data.npz --set epochs",
        "setting-unfit",
        ExitCode.USAGE,
    ),
    "a bad value": (
        "train net.loom.json --data data.npz --set optimizer.learning_rate=fast",
        "param-invalid",
        ExitCode.GRAPH,
    ),
    "no epochs": (
        "train net.loom.json --data data.npz --epochs 0",
        "param-invalid",
        ExitCode.GRAPH,
    ),
    "--resume without a run": ("train --resume", "run-missing", ExitCode.RUN),
    "--resume of nothing": ("train --run nothing --resume", "run-missing", ExitCode.RUN),
    "a run among other files": (
        "train net.loom.json --data data.npz --run .",
        "run-folder-foreign",
        ExitCode.RUN,
    ),
    "a graph that is not there": ("check nothing.loom.json", "file-missing", ExitCode.IO),
    "a folder in place of a graph": ("check .", "file-is-folder", ExitCode.IO),
    "a folder without data": (
        "train net.loom.json --data r/checkpoints",
        "data-not-found",
        ExitCode.DATA,
    ),
    "evaluate of no run": ("evaluate . --data data.npz", "run-missing", ExitCode.RUN),
    "predict of a graph file": (
        "predict net.loom.json --data data.npz --out p.csv",
        "run-missing",
        ExitCode.RUN,
    ),
    "predict to a text": ("predict r --data data.npz --out p.txt", "data-format", ExitCode.DATA),
    "export of no run": ("export . --to pytorch --out o", "run-missing", ExitCode.RUN),
    "export to a form that there is not": (
        "export net.loom.json --to fortran --out o",
        "usage",
        ExitCode.USAGE,
    ),
    "export into a file": (
        "export net.loom.json --to pytorch --out data.npz",
        "file-in-the-way",
        ExitCode.IO,
    ),
    "no such template": ("new post p.loom.json", "template-unknown", ExitCode.USAGE),
    "a file that is there": ("new posts net.loom.json", "file-exists", ExitCode.IO),
    "a folder that is there": ("new posts . --force", "file-exists", ExitCode.IO),
    "a place that is not there": ("new posts no/where/p.loom.json", "file-missing", ExitCode.IO),
    "no such sample": ("sample post d", "sample-unknown", ExitCode.USAGE),
    "a sample into a file": ("sample sequential data.npz", "file-in-the-way", ExitCode.IO),
    "no such layer": ("layers Densee", "kind-unknown", ExitCode.GRAPH),
    "no such code": ("explain nonsense", "code-unknown", ExitCode.USAGE),
}


@pytest.mark.usefixtures("graph", "data")
def test_words_that_do_not_fit_are_refused(refused):
    for case, (words, code, exit_code) in [*WORDS.items()][:: cases(2, 1)]:
        with noted(case):
            refused(tuple(words.split()), code, exit_code)


@pytest.mark.usefixtures("data")
def test_a_device_that_is_not_there_is_refused_before_anything_is_written(refused, graph):
    """The tests hide the machine's own GPUs."""
    words = ("train", graph, "--data", "data.npz", "--device", "cuda")
    refused(words, "device-missing", ExitCode.MEMORY)


@pytest.fixture
def as_nobody(tmp_path: Path) -> Iterator[None]:
    """Take away the right to write: root may write anywhere, so root becomes nobody meanwhile."""
    tmp_path.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        for folder in tmp_path.parents:
            if folder == Path(tempfile.gettempdir()):
                break
            folder.chmod(0o755)
        read_template("posts")  # the program's own files may lie where nobody may look
        os.seteuid(65534)
    yield
    if root:
        os.seteuid(0)
    tmp_path.chmod(0o755)


@pytest.mark.parametrize(
    "words",
    [
        "new posts p.loom.json",
        "sample sequential d",
        "train net.loom.json --data data.npz",
        "train net.loom.json --data data.npz --run r",
        "export net.loom.json --to pytorch --out o",
    ],
)
@pytest.mark.usefixtures("graph", "data")
def test_a_place_that_can_not_be_written_is_told(words, refused, request):
    request.getfixturevalue("as_nobody")
    refused(tuple(words.split()), "file-denied", ExitCode.PERMISSION)


@pytest.mark.usefixtures("graph", "data")
def test_a_training_that_can_not_begin_leaves_no_run_folder(engine, tmp_path):
    engine("train", "net.loom.json", "--data", "data.npz", "--set", "foo=1")
    assert not (tmp_path / "runs").exists()
    assert engine("train", "net.loom.json", "--data", "data.npz").code == 0
    assert [run.name for run in (tmp_path / "runs").iterdir()] == ["net-001"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    grid(
        [
            ("check nothing.loom.json", "file-missing", ExitCode.IO),
            ("chek", "usage", ExitCode.USAGE),
            ("train net.loom.json --data data.npz --set foo=1", "setting-unfit", ExitCode.USAGE),
        ],
        quick=1,
    ),
)
@pytest.mark.usefixtures("graph", "data")
def test_it_is_the_same_in_a_process_of_its_own(process, words, code, exit_code):
    answer = process(*words.split())
    assert answer.code == exit_code
    assert f"error[{code}]" in answer.err
    assert "Traceback" not in answer.err
