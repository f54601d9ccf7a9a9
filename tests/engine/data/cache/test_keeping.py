"""Cached rows are read only if they are whole, and go when there are too many."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest

from engine.check.report import check
from engine.core.diagnostic import DiagnosticError
from engine.data.cache import builder, storage
from engine.data.cache.entry import to_sealed_json
from engine.data.cache.policy import CacheSettings
from engine.data.prepared_data import prepare_data
from tests.engine.runtime.small import node, project

ROWS = 200


def report(**recipe):
    return check(project(
        node("x", "Input", shape=[2]),
        node("d", "Dense", "x", units=1),
        node("y", "Output", "d", loss="mse"),
        data={"inputs": {"x": {"column": "x", "scale": "standardize"}}},
        **recipe,
    ))  # fmt: skip


def saved(path, seed=0, rows=ROWS):
    rng = np.random.default_rng(seed)
    np.savez(path, x=rng.normal(size=(rows, 2)), y=rng.normal(size=rows))
    return path


@pytest.fixture
def built(monkeypatch):
    """Count how often rows are built."""
    times = []
    real = builder.build_entry_files
    monkeypatch.setattr(
        builder, "build_entry_files", lambda *given: times.append(given) or real(*given)
    )
    return times


def prepared(path, folder, checked=None):
    return prepare_data(checked or report(), path, None, caching=CacheSettings(True, folder))


def only(folder):
    (entry,) = [each for each in folder.iterdir() if each.is_dir()]
    return entry


def test_rows_are_built_once(tmp_path, built):
    path = saved(tmp_path / "t.npz")
    digests = {prepared(path, tmp_path / "cache").digest for _ in range(3)}
    assert len(digests) == 1
    assert len(built) == 1


def test_other_bytes_or_another_mapping_are_other_rows(tmp_path, built):
    path, folder = saved(tmp_path / "t.npz"), tmp_path / "cache"
    first = prepared(path, folder)
    assert prepared(saved(path, seed=1), folder).digest != first.digest
    assert prepared(path, folder, report(seed=9)).sides != first.sides
    prepared(path, folder, report(precision="float64"))
    assert len(built) == 4
    prepared(path, folder, report(batch_size=7, epochs=3))
    assert len(built) == 4, "what does not change a row is not looked at"


def test_a_file_of_the_same_bytes_elsewhere_is_known(tmp_path, built):
    path = saved(tmp_path / "t.npz")
    prepared(path, tmp_path / "cache")
    (tmp_path / "more").mkdir()
    shutil.copy(path, tmp_path / "more")
    prepared(tmp_path / "more" / "t.npz", tmp_path / "cache")
    assert len(built) == 1


def test_bytes_of_a_file_that_nobody_touched_are_not_read_again(tmp_path, monkeypatch):
    from engine.data.cache import cache_key

    path = saved(tmp_path / "t.npz")
    monkeypatch.setattr(cache_key, "_SETTLED", -1)
    prepared(path, tmp_path / "cache")
    monkeypatch.setattr(cache_key, "_sha256", lambda file: pytest.fail("it is read again"))
    prepared(path, tmp_path / "cache")
    os.utime(path, ns=(1, 1))
    with pytest.raises(pytest.fail.Exception, match="read again"):
        prepared(path, tmp_path / "cache")


def cut(file):
    file.write_bytes(file.read_bytes()[:-9])


def flipped(file):
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))


@pytest.mark.parametrize("harm", [cut, flipped, lambda f: f.unlink(), lambda f: f.write_bytes(b"")])
@pytest.mark.parametrize("name", [storage.ROWS_FILE, storage.SPLIT_FILE, storage.METADATA_FILE])
def test_what_is_not_whole_is_built_anew(tmp_path, built, name, harm):
    path, folder = saved(tmp_path / "t.npz"), tmp_path / "cache"
    first = prepared(path, folder)
    harm(only(folder) / name)
    again = prepared(path, folder)
    assert (again.digest, again.sides) == (first.digest, first.sides)
    assert len(built) == 2


@pytest.mark.parametrize(
    "told", [b"[]", b"{}", b"null", b'{"seal": 1}', b"\xff", b'{"seal": 3, "layout": 7}']
)
def test_whatever_stands_there_is_no_crash(tmp_path, told):
    path, folder = saved(tmp_path / "t.npz"), tmp_path / "cache"
    first = prepared(path, folder)
    (only(folder) / storage.METADATA_FILE).write_bytes(told)
    (folder / "stamps.json").write_bytes(told)
    assert prepared(path, folder).digest == first.digest


def renamed(layout, old, new):
    return [[side, new if port == old else port, *rest] for side, port, *rest in layout]


@pytest.mark.parametrize(("old", "new"), [("x", "z"), ("y", "z")])
def test_rows_of_other_ports_than_the_graph_has_are_made_anew(tmp_path, built, old, new):
    """What stands in a file may be sealed and name anything."""
    path, folder = saved(tmp_path / "t.npz"), tmp_path / "cache"
    first = prepared(path, folder)
    file = only(folder) / storage.METADATA_FILE
    told = json.loads(file.read_bytes())
    del told["seal"]
    file.write_bytes(to_sealed_json({**told, "layout": renamed(told["layout"], old, new)}))
    assert prepared(path, folder).digest == first.digest
    assert len(built) == 2
    prepared(path, folder)
    assert len(built) == 2


@pytest.mark.parametrize("part", [
    {"digest": [1]}, {"sides": {"how": 3}}, {"unmasked": 7},
    {"layout": [["inputs", "x", "(1)f4", [2]]]},
])  # fmt: skip
def test_what_is_told_in_another_form_is_made_anew(tmp_path, built, part):
    path, folder = saved(tmp_path / "t.npz"), tmp_path / "cache"
    first = prepared(path, folder)
    file = only(folder) / storage.METADATA_FILE
    told = json.loads(file.read_bytes())
    del told["seal"]
    part = {name: {**told[name], **new} if isinstance(new, dict) else new
            for name, new in part.items()}  # fmt: skip
    file.write_bytes(to_sealed_json({**told, **part}))
    assert prepared(path, folder).digest == first.digest
    assert len(built) == 2


def test_a_writer_that_is_killed_leaves_no_rows_that_would_be_read(tmp_path, built):
    path, folder = saved(tmp_path / "t.npz", rows=50_000), tmp_path / "cache"
    script = (
        "import os, sys\n"
        "from engine.data.cache import entry\n"
        "entry.CacheWriter.finish = lambda *given: os._exit(9)\n"
        "from tests.engine.data.cache.test_keeping import prepared\n"
        "from pathlib import Path\n"
        "prepared(Path(sys.argv[1]), Path(sys.argv[2]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script, path, folder], check=False)
    assert done.returncode == 9
    assert storage.list_entries(folder) == []
    prepared(path, folder)
    assert len(built) == 1
    assert not list(folder.glob(f"*{storage._BUILDING}*")), "what nobody builds any more goes"


@pytest.mark.parametrize(
    ("process", "age", "goes"),
    [(f"{platform.node()}-{os.getpid()}", 0, False), ("elsewhere-999999999", 0, False),
     (f"{platform.node()}-{os.getpid()}", 25 * 3600, True)],
)  # fmt: skip
def test_what_another_process_builds_stays_for_a_day(tmp_path, process, age, goes):
    left = tmp_path / f"entry{storage._BUILDING}{process}-1"
    left.mkdir()
    os.utime(left, (time.time() - age,) * 2)
    storage.evict_entries(tmp_path)
    assert left.exists() != goes


def test_a_disk_that_is_full_is_a_finding_and_nothing_stays(tmp_path, monkeypatch):
    import errno

    def full(handle, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("engine.data.cache.entry.write_all", full)
    folder = tmp_path / "cache"
    with pytest.raises(DiagnosticError) as refused:
        prepared(saved(tmp_path / "t.npz"), folder)
    assert refused.value.diagnostics[0].code == "disk-full"
    assert storage.list_entries(folder) == []
    assert not list(folder.glob(f"*{storage._BUILDING}*"))


def test_what_was_not_used_for_longest_goes_first(tmp_path):
    folder = tmp_path / "cache"
    for name, age in (("old", 300), ("new", 100), ("newest", 10)):
        (folder / name).mkdir(parents=True)
        (folder / name / storage.ROWS_FILE).write_bytes(bytes(1_000))
        (folder / name / storage.METADATA_FILE).write_text(json.dumps({"name": name, "rows": 5}))
        moment = time.time() - age
        os.utime(folder / name / storage.METADATA_FILE, (moment, moment))
    storage.evict_entries(folder, 2_500)
    assert [each.metadata["name"] for each in storage.list_entries(folder)] == ["newest", "new"]
    storage.mark_used(folder / "new")
    storage.evict_entries(folder, 10)
    assert [each.metadata["name"] for each in storage.list_entries(folder)] == ["new"], (
        "one always stays"
    )
    assert len(storage.clear_cache(folder)) == 1
    assert storage.list_entries(folder) == []


def test_rows_that_were_removed_can_still_be_read_by_who_has_them_open(tmp_path):
    path, folder = saved(tmp_path / "t.npz"), tmp_path / "cache"
    made = prepared(path, folder)
    storage.clear_cache(folder)
    assert made.train.memmap.take(slice(0, 5))["inputs"]["x"].shape == (5, 2)
    assert np.isfinite(made.train.inputs["x"][:]).all()


def test_the_cache_of_a_user_is_where_the_system_says(monkeypatch, tmp_path):
    monkeypatch.delenv(storage.CACHE_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert storage.cache_folder() == tmp_path / "layerloom" / "rows"
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert storage.cache_folder() == tmp_path / "home" / ".cache" / "layerloom" / "rows"
    monkeypatch.setenv(storage.CACHE_VARIABLE, str(tmp_path / "chosen"))
    assert storage.cache_folder() == tmp_path / "chosen"
