"""`python -m tests.reliability.branches`: branch coverage of the critical modules.

Runs the tests of these modules with coverage.py, prints uncovered lines and branches, and fails if
there are any. Other processes, and threads that Python did not start, are not counted. With CI set,
hypothesis has no deadlines.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.reliability.__main__ import ROOT, write

MODULES: dict[str, tuple[str, ...]] = {
    "engine": ("events",),
    "engine/core/files": ("atomic_write",),
    "engine/data/readers": ("image_folder", "images", "registry", "table_file"),
    "engine/data/readers/binary": (
        "arrow_columns", "arrow_errors", "arrow_file", "arrow_ipc", "arrow_schema",
        "npy", "npy_chunks", "npz", "parquet",
    ),
    "engine/data/readers/text": (
        "byte_stream", "csv", "csv_dialect", "csv_errors", "csv_header", "csv_quotes", "jsonl",
        "jsonl_errors",
    ),
    "engine/data/table": ("dtypes", "read_result"),
    "engine/graph/serialization": (
        "decoder", "encoder", "file", "json_positions", "json_reader", "migration", "parse_error",
    ),
    "engine/runs/log": ("append_log", "event_log", "lock", "posix", "step_buffer"),
    "engine/runs/state": ("run_state",),
    "engine/runtime/checkpoints": ("checkpoint", "state_dicts", "weight_file"),
    "engine/runtime/run": ("training_checkpoint",),
}  # fmt: skip
TESTS = (
    "tests/engine/core/files/test_atomic_write.py",
    "tests/engine/data/encoders/test_image.py",
    "tests/engine/data/readers/binary/test_arrow_columns.py",
    "tests/engine/data/test_chunks.py", "tests/engine/data/preprocessing/test_transform.py",
    "tests/engine/data/preprocessing/test_transform_errors.py",
    "tests/engine/data/readers/text/test_csv.py",
    "tests/engine/data/readers/text/test_csv_dialect.py",
    "tests/engine/data/readers/text/test_jsonl.py",
    "tests/engine/data/readers/binary/test_npz.py",
    "tests/engine/data/readers/test_image_folder.py",
    "tests/engine/data/readers/binary/test_probe.py",
    "tests/engine/data/test_rare_faults.py",
    "tests/engine/cli/commands/test_data.py",
    "tests/engine/graph/serialization/test_file.py",
    "tests/engine/graph/serialization/test_migration.py",
    "tests/engine/runs/folder/test_run_folder.py", "tests/engine/runs/log/test_append_log.py",
    "tests/engine/runs/log/test_lock.py", "tests/engine/runs/state/test_run_cache.py",
    "tests/engine/runs/log/test_posix.py", "tests/engine/runs/state/test_run_state.py",
    "tests/engine/runs/log/test_event_log.py",
    "tests/engine/runtime/checkpoints/test_checkpoint.py",
    "tests/engine/runtime/run/test_equal_runs.py", "tests/engine/runtime/run/test_resume.py",
    "tests/engine/runtime/run/test_runner.py",
    "tests/engine/runtime/optimizers/test_lazy_rows.py",
    "tests/engine/runtime/checkpoints/test_state_dicts.py",
    "tests/engine/runtime/inference/test_trained_model.py",
    "tests/engine/test_events.py",
    "tests/reliability/test_crash_points.py",
)  # fmt: skip
# They measure time or memory, which coverage.py distorts, or their code runs in another process.
LEFT_OUT = (
    "costs_little",
    "in_little",
    "cannot_fit",
    "process_that_dies",
    "kill",
    "hardly_more_memory",
)


def main(words: list[str]) -> int:
    """Run the tests, and print what they do not cover."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.json"
        files = [f"{place}/{name}.py" for place, names in MODULES.items() for name in names]
        covering = [sys.executable, "-m", "coverage"]
        given = [f"--include={','.join(files)}", f"--data-file={folder}/data"]
        unmeasured = " and ".join(f"not {each}" for each in LEFT_OUT)
        done = subprocess.run(
            [*covering, "run", "--branch", *given, "-m", "pytest", "-q", "-p", "no:cacheprovider",
             "-k", unmeasured, *TESTS, *words],
            cwd=ROOT, check=False, env={**os.environ, "CI": "1"},
        )  # fmt: skip
        subprocess.run(
            [*covering, "json", "-q", *given, f"-o{told}", "--fail-under=0"], cwd=ROOT, check=True
        )
        found = json.loads(told.read_bytes())
    left = {name: each for name, each in found["files"].items() if _left(each)}
    for name, each in left.items():
        print(f"{name}: lines {each['missing_lines']}, branches {each['missing_branches']}")
    unseen = [name for name in files if name not in found["files"]]
    print(*(f"{name}: no test loads it" for name in unseen), sep="\n")
    total = found["totals"]
    share = 100 * total["covered_branches"] / total["num_branches"]
    print(f"{total['covered_branches']} of {total['num_branches']} branches, {share:.1f} %")
    if not words:
        covered = f"{share:.1f} %"
        figures = {"modules": len(files), "branches": total["num_branches"], "covered": covered}
        write([("test_branches.py::every_branch_of_these_modules_is_taken", figures)])
    return done.returncode or int(bool(left or unseen))


def _left(file: Mapping[str, Any]) -> bool:
    return bool(file["missing_lines"] or file["missing_branches"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
