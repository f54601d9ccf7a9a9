"""What the README shows in Python runs, and leaves what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.end_to_end.conftest import ROOT, Engine

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))


def test_there_is_something_to_run():
    assert len(BLOCKS) == 1


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_runs_and_its_file_is_sound(block, engine: Engine, tmp_path: Path, capsys):
    exec(compile(block, "README.md", "exec"), {"__name__": "readme"})
    assert "validated on the last 100" in capsys.readouterr().out
    assert engine("check", "people.loom.json").code == 0
    assert sorted(path.name for path in tmp_path.glob("people.*")) == [
        "people.loom.json",
        "people.safetensors",
    ]
