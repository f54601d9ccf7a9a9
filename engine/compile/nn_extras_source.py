"""The source of the modules that torch.nn lacks, for pasting into exported files."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """One name that a file imports: `from module import name`, or `import module` without one."""

    module: str
    name: str = ""

    @property
    def bound(self) -> str:
        """The name that the source then uses."""
        return self.name or self.module.split(".")[0]


@dataclass(frozen=True)
class Piece:
    """One class or function: its source, the top-level names it uses, its file's imports."""

    name: str
    source: str
    uses: frozenset[str]
    imports: tuple[Import, ...]


@cache
def pieces() -> dict[str, Piece]:
    """Return everything that engine/runtime/nn_extras defines, by name. Nothing is imported."""
    folder = files("engine") / "runtime" / "nn_extras"
    texts = sorted(
        (path.name, path.read_text(encoding="utf-8"))
        for path in folder.iterdir()
        if path.name.endswith(".py") and path.name != "__init__.py"
    )
    return {piece.name: piece for _, source in texts for piece in _cut(source)}


def _cut(source: str) -> Iterator[Piece]:
    tree = ast.parse(source)
    imports = tuple(found for node in tree.body for found in _imported(node))
    for node in tree.body:
        name = _name(node)
        if name:
            used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            lines = source.splitlines()[first - 1 : node.end_lineno]
            yield Piece(name, "\n".join(lines), frozenset(used - {name}), imports)


def _imported(node: ast.stmt) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(alias.name) for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and not _ours(node.module or ""):
        yield from (Import(node.module or "", alias.name) for alias in node.names)


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


@cache
def known_names() -> frozenset[str]:
    """Return every name that pasted sources may define or import."""
    imported = {found.bound for piece in pieces().values() for found in piece.imports}
    return frozenset(pieces().keys() | imported)


def paste(names: Iterable[str]) -> tuple[set[Import], list[str]]:
    """Return the imports and the sources that `names` need, each source after what it uses."""
    ordered: list[str] = []

    def place(name: str) -> None:
        piece = pieces()[name]
        for used in sorted(piece.uses & pieces().keys()):
            if used not in ordered:
                place(used)
        if name not in ordered:
            ordered.append(name)

    for name in names:
        place(name)
    chosen = [pieces()[name] for name in ordered]
    imports = {found for piece in chosen for found in piece.imports if found.bound in piece.uses}
    return imports, [piece.source for piece in chosen]


def import_lines(imports: Iterable[Import]) -> Iterator[str]:
    """Write imports as ruff sorts them: Python's own, an empty line, torch's."""
    found = set(imports)
    own = {one for one in found if one.module.split(".")[0] != "torch"}
    yield from _section(own)
    if own:
        yield ""
    yield from _section(found - own)


def _section(imports: set[Import]) -> Iterator[str]:
    yield from (f"import {one.module}" for one in sorted(imports) if not one.name)
    for module in sorted({one.module for one in imports if one.name}):
        names = [one.name for one in imports if one.module == module and one.name]
        yield f"from {module} import {', '.join(sorted(names, key=_name_order))}"


def _name_order(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name
