"""The source of the modules in `engine.runtime.nn_extras`, to be included in exported files."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, order=True)
class ImportedName:
    """An import: `from module import name`, or `import module` if `name` is ""."""

    module: str
    name: str = ""

    @property
    def bound_name(self) -> str:
        """The name that the import binds."""
        return self.name or self.module.split(".")[0]


@dataclass(frozen=True)
class Definition:
    """A class, function or constant of nn_extras.

    Args:
        uses: the names that occur in the source.
        imports: all imports of the file that contains the definition.
    """

    name: str
    source: str
    uses: frozenset[str]
    imports: tuple[ImportedName, ...]


@cache
def definitions() -> dict[str, Definition]:
    """Parse engine/runtime/nn_extras, and return its classes, functions and constants by name."""
    folder = files("engine") / "runtime" / "nn_extras"
    texts = sorted(
        (path.name, path.read_text(encoding="utf-8"))
        for path in folder.iterdir()
        if path.name.endswith(".py") and path.name != "__init__.py"
    )
    return {piece.name: piece for _, source in texts for piece in _parse_definitions(source)}


def _parse_definitions(source: str) -> Iterator[Definition]:
    tree = ast.parse(source)
    imports = tuple(item for node in tree.body for item in _parse_imports(node))
    for node in tree.body:
        if name := _defined_name(node):
            used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            lines = source.splitlines()[first - 1 : node.end_lineno]
            yield Definition(name, "\n".join(lines), frozenset(used - {name}), imports)


def _parse_imports(node: ast.stmt) -> Iterator[ImportedName]:
    if isinstance(node, ast.Import):
        yield from (ImportedName(alias.name) for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and not _is_internal(node.module or ""):
        yield from (ImportedName(node.module or "", alias.name) for alias in node.names)


def _is_internal(module: str) -> bool:
    return module.split(".")[0] == "engine" or module == "__future__"


def _defined_name(node: ast.stmt) -> str | None:
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
        return node.name
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    return None


@cache
def reserved_names() -> frozenset[str]:
    """Return the names of all definitions in nn_extras, and all names that its files import."""
    imported = {item.bound_name for piece in definitions().values() for item in piece.imports}
    return frozenset(definitions().keys() | imported)


def collect_sources(names: Iterable[str]) -> tuple[set[ImportedName], list[str]]:
    """Return the imports and sources of the definitions `names` and of all that they use.

    A definition comes after the definitions that it uses.
    """
    ordered: list[str] = []

    def add(name: str) -> None:
        piece = definitions()[name]
        for used in sorted(piece.uses & definitions().keys()):
            if used not in ordered:
                add(used)
        if name not in ordered:
            ordered.append(name)

    for name in names:
        add(name)
    selected = [definitions()[name] for name in ordered]
    imports = {i for piece in selected for i in piece.imports if i.bound_name in piece.uses}
    return imports, [piece.source for piece in selected]


def import_lines(imports: Iterable[ImportedName]) -> Iterator[str]:
    """Yield import lines in ruff's order: standard library, an empty line, torch."""
    unique = set(imports)
    standard = {item for item in unique if item.module.split(".")[0] != "torch"}
    yield from _section(standard)
    if standard:
        yield ""
    yield from _section(unique - standard)


def _section(imports: set[ImportedName]) -> Iterator[str]:
    yield from (f"import {item.module}" for item in sorted(imports) if not item.name)
    for module in sorted({item.module for item in imports if item.name}):
        names = [item.name for item in imports if item.module == module and item.name]
        yield f"from {module} import {', '.join(sorted(names, key=_name_order))}"


def _name_order(name: str) -> tuple[int, str]:
    """Return the sort key of a name: constants, then classes, then functions."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name
