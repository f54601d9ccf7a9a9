"""`engine export --to python`: a graph file or a run as Python that trains."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from engine.check.report import check
from engine.cli import main
from engine.compile.python_source import python_source
from engine.core.codes import ExitCode
from engine.graph.edits.field_edits import set_description
from engine.graph.edits.node_edits import remove_node
from engine.graph.edits.note_edits import add_note
from engine.graph.serialization.file import parse, write
from engine.graph.templates import read_template
from engine.runs.folder.run_folder import RunFolder

ROOT = Path(__file__).parents[4]

# Trains what was exported on rows of its sample; run where only the file's folder is known.
TRAIN = """
import numpy, sys
sys.path.insert(0, sys.argv[1])
import siamese

data = numpy.load(sys.argv[2])
rows = {name: data[name] for name in data.files}
history = siamese.train({n: rows[n] for n in ("left", "right")}, {"same": rows["same"]})
print(len(history["loss"]))
"""


def engine(*words: object) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as left:
        main([str(word) for word in words])
    return int(left.value.code or 0), out.getvalue(), err.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "siamese.loom.json"
    path.write_bytes(read_template("siamese"))
    return path


def expected(data: bytes, name: str) -> str:
    return python_source(check(parse(data).project), name)


def test_a_graph_file_becomes_python_in_a_folder(file, tmp_path):
    code, out, _ = engine("export", file, "--to", "python", "--out", tmp_path / "deep" / "o")
    path = tmp_path / "deep" / "o" / "siamese.py"
    assert (code, out) == (ExitCode.OK, f"Wrote {path}\n")
    assert path.read_text() == expected(file.read_bytes(), "siamese")


def test_a_file_may_be_named(file, tmp_path):
    path = tmp_path / "net.py"
    code, out, _ = engine("export", file, "--to", "python", "--out", path, "--json")
    assert code == ExitCode.OK
    assert json.loads(out) == {"ok": True, "files": [str(path)]}
    assert path.read_text() == expected(file.read_bytes(), "siamese")


def test_a_run_becomes_the_python_of_what_it_trained(file, tmp_path):
    run = RunFolder.create(tmp_path / "r", {"name": "pairs"}, file.read_bytes())
    code, _, err = engine("export", run.path, "--to", "python", "--out", tmp_path)
    assert code == ExitCode.OK, err
    assert (tmp_path / "pairs.py").read_text() == expected(file.read_bytes(), "pairs")


def refusal(*words: object) -> Any:
    code, out, _ = engine(*words, "--json")
    return code, [found["code"] for found in json.loads(out)["diagnostics"]]


def test_a_graph_that_is_not_sound_is_refused_and_nothing_written(file, tmp_path):
    file.write_text(file.read_text().replace('"x": "square"', '"x": "nowhere"'))
    code, found = refusal("export", file, "--to", "python", "--out", tmp_path / "o")
    assert code == ExitCode.GRAPH
    assert "source-missing" in found
    assert not (tmp_path / "o").exists()


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    code, found = refusal("export", tmp_path, "--to", "python", "--out", tmp_path / "o")
    assert (code, found) == (ExitCode.RUN, ["run-missing"])


@pytest.mark.slow
def test_what_was_exported_trains(file, tmp_path):
    engine("export", file, "--to", "python", "--out", tmp_path / "o")
    engine("sample", "siamese", tmp_path / "d", "--rows", 200)
    done = subprocess.run(
        [sys.executable, "-c", TRAIN, tmp_path / "o", tmp_path / "d" / "train.npz"],
        capture_output=True, text=True, timeout=200, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "15"


def test_a_drawing_is_svg_with_a_legend_and_a_network_with_errors_is_drawn(
    file: Path, tmp_path: Path
) -> None:
    noted = set_description(add_note(parse(file.read_bytes()).project, "A note", (0, 0)), "Twins")
    write(file, remove_node(noted, noted.graph.nodes[0].name))
    for options in ([], ["--light"]):
        code, out, _ = engine("export", file, "--to", "svg", "--out", tmp_path, *options)
        assert (code, out) == (0, f"Wrote {tmp_path / 'siamese.svg'}\n")
        text = (tmp_path / "siamese.svg").read_text()
        for part in ("siamese", "Twins", "A note", "Error or warning"):
            assert f">{part}</text>" in text
        assert ("#eff2f6" in text) == bool(options)


def test_summary_shows_the_description_above_the_table(file: Path) -> None:
    text = "Twins <b>alike</b>\x1b[31m\n" + "word " * 40
    write(file, set_description(parse(file.read_bytes()).project, text))
    code, out, _ = engine("summary", file)
    assert code == 0
    first, second, *rest = out.splitlines()
    assert first == r"Twins <b>alike</b>\x1b[31m"
    assert second.startswith("word word")
    assert "Layer (type)" in rest[rest.index("") + 1]
    found = json.loads(engine("summary", file, "--json")[1])
    assert found["description"] == text
