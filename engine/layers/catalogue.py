"""Every kind of layer there is, found by looking into this package, in palette order."""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

import engine.layers
from engine.core.diagnostic import Diagnostic, Fix, nearest_word
from engine.layers.base import Layer

# Order of families in the palette; a family not named here comes last.
FAMILIES = (
    "io", "dense", "recurrent", "conv", "pool", "merge", "norm", "activation", "dropout", "shape",
    "attention",
)  # fmt: skip

_KEPT = 4096  # layers remembered


@cache
def kinds() -> Mapping[str, type[Layer]]:
    """Answer the layer classes by kind, in palette order."""
    for module in pkgutil.iter_modules(engine.layers.__path__, "engine.layers."):
        if module.name != __name__:
            import_module(module.name)
    classes = [cls for cls in _subclasses(Layer) if _whole(cls)]
    return {cls.kind(): cls for cls in sorted(classes, key=_palette_place)}


def _palette_place(cls: type[Layer]) -> tuple[int, bool]:
    """Answer where a layer stands: by family, and in it first what its own module has, as written.

    So the module that is called like a family lists the layers that most people look for.
    """
    family = FAMILIES.index(cls.family) if cls.family in FAMILIES else len(FAMILIES)
    return family, cls.__module__ != f"{engine.layers.__name__}.{cls.family}"


def _whole(cls: type[Layer]) -> bool:
    """Answer whether a class is a layer, not only a base of some."""
    return bool(cls.family) and hasattr(cls, "infer") and not cls.__name__.startswith("_")


def _subclasses(base: type[Layer]) -> Iterator[type[Layer]]:
    for cls in base.__subclasses__():
        yield cls
        yield from _subclasses(cls)


def layer(kind: str, params: Mapping[str, Any]) -> Layer | list[Diagnostic]:
    """Answer the layer that a node describes, or what keeps it from being one."""
    if kind not in kinds():
        return [unknown(kind)]
    read = _read(kind, json.dumps(dict(params)))
    return read if isinstance(read, Layer) else [*read]


@lru_cache(_KEPT)
def _read(kind: str, params: str) -> Layer | list[Diagnostic]:
    """Read a layer from JSON text, which tells 1 from 1.0 and true; equal nodes share one."""
    return kinds()[kind].problems(json.loads(params))


def unknown(kind: str) -> Diagnostic:
    """Answer the finding for a kind that this version does not know."""
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
