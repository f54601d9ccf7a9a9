"""Files and functions stay small enough to be read."""

import ast

from tests.architecture.modules import ROOT, module_paths, syntax_nodes

MAX_FILE, MAX_FUNCTION = 400, 50


def test_no_file_is_longer_than_400_lines():
    paths = [*module_paths().values(), *sorted((ROOT / "tests").rglob("*.py"))]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    long = [
        f"{path.relative_to(ROOT)}: {length} lines"
        for path, length in lengths.items()
        if length > MAX_FILE
    ]
    assert not long, "\n".join(long)


def test_no_function_is_longer_than_50_lines():
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.name}"
        for path in module_paths().values()
        for node in syntax_nodes(path)
        if isinstance(node, ast.FunctionDef)
        if (node.end_lineno or 0) - node.body[0].lineno > MAX_FUNCTION
    ]
    assert not long, "\n".join(long)
