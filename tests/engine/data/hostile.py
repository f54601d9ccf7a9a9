"""What tests of hostile files share: what happens while one is opened, and in what memory."""

from __future__ import annotations

import codecs
import sys
import tracemalloc
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet
import pyarrow.types
import pytest

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.data.readers.binary import arrow_file
from engine.data.readers.table_file import DEFAULT_SIZE_LIMIT, open_table
from engine.data.readers.text import csv, csv_header, jsonl
from engine.recipe.csv_dialect import Dialect
from tests.engine.data.harmless import is_harmless

HARM = {"compile", "exec", "pickle.find_class", "os.system", "subprocess.Popen", "socket.connect"}
BYTES = 2**27
# What is loaded with the first table must be there before anybody listens.
LOADED = (
    pyarrow.compute, pyarrow.csv, pyarrow.json, pyarrow.parquet, pyarrow.types,
    csv, csv_header, arrow_file, jsonl,
)  # fmt: skip
DIALECT = Dialect()  # what it is checked by is built with the first one
CODECS = [codecs.lookup(name) for name in ("cp1252", "utf-8-sig", "utf-16", "utf-32")]


class Ear:
    """Hears what must not happen, while it is open."""

    def __init__(self) -> None:
        self.open = False
        self.heard: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.open and event in HARM and not is_harmless(event, arguments):
            self.heard.append(event)


EAR = Ear()  # one for all tests of a process, since no hook can be taken away again


def harm_of_opening(paths: Iterable[Path]) -> list[str]:
    """Open files, whatever they are, and answer what happened that must not."""
    EAR.heard.clear()
    for path in paths:
        EAR.open = True
        with suppress(DiagnosticError):
            open_table(path)
        EAR.open = False
    return [*EAR.heard]


def refused_in_little(path: Path, limit: int = DEFAULT_SIZE_LIMIT) -> Diagnostic:
    """Open a file that is to be refused in little memory, and say why."""
    pa.default_memory_pool().release_unused()
    before = pa.total_allocated_bytes()
    tracemalloc.start()
    with pytest.raises(DiagnosticError) as refused:
        open_table(path, limit=limit)
    python = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert pa.total_allocated_bytes() - before < BYTES
    assert python < BYTES
    return refused.value.diagnostics[0]
