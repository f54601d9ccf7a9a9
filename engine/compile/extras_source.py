"""The source of the modules that torch.nn lacks, cut out of engine/runtime/extras to be pasted."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Piece:
    """One class or function: its source, the top-level names it uses, its file's imports."""

    name: str
    source: str
    uses: frozenset[str]
    imports: tuple[str, ...]


@cache
def pieces() -> dict[str, Piece]:
    """Answer everything that engine/runtime/extras defines, by name. Nothing is imported."""
    folder = files("engine") / "runtime" / "extras"
    texts = sorted(
        (path.name, path.read_text(encoding="utf-8"))
        for path in folder.iterdir()
        if path.name.endswith(".py") and path.name != "__init__.py"
    )
    return {piece.name: piece for _, source in texts for piece in _cut(source)}


def _cut(source: str) -> Iterator[Piece]:
    tree = ast.parse(source)
    imports = tuple(
        ast.unparse(node)
        for node in tree.body
        if isinstance(node, ast.Import)
        or (isinstance(node, ast.ImportFrom) and not _ours(node.module or ""))
    )
    for node in tree.body:
        name = _name(node)
        if name:
            used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            lines = source.splitlines()[first - 1 : node.end_lineno]
            yield Piece(name, "\n".join(lines), frozenset(used - {name}), imports)


def _ours(module: str) -> bool:
    return module.split(".")[0] == "engine" or module == "__future__"


def _name(node: ast.stmt) -> str | None:
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
        return node.name
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    return None


def paste(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Answer the import lines and the sources that `names` need, each after what it uses."""
    ordered: list[str] = []
    imports: dict[str, None] = {}

    def place(name: str) -> None:
        piece = pieces()[name]
        for used in sorted(piece.uses & pieces().keys()):
            if used not in ordered:
                place(used)
        if name not in ordered:
            ordered.append(name)
            imports.update(dict.fromkeys(piece.imports))

    for name in names:
        place(name)
    text = "\n".join(pieces()[name].source for name in ordered)
    needed = [line for line in imports if _needed(line, text)]
    return needed, [pieces()[name].source for name in ordered]


def _needed(line: str, text: str) -> bool:
    """True unless a `from ... import` line brings only names that the text never uses."""
    statement = ast.parse(line).body[0]
    assert isinstance(statement, (ast.Import, ast.ImportFrom))
    names = [alias.asname or alias.name.split(".")[0] for alias in statement.names]
    used = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    return any(name in used for name in names)
