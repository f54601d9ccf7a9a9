"""Whichever system call fails or crashes, a file has the old or the new content."""

from __future__ import annotations

import gc
import json
import os
import shutil
from collections import Counter

import pytest

from engine.core.codes import CODES, ExitCode
from engine.core.diagnostic import DiagnosticError
from tests.reliability.faults import CRASHES, FAULTS, fault_at
from tests.reliability.writers import NEW, OLD, WRITERS
from tests.tiers import grid

EXITS = {ExitCode.IO, ExitCode.PERMISSION}


def handles() -> int:
    """Return the number of open files of this process."""
    return len(os.listdir("/proc/self/fd"))


def fail_everywhere(name: str, fault: str, folder) -> Counter[str]:
    """Let each call of a writer fail in turn; count how often the old and the new file is left."""
    writer, found = WRITERS[name], Counter()
    (folder / "before").mkdir(parents=True)
    writer.prepare(folder / "before")
    gc.collect()  # files that other tests left open must not be closed while handles are counted
    due, happened = 0, True
    while happened:
        due += 1
        here = shutil.copytree(folder / "before", folder / f"at-{due}")
        before = handles()
        said = OLD
        with fault_at(due, fault) as counter:
            try:
                writer.write(here)
                said = NEW
            except DiagnosticError as refusal:
                (problem,) = refusal.diagnostics
                assert CODES[problem.code].exit in EXITS
        happened = counter.happened
        assert handles() == before, f"call {due} leaves a file open"
        assert not list(here.rglob("*.tmp-*")), f"call {due} leaves a file behind"
        left = writer.judge(here)
        assert left == NEW or said == OLD, f"call {due} said all was well, and was not"
        found[left] += 1
    return found


@pytest.mark.parametrize("name", grid(WRITERS, 4))
def test_a_call_that_fails_leaves_the_old_or_the_new_and_nothing_beside_it(name, swift, figures):
    found = Counter()
    for fault in FAULTS:
        found += fail_everywhere(name, fault, swift / fault)
    figures(faults=len(FAULTS), failures=found.total(), left_old=found[OLD], left_new=found[NEW])
    assert found[OLD] or name == "lock"
    assert found[NEW]


@pytest.mark.slow
@pytest.mark.parametrize("name", grid(WRITERS, 3))
def test_a_process_that_dies_at_a_call_leaves_the_old_or_the_new(name, warm, swift, figures):
    found = Counter()
    for fault in CRASHES:
        ended = warm.run("crash_everywhere", name, swift / fault, fault)
        assert ended.code == 0, ended.said
        found.update(json.loads(ended.said))
    figures(crashes=found["points"], left_old=found[OLD], left_new=found[NEW])
    assert found["points"] >= 8
    assert found[OLD] or name == "lock"
    assert found[NEW]
