"""Kinds are found by looking into the package, alone as well as all together."""

import subprocess
import sys
from importlib import import_module

from engine.layers.catalogue import FAMILIES, _modules, find_layer_class, layer_classes

ALONE = """
import sys
from engine.layers.catalogue import find_layer_class
assert find_layer_class("Dense").__name__ == "Dense"
assert "engine.layers.augment" not in sys.modules
assert find_layer_class("Dens") is None
"""


def test_a_kind_is_found_by_its_name_and_by_no_other():
    named = {name for module in _modules() for name in vars(import_module(module))}
    assert named > set(layer_classes())
    for name in {*named, "dense", "Keras", ""}:
        assert find_layer_class(name) is layer_classes().get(name), name


def test_kinds_stand_by_family():
    places = [
        FAMILIES.index(cls.family) for cls in layer_classes().values() if cls.family in FAMILIES
    ]
    assert places == sorted(places)


def test_one_kind_is_found_without_importing_them_all():
    subprocess.run([sys.executable, "-c", ALONE], check=True, timeout=60)
