"""Imports are quick, and nobody can tell by what comes of them."""

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from engine.core.fast_import import without_gc

ROOT = Path(__file__).parents[3]

QUICK = """
import sys
from engine.core.fast_import import fast_torch_import

def known():
    return "torch._meta_registrations" in sys.modules

with fast_torch_import():
    import torch
assert not known(), "torch imports what is to be put off in another way: is it still worth it?"
"""

TRAINING = """
import sys
from contextlib import nullcontext
from pathlib import Path
from engine.core.fast_import import fast_torch_import

with fast_torch_import() if sys.argv[1] == "quick" else nullcontext():
    from engine.runtime.run.runner import train
from tests.engine.runtime.small import ordered, run
from tests.engine.runtime.run.recorded import exact, losses, rows, whole

_, events = run(ordered(Path(sys.argv[2]), whole(), rows()))
print("torch._meta_registrations" in sys.modules, exact(events), losses(events))
"""

# Ways to what is put off: by name, from elsewhere in torch, by attribute, and by those who use it.
WAYS = {
    "itself": "import torch._meta_registrations",
    "decompositions": "from torch._decomp import decomposition_table",
    "references": "import torch._refs",
    "random numbers": """
lone = torch.Generator().manual_seed(3)
drawn = torch.rand(2, generator=lone)
assert isinstance(lone, torch.Generator) and not known()
import torch._prims
assert torch.equal(drawn, torch.rand(2, generator=torch.Generator().manual_seed(3)))
assert isinstance(lone, torch.Generator)""",
    "primitives": "torch._prims.add(torch.ones(1), torch.ones(1))",
    "an attribute": "torch.broadcast_shapes((2, 1), (3,))",
    "the compiler": "import torch._dynamo",
    "fake tensors": """
from torch._subclasses.fake_tensor import FakeTensorMode
with FakeTensorMode():
    ids, table = torch.ones(2, dtype=torch.int64), torch.ones(4, 2)
    assert torch.nn.functional.embedding_bag(ids[None], table).shape == (1, 2)""",
    "derivatives ahead": """
from torch.func import jvp
jvp(torch.nn.functional.huber_loss, (torch.ones(2), torch.ones(2)), (torch.ones(2),) * 2)""",
    "tensors without values": """
import torch._meta_registrations
table = torch.ones(4, 2, device="meta")
ids = torch.ones(2, 3, device="meta").long()
assert torch.nn.functional.embedding(ids, table).shape == (2, 3, 2)""",
    "export": "torch.export.export(torch.nn.Linear(2, 2), (torch.ones(1, 2),))",
}


def alone(code, *arguments):
    """Run code in a process of its own, and answer what it printed."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_nobody_looks_for_garbage_during_an_import_and_all_do_after_it():
    assert gc.isenabled()
    with without_gc():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_search_that_was_switched_off_stays_off():
    gc.disable()
    try:
        with without_gc():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_the_search_goes_on_after_an_import_that_failed():
    with pytest.raises(ImportError), without_gc():
        import engine.no_such_room  # noqa: F401
    assert gc.isenabled()


def test_nothing_is_set_apart_where_nothing_was_imported():
    before = gc.get_freeze_count()
    with without_gc():
        assert "gc" in sys.modules
    assert gc.get_freeze_count() == before


def test_an_import_says_nothing():
    done = subprocess.run([sys.executable, "-c", QUICK], cwd=ROOT, capture_output=True, timeout=300)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("way", WAYS)
def test_whoever_needs_what_is_put_off_gets_it(way):
    alone(f"{QUICK}\n{WAYS[way]}\nassert known()")


def test_training_comes_to_the_same_bits_and_does_not_miss_it(tmp_path):
    found = {}
    for how in ("quick", "slow"):
        (tmp_path / how).mkdir()
        found[how] = alone(TRAINING, how, str(tmp_path / how)).split(" ", 1)
    assert "loss" in found["quick"][1]
    assert found["quick"][1] == found["slow"][1]
    assert [known for known, _ in found.values()] == ["False", "True"]
