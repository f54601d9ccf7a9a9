"""Imports that take no longer than they must."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module

from engine.core.put_off import Late, put_off


def _let_generators_be_made() -> None:
    """Let `torch.Generator` make some: the class that compilers know it by lies in what is put off.

    Where torch keeps that elsewhere, it is fetched from there, and is slow to come.
    """
    torch = import_module("torch._C")
    with suppress(ImportError, AttributeError):
        torch._set_generator_metaclass(import_module("torch._opaque_base").OpaqueBaseMeta)
    try:
        torch.Generator()
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
        only its compiler uses, and who asks for it gets it. Tensors of the device "meta" alone
        need it without asking: who makes some imports `torch._meta_registrations` before.

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
