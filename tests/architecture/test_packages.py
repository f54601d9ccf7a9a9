"""Packages are small, say their purpose, and import one another in one direction."""

import ast
from collections import defaultdict

from tests.architecture.modules import (
    ROOT,
    imports_of,
    module_paths,
    strongly_connected,
    syntax_tree,
)

MAX_MODULES = 15
# A file per family of layers: whoever adds a layer finds the place by its Keras name.
LARGE = {"engine/layers"}
# A schema, as files and forms know it, and the torch or encoder class that it configures.
TWINS = [
    {"engine.recipe.optimizer", "engine.runtime.optimizers"},
    {"engine.recipe.encoding", "engine.data.encoders"},
    {"engine.layers", "engine.runtime.nn_extras"},
]
# Keras gives these names twice too: a loss and a metric; an initializer and a schedule.
KERAS_NAMES = {"Constant", "CosineSimilarity"}


def test_no_package_has_more_than_fifteen_modules():
    sizes: dict[str, int] = defaultdict(int)
    for path in module_paths().values():
        if path.name != "__init__.py":
            sizes[str(path.parent.relative_to(ROOT))] += 1
    assert not {name for name, size in sizes.items() if size > MAX_MODULES} - LARGE


def test_every_package_states_its_purpose_in_its_first_line():
    silent = []
    for path in module_paths().values():
        if path.name == "__init__.py":
            first_line = (ast.get_docstring(syntax_tree(path)) or "").partition("\n")[0]
            if not first_line.endswith(".") or len(first_line) < 25:
                silent.append(f"{path.relative_to(ROOT)}: {first_line!r}")
    assert not silent


def test_no_modules_import_one_another_in_a_circle():
    graph = {
        name: set(imports_of(path)) - {name} & module_paths().keys()
        for name, path in module_paths().items()
    }
    assert strongly_connected(graph) == []


def test_a_circle_would_be_found():
    assert strongly_connected({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


def test_no_public_class_name_has_two_homes():
    homes = defaultdict(list)
    for name, path in module_paths().items():
        for node in syntax_tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(name)
    doubled = {
        name: modules
        for name, modules in homes.items()
        if len(modules) > 1 and name not in KERAS_NAMES and not _are_twins(modules)
    }
    assert not doubled


def _are_twins(modules: list[str]) -> bool:
    """Return whether each of two classes lies in another half of a pair of `TWINS`."""
    return any(
        len(modules) == len(pair)
        and all(any(module.startswith(prefix) for module in modules) for prefix in pair)
        for pair in TWINS
    )
