"""Untrusted files: accepted or rejected with a code, quickly and without side effects."""

from __future__ import annotations

import json

import pytest

from engine.core.codes import CODES
from tests.reliability.readers import TAKEN
from tests.reliability.seed import SEED
from tests.tiers import cases

FILES = {
    "graphs": cases(40, 1_000, 10_000),
    "events": cases(50, 500, 10_000),
    "run.json": cases(30, 200, 2_000),
    "requests": cases(50, 1_000, 10_000),
    "settings": cases(50, 1_000, 10_000),
    "damaged checkpoints": cases(100, 1_000, 10_000),
    "odd checkpoints": cases(20, 500, 10_000),
    "tables": cases(14, 1_000, 5_000),
    "cached rows": cases(20, 300, 5_000),
}
SLOWEST = 1.0  # CPU seconds for one file
MEMORY = 200.0  # MB more than before
PEAK = 1_000.0  # MB in all
OTHERS = {TAKEN, "lines left out", "no checkpoint", "made anew", "names other tables"}


SLOW = {"tables", "cached rows"}  # each of these files is opened by a process of its own


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[pytest.mark.slow] * (kind in SLOW)) for kind in FILES]
)
@pytest.mark.timeout(7200)
def test_an_odd_file_is_taken_or_refused(kind, warm, swift, figures):
    ended = warm.run("fuzz", kind, swift, FILES[kind], f"{SEED} {kind}", timeout=7200)
    assert ended.code == 0, ended.said
    told = json.loads((swift / "told.json").read_bytes())
    assert not told["faults"], "\n\n".join(told["faults"].values())
    assert not told["seen"], "\n".join(told["seen"])
    answers = told["answers"]
    assert answers.keys() - OTHERS <= CODES.keys()
    figures(
        files=sum(answers.values()),
        taken=answers.get(TAKEN, 0),
        different_answers=len(answers),
        tracebacks=0,
        forbidden_calls=0,
        slowest_seconds=told["slowest"],
        more_memory_MB=told["memory"],
        peak_memory_MB=told["peak"],
        seconds=told["seconds"],
    )
    assert len(answers) > 1 or kind == "damaged checkpoints"
    assert told["slowest"] < SLOWEST
    assert told["memory"] < MEMORY
    assert told["peak"] < PEAK
