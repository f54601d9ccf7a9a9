"""Files that would crash this process, fill its memory or never end, crash another one."""

import os
import signal
import struct
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

from engine.core.diagnostic import DiagnosticError
from engine.data.readers.binary import arrow_file, probe
from engine.data.readers.table_file import open_table, read_table_chunks

WHOLE = pa.table({"x": range(5_000), "t": [f"text {row}" for row in range(5_000)]})


def packed(path, table=WHOLE):
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_file(path, table.schema, options=options) as file:
        file.write_table(table)
    return path


def refusal(read, path):
    with pytest.raises(DiagnosticError) as refused:
        read(path)
    return refused.value.diagnostics[0]


def read_in_chunks(path):
    return list(read_table_chunks(path))


@pytest.mark.parametrize("read", [open_table, read_in_chunks])
def test_a_file_that_crashes_pyarrow_is_refused(read, tmp_path):
    """pyarrow 26 looks at the text of a missing row, and follows a negative length."""
    views = pa.py_buffer(struct.pack("<i4sii", -5, b"a te", 0, 0) + struct.pack("<i12s", 1, b"b"))
    buffers = [pa.py_buffer(b"\x02"), views, pa.py_buffer(b"a text of more than twelve bytes")]
    column = pa.Array.from_buffers(pa.string_view(), 2, buffers)
    found = refusal(read, packed(tmp_path / "d.arrow", pa.table({"x": column})))
    assert found.code == "data-format"
    assert found.fixes


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_the_end_of_the_other_process_is_an_error_of_the_file(number, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(f"import os\nos.kill(os.getpid(), {int(number)})\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    found = refusal(open_table, packed(tmp_path / "d.arrow"))
    assert found.code == "data-format"
    assert found.found == f"pyarrow crashed with exit code -{int(number)}"


@pytest.mark.parametrize("read", [open_table, read_in_chunks])
def test_a_part_that_does_not_fit_into_memory_is_refused(read, tmp_path):
    path = packed(tmp_path / "d.arrow")
    told, lie = struct.pack("<q", WHOLE["x"].nbytes), struct.pack("<q", 2**36)
    data = path.read_bytes()
    assert data.count(told) == 1
    path.write_bytes(data.replace(told, lie))
    found = refusal(read, path)
    assert (found.code, found.found) == ("data-too-large", "more than 4.0 GiB")


def test_reading_that_never_ends_is_ended(tmp_path, monkeypatch):
    script = (
        "import signal, time\n"
        "limit = signal.setitimer\n"
        "signal.setitimer = lambda which, _: (limit(which, 0.01), time.sleep(60))\n"
    )
    (tmp_path / "sitecustomize.py").write_text(script)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    found = refusal(open_table, packed(tmp_path / "d.arrow"))
    assert (found.code, found.found) == ("data-unreadable", "some rows took more than 60 s")


def test_the_time_that_nobody_reads_a_line_does_not_count():
    script = (
        "import time; from engine.data.readers.binary import probe\n"
        "probe.MAX_PART_SECONDS = 0.1\n"
        "probe._limit_time(); probe._print(0); time.sleep(0.3)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL)


def test_ctrl_c_in_a_terminal_does_not_reach_the_other_process(tmp_path, monkeypatch):
    script = "import os\nif os.getpgid(0) == os.getpgid(os.getppid()): os._exit(3)\n"
    (tmp_path / "sitecustomize.py").write_text(script)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert open_table(packed(tmp_path / "d.arrow")).row_count == 5_000


def test_what_this_process_can_not_open_is_no_damage(tmp_path):
    (tmp_path / "d.arrow").mkdir()
    with pytest.raises(OSError, match="directory"):
        next(probe.probe_file(tmp_path / "d.arrow"))


def test_values_that_can_not_be_converted_count_for_the_limit(tmp_path):
    path = packed(tmp_path / "d.arrow", pa.table({"x": np.full(5_000, 2**63, "u8")}))
    assert refusal(lambda path: open_table(path, limit=39_999), path).code == "data-too-large"


@pytest.mark.slow
def test_a_file_is_read_by_another_process_once_until_it_changes(tmp_path, monkeypatch):
    starts = []
    start = subprocess.Popen
    monkeypatch.setattr(
        probe.subprocess, "Popen", lambda *given, **more: starts.append(1) or start(*given, **more)
    )
    path = tmp_path / "d.arrow"
    feather.write_feather(WHOLE, path, chunksize=1_000)
    assert next(read_table_chunks(path, chunk_rows=20)).row_count == 20
    for read in (open_table, read_in_chunks):
        read(path)
    assert len(starts) == 1
    os.utime(path, (1, 1))
    open_table(path)
    assert len(starts) == 2


def test_the_first_rows_are_there_before_the_others_are_read(tmp_path, monkeypatch):
    """A file that unpacks to much, and whose last row group is damaged gives the rows before it."""
    monkeypatch.setattr(arrow_file, "PROBED_AHEAD_BYTES", 50_000)
    path = tmp_path / "d.parquet"
    pq.write_table(WHOLE, path, row_group_size=1_000, compression="none", use_dictionary=False)
    start = pq.read_metadata(path).row_group(4).column(0).data_page_offset
    data = path.read_bytes()
    path.write_bytes(data[:start] + b"\xff" * 40 + data[start + 40 :])
    chunks = read_table_chunks(path, chunk_rows=1_000)
    for first in range(0, 4_000, 1_000):
        np.testing.assert_array_equal(next(chunks).columns["x"], np.arange(first, first + 1_000))
    with pytest.raises(DiagnosticError) as refused:
        next(chunks)
    assert refused.value.diagnostics[0].code == "data-format"
    assert refusal(open_table, path).code == "data-format"


def test_no_module_of_the_working_directory_is_imported(tmp_path, monkeypatch):
    (tmp_path / "numpy.py").write_text("raise SystemExit(3)\n")
    monkeypatch.chdir(tmp_path)
    packed(tmp_path / "d.arrow")
    assert open_table("d.arrow").row_count == 5_000
