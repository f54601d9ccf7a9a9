"""Kinds are found by looking into the package, alone as well as all together."""

import subprocess
import sys

import pytest

from engine.layers.catalogue import FAMILIES, find, kinds

ALONE = """
import sys
from engine.layers.catalogue import find
assert find("Dense").__name__ == "Dense"
assert "engine.layers.augment" not in sys.modules
assert find("Dens") is None
"""


@pytest.mark.parametrize("kind", kinds())
def test_a_kind_is_found_alone(kind):
    assert find(kind) is kinds()[kind]


@pytest.mark.parametrize("name", ["Layer", "Windowed", "_Conv", "FAMILIES", "dense", "Zeros", ""])
def test_what_is_no_layer_is_no_kind(name):
    assert name not in kinds()
    assert find(name) is None


def test_kinds_stand_by_family():
    places = [FAMILIES.index(cls.family) for cls in kinds().values() if cls.family in FAMILIES]
    assert places == sorted(places)


def test_one_kind_is_found_without_importing_them_all():
    subprocess.run([sys.executable, "-c", ALONE], check=True, timeout=60)
