"""Tables of all formats in one sequence, compressed ones and folders of images among them."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
from PIL import Image

import engine.data.encoders.tokenizer  # noqa: F401  # else the first table that needs it loads it
from engine.check.report import check
from engine.data.prepared_data import check_data
from engine.data.readers.table_file import open_table
from tests.engine.runtime.small import node, project
from tests.reliability.mutate import damaged
from tests.reliability.readers_data import (
    TAKEN,
    Arrow,
    Csv,
    JsonLines,
    Npy,
    Npz,
    Packed,
    Parquet,
    Streams,
    Tables,
    columns,
)


class Tsv(Csv):
    """TSV with the same oddities as CSV."""

    name = "d.tsv"

    def whole(self) -> bytes:
        return self.written(self.cells(), "\t")


class PackedLines(JsonLines):
    """JSON Lines in gzip."""

    name = "d.jsonl.gz"

    def whole(self) -> bytes:
        return gzip.compress(super().whole())

    def odd(self, chosen: random.Random) -> bytes:
        return gzip.compress(super().odd(chosen), 1)


class PackedNpz(Npz):
    """Compressed NumPy archives with damage anywhere."""

    def whole(self) -> bytes:
        return self.written(self.members(), zipfile.ZIP_DEFLATED)

    def odd(self, chosen: random.Random) -> bytes:
        return damaged(self._whole, chosen)


class PackedParquet(Parquet):
    """Parquet with compressed pages of texts without a dictionary."""

    def whole(self) -> bytes:
        file = io.BytesIO()
        pq.write_table(pa.table(columns()), file, compression="zstd", use_dictionary=False)
        return file.getvalue()


class Feather(Arrow):
    """Compressed Arrow files, with dictionaries and views of text."""

    name = "d.feather"

    def whole(self) -> bytes:
        file = io.BytesIO()
        table = pa.table(columns())
        views = table["when"].cast(pa.string_view())
        table = table.set_column(3, "when", views).append_column(
            "word", table["kind"].dictionary_encode()
        )
        feather.write_feather(table, file, compression="lz4")
        return file.getvalue()


class ImageFolder(Tables):
    """A folder of images of two classes, one of which is damaged."""

    name = "a"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for label in "ab":
            (folder / label).mkdir()
            for number in range(4):
                Image.fromarray(np.full((4, 4, 3), 40 * number, np.uint8)).save(
                    folder / label / f"{number}.png"
                )
        super().__init__(folder)
        self._place = folder / "a" / "0.png"

    def whole(self) -> bytes:
        return (self._folder / "a" / "0.png").read_bytes()

    def read(self, file: bytes) -> str:
        (self._folder / "a" / "0.png").write_bytes(file)
        assert open_table(self._folder).row_count == 8
        found = [each for each in check_data(_images(), self._folder) if str(each)]
        return next((each.code for each in found if each.is_error), TAKEN)


def _images() -> Any:
    return check(
        project(
            node("image", "Input", shape=[4, 4, 3]),
            node("flat", "Flatten", "image"),
            node("d", "Dense", "flat", units=2, activation="softmax"),
            node("label", "Output", "d", loss="sparse_categorical_crossentropy"),
        ),
        available=1 << 30,
    )


KINDS: tuple[type[Tables], ...] = (
    Csv, Packed, Tsv, JsonLines, PackedLines, Npz, PackedNpz, Npy, Parquet, PackedParquet, Arrow,
    Feather, Streams, ImageFolder,
)  # fmt: skip


class AllTables:
    """Files of each format in turn."""

    def __init__(self, folder: Path) -> None:
        self._readers: list[Tables] = []
        for kind in KINDS:
            (folder / kind.__name__).mkdir()
            self._readers.append(kind(folder / kind.__name__))

    def files(self, chosen: random.Random) -> Iterator[tuple[int, bytes]]:
        sources = [reader.files(chosen) for reader in self._readers]
        for number in cycle(range(len(sources))):
            yield number, next(sources[number])

    def read(self, file: tuple[int, bytes]) -> str:
        number, data = file
        return self._readers[number].read(data)
