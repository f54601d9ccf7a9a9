"""A disk that fills up at any time: the run stops with a message, and resumes with free space."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from engine.core.codes import ExitCode
from tests.reliability import runs
from tests.reliability.small_disk import LIMIT, PAGE
from tests.reliability.subjects import remembering, rows, written
from tests.tiers import SOAK, cases

# Free space in pages: enough for nothing, the lock, run.json, events, one checkpoint or more.
ROOMS = range(40) if SOAK else (0, 5, 10, 30)[:: cases(2, 1)]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_run_stops_on_a_full_disk_and_goes_on_to_the_very_same_end(warm, tmp_path, figures):
    files = written(tmp_path, remembering(epochs=2), rows())
    through = tmp_path / "through"
    assert warm.engine("train", files[0], "--data", files[1], "--run", through).code == 0
    expected = (json.loads(json.dumps(runs.curves(through))), runs.weights(through))
    found, kinds = Counter(), set()
    for room in ROOMS:
        place = tmp_path / f"room-{room}" / "disk"
        place.mkdir(parents=True)
        ended = warm.run("fill_a_disk", place, *files, room * PAGE)
        assert ended.code == 0, ended.said
        assert "Traceback" not in ended.said
        told = json.loads(place.with_name("told.json").read_bytes())
        assert told["first"] in (ExitCode.OK, ExitCode.IO), ended.said
        if told["first"]:
            said = re.search(
                r"error.disk-full.*\n.*\n  found: .* left\n  expected: space for ", ended.said
            )
            assert said or told["kind"] == LIMIT, ended.said
            found["stopped"] += 1
            found["with_a_checkpoint"] += bool(told["whole"])
        assert told["torn"] == []
        assert not told["changed"]
        assert told["second"] == 0, ended.said
        assert (told["curves"], told["weights"]) == expected
        kinds.add(told["kind"])
    figures(disks=len(ROOMS), how=", ".join(kinds), **found)
    assert 0 < found["with_a_checkpoint"] < found["stopped"]
