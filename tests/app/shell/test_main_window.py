"""The main window imports few modules, and nothing below it knows it."""

from __future__ import annotations

import ast

from tests.architecture.modules import imports_of, module_paths, syntax_tree

WINDOW = "app.shell.main_window"
MAX_IMPORTS = 15
# The composition root and the entry point.
MAY_KNOW_THE_WINDOW = {"app.self_test", "app.shell.application", "app.main"}


def test_main_window_imports_at_most_15_modules_of_the_project():
    assert len(set(imports_of(module_paths()[WINDOW]))) <= MAX_IMPORTS


def test_only_the_composition_root_imports_the_main_window():
    importing = f"from {WINDOW} import "
    importers = {name for name, path in module_paths().items() if importing in path.read_text()}
    assert importers == MAY_KNOW_THE_WINDOW


def test_no_controller_or_handler_has_a_main_window_as_parameter():
    """They get its parts, which have no controllers, so each can be tested without the others."""
    folders = ("controllers", "handlers", "dialogs", "exports")
    prefixes = tuple(f"app.shell.{folder}" for folder in folders)
    found = [
        f"{name}: {annotation}"
        for name, path in module_paths().items()
        if name.startswith(prefixes)
        for annotation in _annotations(syntax_tree(path))
        if "MainWindow" in annotation
    ]
    assert found == []


def _annotations(tree: ast.Module) -> list[str]:
    arguments = [node for node in ast.walk(tree) if isinstance(node, ast.arg)]
    return [ast.unparse(each.annotation) for each in arguments if each.annotation is not None]
