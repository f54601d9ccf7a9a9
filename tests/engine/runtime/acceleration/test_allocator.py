"""Memory that a step gives back is kept for the next one, and nothing else changes."""

import subprocess
import sys

import pytest

from engine.runtime.acceleration import allocator

CODE = """
import resource, torch
from engine.runtime.acceleration.allocator import keep_memory
torch.set_num_threads(1)

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    found = [torch.arange(4_000_000.0).sqrt_().sum().item() for _ in range(20)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before, found

paged, numbers = faults()
assert keep_memory()
faults()
kept, same = faults()
print(paged, kept, numbers == same)
"""


@pytest.mark.slow
@pytest.mark.skipif(not allocator._is_gnu(), reason="another C library")
def test_large_tensors_are_paged_in_once_and_no_bit_changes():
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True, timeout=120
    )
    paged, kept, same = done.stdout.split()
    assert int(kept) < int(paged) / 10
    assert same == "True"


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(allocator.os, "confstr", lambda _: "musl 1.2.4")
    assert not allocator.keep_memory.__wrapped__()
