"""Tables of every format, archives and cached rows: read, encoded and checked, or rejected."""

from __future__ import annotations

import gzip
import io
import json
import random
import shutil
import zipfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.feather as feather
import pyarrow.json
import pyarrow.parquet as pq
import pyarrow.types

from engine.check.report import check
from engine.data.cache.policy import CacheSettings
from engine.data.cache.storage import RECORD_FILE, list_entries, read_record
from engine.data.prepared_data import check_data, prepare_data
from engine.data.profile.table_profile import profile_table
from engine.data.readers.table_file import open_table, read_table_chunks
from tests.engine.runtime.small import node, project
from tests.reliability.mutate import damaged, odd_json

TAKEN = "taken"
LIMIT = 64 << 20  # bytes that a table may declare
COUNT = 24
ODD_CELLS = (
    "", " ", "nan", "-inf", "1e999", "1_000", "1,5", "\u0661", "12 years", '"', '""', "\0",
    "\ufeff", "\u202e", "x" * 70_000, "=1+1", "../../etc/passwd", "http://127.0.0.1:9/x", "\n",
    "\r", ";", ",", "2024-02-31", "-0", "9" * 400, "\udcff",
)  # fmt: skip


def columns() -> dict[str, Any]:
    """Return the columns of a valid table."""
    rng = np.random.default_rng(0)
    return {
        "x": rng.normal(size=COUNT),
        "ids": [[*map(int, rng.integers(1, 9, size=row % 3 + 1))] for row in range(COUNT)],
        "kind": ["a", "b", "c"] * (COUNT // 3),
        "when": [f"2024-01-{row + 1:02}" for row in range(COUNT)],
        "y": rng.normal(size=COUNT),
    }


def graph() -> Any:
    """Return a network with all columns as inputs or targets."""
    return check(
        project(
            node("x", "Input", shape=[1]),
            node("ids", "Input", shape=[None], dtype="int32"),
            node("when", "Input", shape=[7]),
            node("e", "Embedding", "ids", input_dim=9, output_dim=2),
            node("p", "GlobalAveragePooling1D", "e"),
            node("all", "Concatenate", {"xs": ["x", "p", "when"]}),
            node("d", "Dense", "all", units=1),
            node("c", "Dense", "all", units=3, activation="softmax"),
            node("y", "Output", "d", loss="mse"),
            node("kind", "Output", "c", loss="sparse_categorical_crossentropy"),
            data={"inputs": {"when": {"column": "when", "encode": "date"}}},
        ),
        available=1 << 30,
    )


def as_text(value: Any) -> str:
    """Return a cell of a CSV."""
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


class Tables:
    """Files of one format; each subclass creates its own."""

    name = ""

    def __init__(self, folder: Path) -> None:
        self._place = folder / self.name
        self._report = graph()
        assert not self._report.errors
        self._whole = self.whole()
        assert self.read(self._whole) == TAKEN

    def whole(self) -> bytes:
        """Return a valid file."""
        raise NotImplementedError

    def odd(self, chosen: random.Random) -> bytes:
        """Return a file with a mutation that is specific to this format."""
        return damaged(self._whole, chosen)

    def files(self, chosen: random.Random) -> Iterator[bytes]:
        while True:
            bytewise = chosen.random() < 0.3
            yield damaged(self._whole, chosen) if bytewise else self.odd(chosen)

    def read(self, file: bytes) -> str:
        self._place.write_bytes(file)
        table = open_table(self._place, LIMIT)
        parts = [*read_table_chunks(self._place, chunk_rows=max(5, table.row_count // 5))]
        assert sum(part.row_count for part in parts) == table.row_count
        for name, column in table.columns.items():
            cells = [cell for part in parts for cell in part.columns[name].tolist()]
            assert [*map(comparable, cells)] == [*map(comparable, column.tolist())], name
        profile_table(table)
        found = [each for each in check_data(self._report, self._place) if str(each)]
        return next((each.code for each in found if each.is_error), TAKEN)


def comparable(cell: Any) -> str:
    """Return a cell as text; an integer equals the float, and a missing number another one."""
    if isinstance(cell, list):
        return str([*map(comparable, cell)])
    return repr(float(cell) if isinstance(cell, int) else cell)


class Csv(Tables):
    """CSV with unusual cells, quotes, lines and bytes."""

    name = "d.csv"

    def cells(self) -> list[list[str]]:
        whole = columns()
        return [[*whole], *([as_text(whole[name][row]) for name in whole] for row in range(COUNT))]

    def written(self, lines: list[list[str]], sign: str = ",") -> bytes:
        text = "\n".join(sign.join(cells) for cells in lines) + "\n"
        return text.encode("utf-8", "surrogateescape")

    def whole(self) -> bytes:
        return self.written(self.cells())

    def odd(self, chosen: random.Random) -> bytes:
        lines = self.cells()
        for _ in range(chosen.choice((1, 1, 2, 5))):
            line = chosen.choice(lines)
            match chosen.randrange(6):
                case 0 if line:
                    del line[chosen.randrange(len(line))]
                case 1:
                    line.append(chosen.choice(ODD_CELLS))
                case 2:
                    lines.insert(chosen.randrange(len(lines)), list(chosen.choice(lines)))
                case _ if line:
                    line[chosen.randrange(len(line))] = chosen.choice(ODD_CELLS)
        data = self.written(lines, chosen.choice((",", ",", ";", "\t", "|")))
        coding = chosen.choice(("utf-8",) * 9 + ("utf-16", "latin-1"))
        return data.decode("utf-8", "replace").encode(coding, "replace")


class Packed(Csv):
    """CSV in gzip; some files are decompression bombs."""

    name = "d.csv.gz"

    def whole(self) -> bytes:
        return gzip.compress(super().whole())

    def odd(self, chosen: random.Random) -> bytes:
        if chosen.random() < 0.02:
            # Compressed to a thousandth; less compressed, it is a valid table of many rows.
            return gzip.compress(chosen.choice((b"\0", b"1,2\n", b"x")) * (8 << 20), 9)
        return gzip.compress(super().odd(chosen), 1)


class JsonLines(Tables):
    """JSON Lines, with unusual values in some lines."""

    name = "d.jsonl"

    def lines(self) -> list[dict[str, Any]]:
        whole = columns()
        return [
            {
                name: list(column[row]) if name == "ids" else plain(column[row])
                for name, column in whole.items()
            }
            for row in range(COUNT)
        ]

    def whole(self) -> bytes:
        return b"".join(json.dumps(line).encode() + b"\n" for line in self.lines())

    def odd(self, chosen: random.Random) -> bytes:
        told = [json.dumps(line).encode() for line in self.lines()]
        for _ in range(chosen.choice((1, 1, 3))):
            place = chosen.randrange(COUNT)
            told[place] = odd_json(self.lines()[place], chosen)
        return b"\n".join(told) + b"\n"


def plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    return value.item() if isinstance(value, np.generic) else value


class Npz(Tables):
    """NumPy archives with wrong headers or invalid members, but valid checksums."""

    name = "d.npz"

    def members(self) -> dict[str, bytes]:
        whole = columns()
        whole["ids"] = np.array([[*each, 0, 0][:3] for each in whole["ids"]])
        return {f"{name}.npy": npy(np.array(column)) for name, column in whole.items()}

    def written(self, members: dict[str, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", how) as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        return file.getvalue()

    def whole(self) -> bytes:
        return self.written(self.members())

    def odd(self, chosen: random.Random) -> bytes:
        members = self.members()
        name = chosen.choice([*members])
        if chosen.random() < 0.2:
            other = chosen.choice(("../e.npy", "/e.npy", "e.txt", "\u202e.npy", "a/b.npy", ".npy"))
            members[other] = members.pop(name)
        else:
            members[name] = odd_npy(members[name], chosen)
        return self.written(members, chosen.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))


def npy(array: Any) -> bytes:
    """Return an array as the bytes of an .npy file."""
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def odd_npy(data: bytes, chosen: random.Random) -> bytes:
    """Return an .npy file with a wrong header or other bytes."""
    if chosen.random() < 0.4:
        return damaged(data, chosen)
    length = int.from_bytes(data[8:10], "little")
    header, body = data[10 : 10 + length].decode("latin-1"), data[10 + length :]
    shape = chosen.choice(("(24,)", "(-1,)", "()", f"({10**12},)", "(2, 12)", "(0,)", "(24, 0)"))
    kind = chosen.choice(("<f8", ">f4", "|O", "<c8", "|V8", "<U9", "<M8[s]", "<q9", "|b1", "<u8"))
    told = chosen.choice((
        f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}",
        f"{{'descr': '{kind}', 'fortran_order': True, 'shape': (24,), }}",
        header.replace("(24", chosen.choice(("(23", "(25", "(__import__('os')", "(2400"))),
        header[: chosen.randrange(len(header))],
    ))  # fmt: skip
    head = told.encode("latin-1", "replace").ljust(length)
    return data[:8] + len(head).to_bytes(2, "little") + head + body


class Npy(Tables):
    """A folder of arrays, one of them invalid."""

    name = "x.npy"

    def __init__(self, folder: Path) -> None:
        for name, data in Npz.members(self).items():  # type: ignore[arg-type]
            (folder / name).write_bytes(data)
        super().__init__(folder)

    def whole(self) -> bytes:
        return npy(columns()["x"])

    def odd(self, chosen: random.Random) -> bytes:
        return odd_npy(self._whole, chosen)

    def read(self, file: bytes) -> str:
        self._place.write_bytes(file)
        folder = self._place.parent
        table = open_table(folder, LIMIT)
        assert (
            sum(part.row_count for part in read_table_chunks(folder, chunk_rows=5))
            == table.row_count
        )
        found = [each for each in check_data(self._report, folder) if str(each)]
        return next((each.code for each in found if each.is_error), TAKEN)


class Parquet(Tables):
    """Parquet with damage anywhere, or in the footer."""

    name = "d.parquet"

    def whole(self) -> bytes:
        file = io.BytesIO()
        pq.write_table(pa.table(columns()), file, row_group_size=10)
        return file.getvalue()

    def odd(self, chosen: random.Random) -> bytes:
        at = len(self._whole) - int.from_bytes(self._whole[-8:-4], "little") - 8
        footer = bytearray(self._whole[at:])
        for _ in range(chosen.choice((1, 1, 2, 4))):
            footer[chosen.randrange(len(footer))] = chosen.choice(
                (0, 1, 127, 255, chosen.randrange(256))
            )
        return self._whole[:at] + bytes(footer)


class Arrow(Tables):
    """Arrow files."""

    name = "d.arrow"

    def whole(self) -> bytes:
        file = io.BytesIO()
        feather.write_feather(pa.table(columns()), file, compression="uncompressed")
        return file.getvalue()

    def odd(self, chosen: random.Random) -> bytes:
        data = bytearray(self._whole)
        for _ in range(chosen.choice((1, 1, 2, 4))):
            place = chosen.randrange(len(data))
            data[place] = chosen.choice((0, 1, 127, 255, chosen.randrange(256)))
        return bytes(data)


class Streams(Arrow):
    """Arrow streams."""

    name = "d.arrows"

    def whole(self) -> bytes:
        file = io.BytesIO()
        table = pa.table(columns())
        with pa.ipc.new_stream(file, table.schema) as stream:
            stream.write_table(table, max_chunksize=10)
        return file.getvalue()


class CachedRows:
    """Cached rows: damaged files are rebuilt and give the same rows."""

    def __init__(self, folder: Path) -> None:
        self._data, self._folder = folder / "d.csv", folder / "cache"
        self._data.write_bytes(Csv.whole(Csv.__new__(Csv)))
        self._report = graph()
        first = prepare_data(
            self._report, self._data, None, caching=CacheSettings(True, self._folder)
        )
        self._digest, self._sides = first.digest, dict(first.sides)
        (self._entry,) = [each.path for each in list_entries(self._folder)]
        self._sound = folder / "sound"
        shutil.copytree(self._entry, self._sound)
        self._record = read_record(self._entry)

    def files(self, chosen: random.Random) -> Iterator[tuple[str, bytes]]:
        names = sorted(file.name for file in self._sound.iterdir())
        for number in count():
            name = chosen.choice(names)
            sound = (self._sound / name).read_bytes()
            if number % 20 == 0:  # a valid file, so that some files are accepted
                yield RECORD_FILE, (self._sound / RECORD_FILE).read_bytes()
            elif name == RECORD_FILE and chosen.random() < 0.3:
                yield name, odd_json(self._record, chosen)
            else:
                yield name, damaged(sound, chosen)

    def read(self, file: tuple[str, bytes]) -> str:
        name, data = file
        shutil.rmtree(self._entry, ignore_errors=True)
        shutil.copytree(self._sound, self._entry)  # keeps the times of the files
        (self._entry / name).write_bytes(data)
        list_entries(self._folder)
        told = prepare_data(
            self._report, self._data, None, caching=CacheSettings(True, self._folder)
        )
        same = (told.digest, dict(told.sides)) == (self._digest, self._sides)
        assert same, "damaged rows were trained on"
        return "made anew" if (self._entry / name).read_bytes() != data else TAKEN
