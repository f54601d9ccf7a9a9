"""Views of text: the same texts, or a refusal where one looks outside of its buffer."""

import struct

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.readers.binary.arrow_string_views import validate_string_views

LONG = b"a text of more than twelve bytes"


def viewed(*rows, validity=None, data=(LONG,)):
    views = b"".join(struct.pack("<i4sii", *row) for row in rows)
    buffers = [validity, pa.py_buffer(views), *map(pa.py_buffer, data)]
    return pa.Array.from_buffers(pa.string_view(), len(rows), buffers)


@given(st.lists(st.none() | st.text(st.characters(exclude_categories=("Cs",)), max_size=20)),
       st.integers(0, 3))  # fmt: skip
def test_texts_and_holes_are_the_same(texts, start):
    chunk = pa.array(texts, pa.string_view())[start:]
    same, size = validate_string_views(chunk)
    assert same.cast(pa.large_string()).to_pylist() == texts[start:]
    assert size == sum(len((text or "").encode()) + 8 for text in texts[start:])


@pytest.mark.parametrize(
    "row",
    [(-1, b"aaaa", 0, 0), (99, b"a te", 0, 0), (20, b"a te", 1, 0), (20, b"a te", -1, 0),
     (20, b"a te", 0, 30), (20, b"a te", 0, -5)],
)  # fmt: skip
def test_a_view_of_what_is_not_there_is_refused(row):
    with pytest.raises(ValueError, match="outside"):
        validate_string_views(viewed(row))


def test_what_a_missing_row_looks_at_does_not_matter():
    chunk = viewed((20, b"a te", 9, 9), (3, b"abc\0", 0, 0), validity=pa.py_buffer(b"\x02"))
    assert validate_string_views(chunk)[0].cast(pa.large_string()).to_pylist() == [None, "abc"]


def test_every_row_counts_with_the_text_that_it_looks_at():
    chunk = viewed(*[(len(LONG), LONG[:4], 0, 0)] * 100)
    assert validate_string_views(chunk)[1] == 100 * (len(LONG) + 8)
