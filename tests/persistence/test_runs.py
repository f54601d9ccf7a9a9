"""Run folders of the version before are opened, gone on with, and written as before."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.persistence import current, scene
from tests.persistence.likeness import OTHER_PROCESSOR, assert_same, known, lasting, told_by
from tests.persistence.program import RUNS, engine, golden
from tests.tiers import grid

RESUMED = golden("resumed.json")
OPEN_GROUP = ("RMSprop", "AdamW", "Adagrad", "Adamax")  # stopped within accumulated batches
Copied = Callable[[str, str], Path]


@pytest.mark.parametrize("name", grid(scene.STOPPED, quick=4))
def test_stopped_run_goes_on_as_the_version_before_went_on(run: Copied, name: str):
    """Each optimizer's state, schedules, balances, open groups, and dials that were turned."""
    folder = run(name, scene.data_of(name))
    place = folder.parents[1]
    said = engine(
        place, "train", "--run", f"runs/{name}", "--resume", "--data", scene.data_of(name)
    )
    assert said.code == 0, said.err
    old, new = RESUMED[name], told_by(folder, 2)
    if name in OPEN_GROUP:
        old, new = repeated(old, 0), repeated(new, 1)
    is_sensitive = name in ("stopped", "Adagrad")  # by batch normalization, or GradNorm
    assert_same(old, new, near=OTHER_PROCESSOR if is_sensitive else 1e-5)
    assert json.loads((folder / "status.json").read_bytes())["state"] == "finished"


def repeated(told: dict, steps: int) -> dict:
    """Return the values of each batch after a number of steps, and the scores.

    Version 0.1.0 continued a group of accumulated batches that it had left open. Now, the group is
    repeated from its start, and its gradient norm is that of the whole group.
    """
    curves = {name: curve for name, curve in told["curves"].items() if name != "grad_norm"}
    kinds = ("epoch-done", "best-found", "run-finished")
    events = [event for event in told["events"] if event["kind"] in kinds]
    return {"curves": after(curves, steps), "events": events}


def after(curves: Any, steps: int) -> Any:
    if isinstance(curves, dict):
        return {name: after(curve, steps) for name, curve in curves.items()}
    return curves[steps:]


@pytest.mark.parametrize("name", ["kinds", "encodings"])
def test_training_again_writes_the_same_folder(home: Path, name: str):
    """The same files with the same keys, and the very same weights but for their last digits."""
    said = engine(
        home, "train", f"{name}.loom.json", "--data", scene_rows(name), "--run", "runs/new"
    )
    assert said.code == 0, said.err
    old, new = home / "runs" / name, home / "runs" / "new"
    left_out = {"results", "notes.json", ".lock"}
    near = OTHER_PROCESSOR if name == "kinds" else 1e-5  # it has batch normalization
    assert names(old) - left_out == names(new) - left_out
    for file in ("run.json", "status.json", "checkpoints/latest.json", "checkpoints/best.json"):
        written = read(old / file, home)
        assert_same(written, known(read(new / file, home), written), near)
    assert (old / "graph.loom.json").read_bytes() == (new / "graph.loom.json").read_bytes()
    told = told_by(old, 1)
    assert_same(told, known(told_by(new, 1), told), near)
    for file in new.rglob("*.safetensors"):
        assert tensors(file).keys() == tensors(old / file.relative_to(new)).keys()
        # The bias before batch normalization moves most.
        most = 5 * near if name == "kinds" else near
        assert_same(tensors(old / file.relative_to(new)), tensors(file), most)


def test_lines_of_events_are_read_and_written_again():
    """Each line of each run gives the very same line."""
    kinds = set()
    for file in RUNS.glob("*/events.jsonl"):
        for line in file.read_text(encoding="utf-8").splitlines():
            event = current.parse_event(line)
            assert event is not None
            assert event.to_json() == line
            kinds.add(event.kind)
    assert current.EVENTS.keys() - kinds <= {"run-failed", "run-resumed", "heartbeat"}


def test_requests_are_those_of_before(home: Path):
    """Whoever trains is asked by the same lines."""
    lines = [json.loads(line) for line in (RUNS / "steered/control.jsonl").read_text().splitlines()]
    taken = [
        json.loads(line)
        for line in (RUNS / "steered/events.jsonl").read_text().splitlines()
        if '"control-taken"' in line
    ]
    assert [line["id"] for line in lines] == [event["id"] for event in taken]
    (home / "runs/steered/control.jsonl").write_text("")
    # Nobody trains, so that nothing is written.
    assert engine(home, "control", "runs/steered", "stop").code == 73
    assert (home / "runs/steered/control.jsonl").read_text() == ""


def test_notes_are_read_and_written_again(home: Path):
    """A name, a star and a text."""
    folder = home / "runs" / "encodings"
    old = (folder / "notes.json").read_bytes()
    listed = {entry["run"]: entry for entry in engine(home, "runs", "--json").json}
    entry = listed["runs/encodings"]
    assert entry["star"]
    assert entry["name"] == "Fruit, first try"
    (folder / "notes.json").unlink()
    current.annotate(folder, entry["name"], json.loads(old)["text"])
    assert (folder / "notes.json").read_bytes() == old


def test_thrown_away_run_comes_back(home: Path):
    """The trash is a folder beside the runs."""
    assert current.thrown_away(home / "runs") == ["thrown"]
    current.take_back(home / "runs" / ".trash" / "thrown")
    assert current.thrown_away(home / "runs") == []
    assert (home / "runs" / "thrown" / "run.json").is_file()


def test_record_of_an_evaluation_is_written_again(home: Path):
    """The same keys and numbers, in a file of the same name."""
    results = home / "runs" / "encodings" / "results"
    old = {file.name: read(file, home) for file in results.iterdir()}
    shutil.rmtree(results)
    words = "evaluate runs/encodings --data rows.csv --split validation"
    assert engine(home, *words.split()).code == 0
    assert_same(old, known({file.name: read(file, home) for file in results.iterdir()}, old))


def scene_rows(name: str) -> str:
    """Return the rows of a project."""
    return {"kinds": "kinds.npz", "encodings": "rows.csv"}[name]


def names(folder: Path) -> set[str]:
    """Return the files of a folder by their first name."""
    return {str(file.relative_to(folder)).split("/")[0] for file in folder.rglob("*")}


def read(file: Path, place: Path) -> object:
    """Return a file's JSON without what changes from run to run."""
    found = json.loads(file.read_bytes())
    if "paths" in found:
        found["paths"] = {key: path and Path(path).name for key, path in found["paths"].items()}
    found["argv"] = [word for word in found.get("argv", ()) if "/" not in word]
    for digest in ("sha256", "size"):
        found.pop(digest, None)
    return lasting(found, place)


def tensors(file: Path) -> dict[str, object]:
    """Return what a file of weights holds."""
    from safetensors import safe_open

    with safe_open(file, "np") as opened:
        names = opened.keys()
        return {name: opened.get_tensor(name).astype(float).ravel().tolist() for name in names}
