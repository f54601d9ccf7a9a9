"""Lazy imports of pyarrow, which takes 45 MB of memory and is not needed to train on arrays."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv as pacsv
    import pyarrow.json as pajson
    import pyarrow.parquet as pq
    from pyarrow import types
else:

    class _LazyModule:
        """A proxy of a module that is imported at the first access to an attribute."""

        def __init__(self, name: str) -> None:
            self._name = name

        def __getattr__(self, name: str) -> Any:
            value = getattr(importlib.import_module(self._name), name)
            setattr(self, name, value)  # later accesses find the attribute
            return value

    pa = _LazyModule("pyarrow")
    pc = _LazyModule("pyarrow.compute")
    pacsv = _LazyModule("pyarrow.csv")
    pajson = _LazyModule("pyarrow.json")
    pq = _LazyModule("pyarrow.parquet")
    types = _LazyModule("pyarrow.types")

__all__ = ["pa", "pacsv", "pajson", "pc", "pq", "types"]
