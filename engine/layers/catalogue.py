"""Lookup of all layer classes in this package, in palette order."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix, nearest_kind
from engine.core.symbolic.keras_hints import name_hint
from engine.layers.base import Layer

# Order of families in the palette. Families that are missing here come last.
FAMILIES = (
    "io", "dense", "recurrent", "conv", "pool", "merge", "norm", "activation", "dropout", "shape",
    "attention",
)  # fmt: skip

_PACKAGE = __name__.rpartition(".")[0]
_CACHE_SIZE = 4096  # number of layer types, known or not


@cache
def layer_classes() -> Mapping[str, type[Layer]]:
    """Return the layer classes by kind, in palette order."""
    classes = (cls for module in _modules() for cls in _layers_in(module))
    return {cls.kind(): cls for cls in sorted(classes, key=_palette_key)}


@lru_cache(_CACHE_SIZE)
def find_layer_class(kind: str) -> type[Layer] | None:
    """Return the class of a layer type, None if the type is unknown.

    Modules are imported one by one until the class is found, since most graphs use few of them.
    """
    classes = (cls for module in _modules() for cls in _layers_in(module))
    return next((cls for cls in classes if cls.kind() == kind), None)


@cache
def _modules() -> list[str]:
    """Return the full names of the modules of `engine.layers`, such as "engine.layers.pool".

    Modules that have the name of a layer family come first, in palette order of the families.
    """
    modules = pkgutil.iter_modules([str(Path(__file__).parent)])
    names = [module.name for module in modules if module.name != "catalogue"]
    names.sort(key=lambda name: FAMILIES.index(name) if name in FAMILIES else len(FAMILIES))
    return [f"{_PACKAGE}.{name}" for name in names]


def _palette_key(cls: type[Layer]) -> tuple[int, bool]:
    """Return the sort key of a layer: its family, then whether it is outside the family's module.

    The family's module has the name of the family. It defines the most common layers of the
    family, which come first.
    """
    family = FAMILIES.index(cls.family) if cls.family in FAMILIES else len(FAMILIES)
    return family, cls.__module__ != f"{_PACKAGE}.{cls.family}"


def _layers_in(module: str) -> Iterator[type[Layer]]:
    """Yield the layer types in a module, which is imported, without their base classes."""
    values = vars(import_module(module)).values()
    for cls in (cls for cls in values if isinstance(cls, type) and issubclass(cls, Layer)):
        if cls.family and hasattr(cls, "infer") and not cls.__name__.startswith("_"):
            yield cls


def parse_layer(kind: str, params: Mapping[str, Any]) -> Layer | list[Diagnostic]:
    """Return the layer of a type with these fields, or diagnostics if a field is invalid."""
    cls = find_layer_class(kind)
    return [unknown_kind(kind)] if cls is None else cls.try_from_params(params)


@lru_cache(_CACHE_SIZE)
def unknown_kind(kind: str) -> Diagnostic:
    """Return the diagnostic for an unknown layer type."""
    fix = Fix("Use a type that `engine layers` lists, or the version that wrote the file.")
    if instead := name_hint(kind):
        fix = Fix(instead)
    elif nearest := nearest_kind(kind, layer_classes()):
        fix = Fix(f'Use "{nearest}".', {"do": "set_kind", "kind": nearest})
    return Diagnostic.error(
        "kind-unknown",
        f'there is no layer type "{kind}"',
        fix,
        found=kind,
        expected="a kind that `engine layers` lists",
    )
