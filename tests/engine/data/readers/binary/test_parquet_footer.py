"""What is read off a Parquet footer is what pyarrow reads off it; damaged ones are told."""

import struct
from contextlib import suppress

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.readers.binary.parquet_footer import (
    BYTE_ARRAY,
    DELTA_BYTE_ARRAY,
    read_column_chunks,
)
from engine.data.readers.binary.thrift import read_struct

TABLE = pa.table(
    {
        "x": np.arange(1_000),
        "f": np.linspace(0, 1, 1_000, dtype=np.float32),
        "b": [True, False] * 500,
        "t": [f"text {row % 7}" for row in range(1_000)],
        "l": [[row, row] for row in range(1_000)],
        "s": [{"a": row, "b": "x"} for row in range(1_000)],
        "d": pa.array(range(1_000), pa.timestamp("ns")),
    }
)
KINDS = ["BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY"]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"row_group_size": 100},
        {"use_dictionary": False, "compression": "zstd"},
        {"version": "1.0", "use_deprecated_int96_timestamps": True},
        {"data_page_version": "2.0", "write_statistics": False, "store_schema": False},
        {"use_dictionary": False, "column_encoding": {"t": "DELTA_BYTE_ARRAY"}},
        {"write_page_index": True, "compression": "none"},
    ],
)
def test_parts_are_those_that_pyarrow_finds(options, tmp_path):
    path = tmp_path / "t.parquet"
    pq.write_table(TABLE, path, **options)
    metadata = pq.read_metadata(path)
    parts = iter(read_column_chunks(path))
    for group in range(metadata.num_row_groups):
        for place in range(metadata.num_columns):
            told, found = metadata.row_group(group).column(place), next(parts)
            assert found.path == told.path_in_schema
            assert KINDS[found.physical_type] == told.physical_type
            assert found.value_count == told.num_values
            assert found.uncompressed_size == told.total_uncompressed_size
            text = told.physical_type == "BYTE_ARRAY"
            assert (found.dictionary_size > 0) == (told.has_dictionary_page and text)
            assert found.dictionary_size <= found.uncompressed_size
            assert len(found.encodings) == len(told.encodings)
            delta = DELTA_BYTE_ARRAY in found.encodings
            assert delta == ("DELTA_BYTE_ARRAY" in told.encodings)
    assert next(parts, None) is None


def test_text_in_a_dictionary_is_known_by_its_kind(tmp_path):
    path = tmp_path / "t.parquet"
    pq.write_table(TABLE.select(["t"]), path)
    (part,) = read_column_chunks(path)
    assert part.physical_type == BYTE_ARRAY
    assert part.dictionary_size == sum(len(f"text {row}") + 4 for row in range(7))


@pytest.mark.parametrize(
    "data",
    [b"", b"PAR1", b"PAR1PAR1", b"PAR1" + struct.pack("<I", 900) + b"PAR1",
     b"PAR1" + b"\0" * 20 + struct.pack("<I", 2**31) + b"PAR1", b"PARE" + b"\0" * 20 + b"PARE"],
)  # fmt: skip
def test_a_file_without_a_footer_is_told(data, tmp_path):
    path = tmp_path / "t.parquet"
    path.write_bytes(data)
    with pytest.raises(ValueError, match="bytes|magic number"):
        read_column_chunks(path)


def test_structs_lists_and_numbers_of_the_compact_protocol():
    # 1: i32 -3; 2: binary "ab"; 4: list of i64 [1, 300]; 5: true; 6: struct {1: 7}; 7: 0.5
    data = (
        bytes([0x15, 5, 0x18, 2]) + b"ab" + bytes([0x29, 0x26, 2, 0xD8, 4, 0x11, 0x1C, 0x15, 14, 0])
    )
    data += bytes([0x17]) + struct.pack("<d", 0.5) + b"\0"
    assert read_struct(data) == {1: -3, 2: b"ab", 4: [1, 300], 5: True, 6: {1: 7}, 7: 0.5}


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_a_struct_or_refused(data):
    with suppress(ValueError):
        assert isinstance(read_struct(data), dict)


@pytest.mark.parametrize("data", [b"\x1c" * 100_000, b"\x19" * 100_000, b"\x19\xfc" + b"\xff" * 9])
def test_depth_and_sizes_are_bounded(data):
    with pytest.raises(ValueError, match="deep|bytes|bits|kind"):
        read_struct(data)
