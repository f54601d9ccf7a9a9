"""pyarrow, loaded once a table needs it: a training on arrays alone does without its 45 MB."""

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

    class _Late:
        """A module that is imported when something of it is asked for first."""

        def __init__(self, name: str) -> None:
            self._name = name

        def __getattr__(self, name: str) -> Any:
            found = getattr(importlib.import_module(self._name), name)
            setattr(self, name, found)  # found here from now on
            return found

    pa = _Late("pyarrow")
    pc = _Late("pyarrow.compute")
    pacsv = _Late("pyarrow.csv")
    pajson = _Late("pyarrow.json")
    pq = _Late("pyarrow.parquet")
    types = _Late("pyarrow.types")

__all__ = ["pa", "pacsv", "pajson", "pc", "pq", "types"]
