"""Every kind of layer there is, found by looking into this package, in palette order."""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix, nearest_word
from engine.layers.base import Layer

# Order of families in the palette; a family not named here comes last.
FAMILIES = (
    "io", "dense", "recurrent", "conv", "pool", "merge", "norm", "activation", "dropout", "shape",
    "attention",
)  # fmt: skip

_PACKAGE = __name__.rpartition(".")[0]
_KEPT = 4096  # layers remembered


@cache
def kinds() -> Mapping[str, type[Layer]]:
    """Return the layer classes by kind, in palette order."""
    for module in _modules():
        import_module(module)
    classes = [cls for cls in _subclasses(Layer) if _whole(cls)]
    return {cls.kind(): cls for cls in sorted(classes, key=_palette_place)}


@lru_cache(_KEPT)
def find(kind: str) -> type[Layer] | None:
    """Return the class of a kind, None if there is none.

    Why: most graphs are of a few families, and the others need not be imported for them.
    """
    for module in _modules():
        cls = vars(import_module(module)).get(kind)
        if isinstance(cls, type) and issubclass(cls, Layer) and _whole(cls) and cls.kind() == kind:
            return cls
    return None


@cache
def _modules() -> list[str]:
    """Return the modules of this package but this one, families first, in palette order."""
    found = pkgutil.iter_modules([str(Path(__file__).parent)])
    names = [module.name for module in found if module.name != "catalogue"]
    names.sort(key=lambda name: FAMILIES.index(name) if name in FAMILIES else len(FAMILIES))
    return [f"{_PACKAGE}.{name}" for name in names]


def _palette_place(cls: type[Layer]) -> tuple[int, bool]:
    """Return where a layer stands: by family, and in it first what its own module has, as written.

    So the module that is called like a family lists the layers that most people look for.
    """
    family = FAMILIES.index(cls.family) if cls.family in FAMILIES else len(FAMILIES)
    return family, cls.__module__ != f"{_PACKAGE}.{cls.family}"


def _whole(cls: type[Layer]) -> bool:
    """Return whether a class is a layer, not only a base of some."""
    return bool(cls.family) and hasattr(cls, "infer") and not cls.__name__.startswith("_")


def _subclasses(base: type[Layer]) -> Iterator[type[Layer]]:
    for cls in base.__subclasses__():
        yield cls
        yield from _subclasses(cls)


def layer(kind: str, params: Mapping[str, Any]) -> Layer | list[Diagnostic]:
    """Return the layer that a node describes, or what keeps it from being one."""
    read = _read(kind, json.dumps(dict(params)))
    return read if isinstance(read, Layer) else [*read]


@lru_cache(_KEPT)
def _read(kind: str, params: str) -> Layer | list[Diagnostic]:
    """Read a layer from JSON text, which tells 1 from 1.0 and true; equal nodes share one."""
    cls = find(kind)
    return [unknown(kind)] if cls is None else cls.try_from_params(json.loads(params))


def unknown(kind: str) -> Diagnostic:
    """Return the finding for a kind that this version does not know."""
    nearest = nearest_word(kind, kinds())
    fix = (
        Fix(f'Use "{nearest}".', {"do": "set_kind", "kind": nearest})
        if nearest
        else Fix("Replace the node, or open the file with the version that wrote it.")
    )
    return Diagnostic(
        "kind-unknown",
        f'there is no layer called "{kind}"',
        found=kind,
        expected="a kind that `engine layers` lists",
        fixes=(fix,),
    )
