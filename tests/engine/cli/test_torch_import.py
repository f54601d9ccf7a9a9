"""Commands import torch without looking for garbage meanwhile, and look for it afterwards."""

import os
import subprocess
import sys

import pytest

CODE = """
import gc, sys
from engine.cli.torch_import import import_torch

searched = []
gc.callbacks.append(lambda phase, info: searched.append(phase))
import_torch()
assert "torch" in sys.modules and not searched
frozen = gc.get_freeze_count()
assert gc.isenabled() and frozen
import_torch()
assert gc.get_freeze_count() == frozen
"""


@pytest.mark.slow
def test_nothing_is_collected_while_torch_is_imported():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_failed_import_leaves_garbage_collection_as_it_was(tmp_path, monkeypatch):
    (tmp_path / "torch.py").write_text("raise ImportError")
    code = "import gc; from engine.cli.torch_import import import_torch; gc.disable()\n"
    code += "try: import_torch()\nexcept ImportError: print(gc.isenabled(), gc.get_freeze_count())"
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.getcwd()}")
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False 0\n"
