"""Faster import of torch: torch's compiler is deferred, and garbage collection is paused.

Importing this module doesn't import torch: torch's modules are referred to by name, as strings.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module

from engine.core.deferred_module import DeferredModule, defer_import

# The module and name of the metaclass that `torch.Generator` needs, for each torch version, the
# newest first.
_GENERATOR_METACLASSES = (
    ("torch._custom_class_base", "CustomClassBaseMeta"),
    ("torch._opaque_base", "OpaqueBaseMeta"),
)


def _set_generator_metaclass() -> None:
    """Set the metaclass of `torch.Generator`, which torch sets when it imports its compiler.

    If torch has none of the metaclasses in `_GENERATOR_METACLASSES`, import the module of the
    compiler that sets the metaclass. This import is slow.
    """
    core = import_module("torch._C")
    for module, name in _GENERATOR_METACLASSES:
        with suppress(ImportError, AttributeError):
            core._set_generator_metaclass(getattr(import_module(module), name))
            break
    try:
        core.Generator()
    except RuntimeError:
        import_module("torch._prims.rng_prims")


_COMPILER_MODULES = DeferredModule(
    "torch._meta_registrations",  # shape functions of operators, for tensors without data
    imports=("torch._decomp", "torch._prims", "torch._refs"),  # decompositions of operators
    substitute=_set_generator_metaclass,
    independent=("torch.utils._device",),  # metrics import it
)


@contextmanager
def fast_torch_import() -> Iterator[None]:
    """Make `import torch` faster inside this context: defer modules that only its compiler uses.

    A deferred module is imported when code first accesses it. Import `torch._meta_registrations`
    before the use of `torch.ops.prims`, `torch.ops.rngprims` or tensors on the device "meta". They
    need the deferred modules, but don't access them. Until the deferred modules are imported, only
    one thread may import modules of torch.

    Why: the deferred modules take a quarter of torch's import time, and 18 of its 220 MB.
    """
    with without_gc(), defer_import(_COMPILER_MODULES):
        yield


@contextmanager
def without_gc() -> Iterator[None]:
    """Pause garbage collection during imports; later collections skip the imported objects.

    Why: what a module defines is never garbage. Yet so many new objects trigger collections, and
        these take a sixth of torch's import time.
    """
    was_enabled, module_count = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > module_count:  # without imports, freezing would only keep garbage
            gc.freeze()
        if was_enabled:
            gc.enable()
