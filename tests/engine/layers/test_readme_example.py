"""The README's worked example is a layer: it works when put into the catalogue, as it stands."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def example() -> str:
    """Return the README's only Python block that defines a layer."""
    text = (ROOT / "engine" / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    return next(block for block in blocks if "(Layer):" in block)


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """Return a copy of the project with one file more in engine/layers, and nothing changed."""
    folder = tmp_path_factory.mktemp("copy")
    ignored = shutil.ignore_patterns("__pycache__")
    for room in ("engine", "resources", "tests"):
        shutil.copytree(ROOT / room, folder / room, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "engine/layers/rms.py").write_text(example(), encoding="utf-8")
    (folder / "g.loom.json").write_text(
        json.dumps(
            {
                "format": "layerloom",
                "version": 1,
                "graph": {
                    "nodes": [
                        {"name": "x", "kind": "Input", "params": {"shape": [5]}},
                        {"name": "rms", "kind": "RMSNormalization", "inputs": {"x": "x"}},
                        {
                            "name": "y",
                            "kind": "Output",
                            "inputs": {"x": "rms"},
                            "params": {"loss": "mse"},
                        },
                    ]
                },
            }
        ),  # fmt: skip
        encoding="utf-8",
    )
    return folder


def run(copy: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words], cwd=copy, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(copy)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_catalogue_lists_it(copy):
    listed = json.loads(run(copy, "-m", "engine", "layers", "--json"))
    assert listed["RMSNormalization"]["family"] == "norm"


@pytest.mark.slow
def test_the_summary_counts_its_weights(copy):
    told = json.loads(run(copy, "-m", "engine", "summary", "g.loom.json", "--json"))
    assert [(row["name"], row["params"]) for row in told["rows"]] == [("x", 0), ("y", 5)]


@pytest.mark.slow
def test_the_source_is_written(copy):
    source = run(copy, "-m", "engine", "summary", "g.loom.json", "--plan")
    assert "self.rms = nn.RMSNorm(5, 1e-06)" in source
    assert "rms = self.rms(x)" in source


@pytest.mark.slow
def test_the_conformance_tests_find_it_and_pass(copy):
    told = run(
        copy, "-m", "pytest", "-q", "-p", "no:cacheprovider",
        "-k", "RMSNormalization or test_conformance",
        "tests/engine/layers/test_conformance.py", "tests/engine/layers/test_against_keras.py",
    )  # fmt: skip
    assert re.search(r"\d passed", told), told
    assert "failed" not in told
