"""Imports that take no longer than they must.

Torch's modules are named here, as texts; torch is imported by whoever calls.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module

from engine.core.deferred_module import Late, put_off

# Where torch keeps the class by which its compiler knows what is none of its own, newest first.
_STRANGERS = (
    ("torch._custom_class_base", "CustomClassBaseMeta"),
    ("torch._opaque_base", "OpaqueBaseMeta"),
)


def _let_generators_be_made() -> None:
    """Let `torch.Generator` make some; it waits for a class that comes with what is put off.

    Where torch keeps that elsewhere, the whole is fetched, and is slow to come.
    """
    core = import_module("torch._C")
    for module, name in _STRANGERS:
        with suppress(ImportError, AttributeError):
            core._set_generator_metaclass(getattr(import_module(module), name))
            break
    try:
        core.Generator()
    except RuntimeError:
        import_module("torch._prims.rng_prims")


_FOR_COMPILERS = Late(
    "torch._meta_registrations",  # what operations answer, by shape, without their being computed
    brings=("torch._decomp", "torch._prims", "torch._refs"),  # operations in terms of others
    instead=_let_generators_be_made,
    harmless=("torch.utils._device",),  # which metrics ask for the device
)


@contextmanager
def quick_imports() -> Iterator[None]:
    """Import what stands on torch, for a program whose work it is to train or to predict.

    Why: a quarter of the time that torch takes to be imported, and 18 of its 220 MB, go into what
        only its compiler uses, and who asks for it gets it. Tensors of the device "meta", and
        `torch.ops.prims` and `rngprims`, need it without asking: whoever uses some imports
        `torch._meta_registrations` before.

    Until then only one thread may import anything of torch.
    """
    with no_garbage(), put_off(_FOR_COMPILERS):
        yield


@contextmanager
def no_garbage() -> Iterator[None]:
    """Import without a search for garbage, and leave what was imported out of all later ones.

    Why: what a module defines is never garbage, but there is so much of it that Python looks for
        some again and again: a sixth of the time that torch takes to be imported.
    """
    looks, before = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > before:  # else it would keep what has become garbage since
            gc.freeze()
        if looks:
            gc.enable()
