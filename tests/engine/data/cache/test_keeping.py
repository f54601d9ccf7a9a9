"""Cached rows are read only if they are whole, and go when there are too many."""

from __future__ import annotations

import errno
import os
import platform
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest

from engine.check.report import check
from engine.core.diagnostic import DiagnosticError
from engine.data.cache import builder, cache_key, reader, storage, table_head
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


def test_a_file_that_was_touched_and_another_version_make_other_rows(tmp_path, built, monkeypatch):
    path, folder = saved(tmp_path / "t.npz"), tmp_path / "cache"
    first = prepared(path, folder)
    monkeypatch.chdir(tmp_path)
    prepared(Path("t.npz"), folder)
    assert len(built) == 1, "it is the same file by another name"
    os.utime(path, ns=(1, 1))
    assert prepared(path, folder).digest == first.digest
    assert len(built) == 2
    monkeypatch.setattr(cache_key, "CACHE_VERSION", cache_key.CACHE_VERSION + 1)
    assert prepared(path, folder).digest == first.digest
    assert len(built) == 3


def cut(file):
    file.write_bytes(file.read_bytes()[:-9])


def flipped(file):
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))


@pytest.mark.parametrize("harm", [cut, flipped, lambda f: f.unlink(), lambda f: f.write_bytes(b"")])
@pytest.mark.parametrize("name", [storage.ROWS_FILE, storage.SPLIT_FILE, storage.RECORD_FILE])
def test_what_is_not_whole_is_built_anew(tmp_path, built, name, harm):
    path, folder = saved(tmp_path / "t.npz"), tmp_path / "cache"
    first = prepared(path, folder)
    harm(only(folder) / name)
    again = prepared(path, folder)
    assert (again.digest, again.sides) == (first.digest, first.sides)
    assert len(built) == 2


@pytest.mark.parametrize("text", [b"[]", b"{}", b"null", b"\xff", b"{", b'{"files": 7}'])
@pytest.mark.parametrize("sealed", [True, False])
def test_whatever_stands_there_is_no_crash(tmp_path, text, sealed):
    path, folder = saved(tmp_path / "t.npz"), tmp_path / "cache"
    first = prepared(path, folder)
    record = only(folder) / storage.RECORD_FILE
    record.write_bytes(b"%d\n%s" % (zlib.crc32(text), text) if sealed else text)
    assert len(storage.list_entries(folder)) == 1
    assert prepared(path, folder).digest == first.digest


@pytest.mark.parametrize("part", [{"fields": [["9", "inputs", "x"]]}, {"fitted": {"inputs": 3}},
                                  {"notes": [{"code": "later", "message": ""}]}])  # fmt: skip
def test_a_record_of_another_form_is_made_anew(tmp_path, built, part):
    path, folder = saved(tmp_path / "t.npz"), tmp_path / "cache"
    first = prepared(path, folder)
    storage.write_record(only(folder), {**storage.read_record(only(folder)), **part})
    assert prepared(path, folder).digest == first.digest
    assert len(built) == 2


def test_two_that_build_at_once_share_the_rows_of_the_first(tmp_path, monkeypatch):
    path, folder = saved(tmp_path / "t.npz"), tmp_path / "cache"
    real, others = builder.build_entry_files, []

    def slow(*given):
        done = real(*given)
        if not others:
            others.append(None)
            others.append(prepared(path, folder))
        return done

    monkeypatch.setattr(builder, "build_entry_files", slow)
    made, (_, other) = prepared(path, folder), others
    assert made.digest == other.digest
    for each in (made, other):
        assert each.train.memmap.take(slice(0, 3))["inputs"]["x"].shape == (3, 2)
    assert [each.name for each in folder.iterdir()] == [only(folder).name], "nothing else is left"


def test_rows_that_another_puts_there_meanwhile_stay(tmp_path, monkeypatch):
    path, folder = saved(tmp_path / "t.npz"), tmp_path / "cache"
    prepared(path, folder)
    kept, real, first = storage.read_record(only(folder)), reader._open_entry, iter([None])
    monkeypatch.setattr(reader, "_open_entry", lambda *x: next(first, True) and real(*x))
    prepared(path, folder)
    assert storage.read_record(only(folder)) == kept, "it has the times of its files"


@pytest.mark.parametrize(("turn", "rows"), [(1, 0), (3, ROWS - 50), (3, ROWS + 50)])
def test_a_table_that_changes_while_it_is_read_is_a_finding(tmp_path, monkeypatch, turn, rows):
    path, real, turns = saved(tmp_path / "t.npz"), table_head.TableHead.chunks, []

    def chunks(*given):
        turns.append(given)
        if len(turns) == turn:
            saved(path, rows=rows)
        return real(*given)

    monkeypatch.setattr(table_head.TableHead, "chunks", chunks)
    with pytest.raises(DiagnosticError, match=r"t\.npz changed while it was read"):
        prepared(path, tmp_path / "cache")


@pytest.mark.slow
def test_a_writer_that_is_killed_leaves_no_rows_that_would_be_read(tmp_path, built):
    path, folder = saved(tmp_path / "t.npz", rows=50_000), tmp_path / "cache"
    script = (
        "import os, sys\n"
        "from engine.data.cache import row_writer\n"
        "row_writer.write_record = lambda *given: os._exit(9)\n"
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
    [(f"{storage._host()}-{os.getpid()}", 0, False), ("elsewhere-999999999", 0, False),
     (f"{platform.node()}-999999999", 0, False),
     (f"{storage._host()}-{os.getpid()}", 25 * 3600, True),
     (f"{storage._host()}-999999999", 0, True)],
    ids=["this process", "another machine", "another container", "old", "ended"],
)  # fmt: skip
def test_what_another_process_builds_stays_for_a_day(tmp_path, process, age, goes):
    """What nobody builds any more goes before the next build, which may fail."""
    left = tmp_path / f"entry{storage._BUILDING}{process}-1"
    left.mkdir()
    os.utime(left, (time.time() - age,) * 2)
    storage.create_build_folder(tmp_path / "another")
    assert left.exists() != goes


def test_a_disk_that_is_full_is_a_finding_and_nothing_stays(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
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
        (folder / name / storage.SPLIT_FILE).write_bytes(b"")
        storage.write_record(folder / name, {"name": name, "rows": 5})
        moment = time.time() - age
        os.utime(folder / name / storage.RECORD_FILE, (moment, moment))
    storage.evict_entries(folder, 2_500)
    assert [each.record["name"] for each in storage.list_entries(folder)] == ["newest", "new"]
    storage.mark_used(folder / "new")
    storage.evict_entries(folder, 10)
    assert [each.record["name"] for each in storage.list_entries(folder)] == ["new"], (
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
