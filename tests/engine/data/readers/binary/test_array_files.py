"""Arrays from files: hostile ones are refused by code, sound ones keep their values."""

import io
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.core.diagnostic import DiagnosticError
from engine.data.readers.binary.array_files import open_npz
from engine.data.readers.table_file import open_table
from engine.data.table.column_types import is_text
from engine.data.writers.npz import npz_bytes
from tests.engine.data.hostile import harm_of_opening, refused_in_little

GIB = 2**30


def npy(array=None, header=None, body=b"", version=(1, 0)):
    """Return a .npy file, of an array or with a header of one's own."""
    if header is None:
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, np.asarray(array), allow_pickle=True)
        return buffer.getvalue()
    text = header.encode("latin-1") + b"\n"
    size = struct.pack("<H" if version[0] == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes(version) + size + text + body


def head(descr="'<f4'", shape="(2,)", fortran="False"):
    return f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}"


def archive(**members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return packed.getvalue()


def one(data):
    return archive(**{"x.npy": data})


def twice():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("x.npy", npy([1.0]))
        with pytest.warns(UserWarning, match="Duplicate"):
            file.writestr("x.npy", npy([2.0]))
    return packed.getvalue()


def encrypted():
    data = bytearray(one(npy([1.0])))
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(sign) + place] |= 1
    return bytes(data)


def wrong_checksum():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("x.npy", npy([1.0, 2.0]))
    data = bytearray(packed.getvalue())
    data[data.index(b"PK\x01\x02") - 1] ^= 0xFF
    return bytes(data)


SOUND = npy([1.0, 2.0])
FOUR = b"\0" * 8
CORPUS = {
    "random bytes": (np.random.default_rng(0).bytes(500), "data-format"),
    "empty file": (b"", "no-rows"),
    "truncated": (one(SOUND)[:-30], "data-format"),
    "empty archive": (archive(), "data-not-found"),
    "pickle instead of npy": (one(b"\x80\x04N."), "data-format"),
    "no bytes in member": (one(b""), "data-format"),
    "object array": (one(npy(np.array([{}, None], object))), "array-dtype"),
    "structured": (one(npy(np.zeros(2, [("a", "f4")]))), "array-dtype"),
    "void": (one(npy(np.zeros(2, "V4"))), "array-dtype"),
    "complex": (one(npy(np.zeros(2, "c8"))), "array-dtype"),
    "dates": (one(npy(np.zeros(2, "M8[D]"))), "array-dtype"),
    "dates without unit": (one(npy(np.zeros(2, "M8"))), "array-dtype"),
    "time spans": (one(npy(np.zeros(2, "m8[s]"))), "array-dtype"),
    "bytes": (one(npy(np.array([b"ab"]))), "array-dtype"),
    "long double": (one(npy(np.zeros(2, np.longdouble))), "array-dtype"),
    "too large a uint64": (one(npy(np.array([2**63], np.uint64))), "array-dtype"),
    "traversal": (archive(**{"../../evil.npy": SOUND}), "archive-odd"),
    "absolute": (archive(**{"/evil.npy": SOUND}), "archive-odd"),
    "backslash": (archive(**{"a\\b.npy": SOUND}), "archive-odd"),
    "not npy": (archive(**{"readme.txt": b"hello"}), "archive-odd"),
    "no name": (archive(**{".npy": SOUND}), "archive-odd"),
    "encrypted": (encrypted(), "archive-odd"),
    "checksum": (wrong_checksum(), "array-broken"),
    "a billion rows": (one(npy(header=head(shape="(1000000000000,)"))), "data-too-large"),
    "a thousand rows": (one(npy(header=head(shape="(1000,)"), body=FOUR)), "array-broken"),
    "overflow": (one(npy(header=head(shape="(4294967296, 4294967296)"))), "data-too-large"),
    "negative": (one(npy(header=head(shape="(-1,)"), body=FOUR)), "array-broken"),
    "65 axes": (one(npy(header=head(shape=f"({'1,' * 65})"), body=FOUR)), "array-broken"),
    "no axis": (one(npy(header=head(shape="()"), body=b"\0" * 4)), "array-broken"),
    "short": (one(npy(header=head(), body=b"\0" * 7)), "array-broken"),
    "extra bytes": (one(npy(header=head(), body=b"\0" * 9)), "array-broken"),
    "code in the header": (one(npy(header=head(shape="(__import__('os'),)"))), "array-broken"),
    "kind unknown": (one(npy(header=head(descr="'<q9'"), body=FOUR)), "array-broken"),
    "float of 3 bytes": (one(npy(header=head(descr="'<f3'"), body=FOUR)), "array-broken"),
    "text of no length": (one(npy(header=head(descr="'<U0'"))), "array-broken"),
    "beyond Unicode": (one(npy(header=head(descr="'<U1'"), body=b"\xff" * 8)), "array-broken"),
    "text of another kind": (one(npy(header=head(descr="'T'"), body=bytes(32))), "array-broken"),
    "no rows of too many": (one(npy(header=head(shape=f"(0, {2**62}, 8)"))), "array-broken"),
    "two negatives": (one(npy(header=head(shape="(-1, -2)"), body=FOUR)), "array-broken"),
    "100 axes": (one(npy(header=head(shape=f"({'1,' * 100})"), body=FOUR[4:])), "array-broken"),
    "depth": (one(npy(header="(" * 9_000)), "array-broken"),
    "key missing": (one(npy(header="{'descr': '<f4', 'shape': (2,), }")), "array-broken"),
    "version 9": (one(npy(header=head(), body=FOUR, version=(9, 0))), "array-broken"),
    "endless header": (one(b"\x93NUMPY\x02\0" + struct.pack("<I", 2**31)), "array-broken"),
    "header cut": (one(b"\x93NUMPY\x01\0" + struct.pack("<H", 90) + b"{"), "array-broken"),
    "rows differ": (archive(**{"x.npy": npy([1, 2]), "y.npy": npy([1])}), "rows-differ"),
}


@pytest.mark.parametrize("name", CORPUS)
def test_a_hostile_archive_is_refused_with_its_code_and_a_way_out(name, tmp_path):
    data, code = CORPUS[name]
    path = tmp_path / "data.npz"
    path.write_bytes(data)
    found = refused_in_little(path)
    assert found.code == code
    assert found.found
    assert found.expected
    assert found.fixes
    assert "pickle" not in str(found)


LYING = (
    "object array", "a billion rows", "a thousand rows", "overflow", "negative", "65 axes",
    "no axis", "short", "extra bytes", "code in the header", "endless header", "header cut",
)  # fmt: skip


@pytest.mark.parametrize("name", LYING)
def test_a_lying_array_is_refused_in_a_file_of_its_own_too(name, tmp_path):
    data, code = CORPUS[name]
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        (tmp_path / "x.npy").write_bytes(packed.read("x.npy"))
    assert refused_in_little(tmp_path / "x.npy").code == code
    assert refused_in_little(tmp_path).code == code


@pytest.mark.parametrize("count", [20_000, 400_000])
def test_an_archive_of_very_many_members_is_refused(count, tmp_path):
    sound = one(npy([1.0]))
    place = sound.index(b"PK\x01\x02")
    end = sound.index(b"PK\x05\x06")
    entry = sound[place:end]
    size = struct.pack("<I", count * len(entry))
    data = sound[:place] + entry * count + sound[end : end + 12] + size + sound[end + 16 :]
    (tmp_path / "data.npz").write_bytes(data)
    assert refused_in_little(tmp_path / "data.npz").code == "archive-odd"


def test_members_that_share_their_bytes_are_refused(tmp_path):
    """As in the archive of 42 kB that unpacks to gigabytes without a nested one."""
    sound = one(npy([1.0]))
    place, end = sound.index(b"PK\x01\x02"), sound.index(b"PK\x05\x06")
    other = sound[place:end].replace(b"x.npy", b"y.npy")
    size = struct.pack("<I", 2 * len(other))
    data = sound[:end] + other + sound[end : end + 8] + b"\2\0\2\0" + size + sound[end + 16 :]
    (tmp_path / "data.npz").write_bytes(data)
    assert refused_in_little(tmp_path / "data.npz").code == "array-broken"


def test_an_error_of_what_reads_an_open_archive_stays_what_it_is(tmp_path):
    (tmp_path / "data.npz").write_bytes(one(SOUND))
    with pytest.raises(ValueError, match="own"), open_npz(tmp_path / "data.npz"):
        raise ValueError("own")


def test_a_name_that_occurs_twice_is_refused(tmp_path):
    path = tmp_path / "data.npz"
    path.write_bytes(twice())
    with pytest.raises(DiagnosticError) as refused:
        open_table(path)
    assert refused.value.diagnostics[0].code == "archive-odd"


@pytest.mark.slow
def test_a_zip_bomb_is_refused_unread_in_little_time_and_memory(tmp_path):
    path = tmp_path / "bomb.npz"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file,
        file.open("x.npy", "w", force_zip64=True) as member,
    ):
        member.write(npy(header=head(descr="'|u1'", shape=f"({2**29},)")))
        for _ in range(2**9):
            member.write(bytes(2**20))
    assert refused_in_little(path, limit=2**28).code == "data-too-large"


def test_no_more_is_unpacked_than_the_directory_declares(tmp_path):
    """A member that declares 8 bytes of values and packs a gigabyte is never unpacked."""
    data = bytearray(one(npy(header=head(), body=bytes(2**24))))
    small = len(npy(header=head(), body=FOUR))
    large = struct.pack("<I", small + 2**24 - 8)
    place = data.index(b"PK\x01\x02") + 24
    assert data[place : place + 4] == large
    data[place : place + 4] = struct.pack("<I", small)
    path = tmp_path / "data.npz"
    path.write_bytes(bytes(data))
    with pytest.raises(DiagnosticError) as refused:
        open_table(path)
    assert refused.value.diagnostics[0].code == "array-broken"


CONVERTED = {
    "<f4": "float32", ">f4": "float32", "<f8": "float64", ">f8": "float64", "<f2": "float32",
    "|b1": "int32", "|i1": "int32", "|u1": "int32", "<u2": "int32", ">u2": "int32",
    "<i2": "int32", "<u4": "int64", "<u8": "int64", "<i4": "int32", ">i4": "int32",
    "<i8": "int64", ">i8": "int64", "<U3": "large_string",
}  # fmt: skip


@pytest.mark.parametrize("kind", CONVERTED)
def test_every_dtype_has_one_outcome(kind, tmp_path):
    array = np.array([0, 1, 1]).astype(kind)
    (tmp_path / "d.npz").write_bytes(one(npy(array)))
    table = open_table(tmp_path / "d.npz")
    read = table.columns["x"]
    if kind == "<U3":
        assert is_text(read)
        assert read.to_pylist() == array.tolist()
    else:
        assert read.dtype == CONVERTED[kind]
        assert read.dtype.isnative
        np.testing.assert_array_equal(read, array)
    assert table.notes == ()


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(
        st.sampled_from(["<f4", ">f8", "<i4", ">i2", "|u1"]),
        hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5),
        elements=st.integers(0, 100),
    ),
    st.booleans(),
)
def test_what_numpy_saves_is_read_with_the_same_values(tmp_path_factory, array, fortran):
    path = tmp_path_factory.mktemp("d") / "d.npz"
    array = np.asfortranarray(array) if fortran else array
    np.savez_compressed(path, x=array)
    read = open_table(path).columns["x"]
    assert read.shape == array.shape
    np.testing.assert_array_equal(read, array)


def test_arrays_that_python_2_wrote_are_read(tmp_path):
    (tmp_path / "d.npz").write_bytes(one(npy(header=head(shape="(2L,)"), body=FOUR)))
    assert open_table(tmp_path / "d.npz").columns["x"].tolist() == [0, 0]


def test_a_folder_of_npy_files_is_a_table_by_their_names(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros((3, 2), np.float32))
    np.save(tmp_path / "y.npy", np.arange(3))
    table = open_table(tmp_path)
    assert set(table.columns) == {"x", "y"}
    assert table.row_count == 3


def test_a_folder_with_train_data_means_that_file(tmp_path):
    (tmp_path / "train.npz").write_bytes(npz_bytes({"x": np.zeros(4)}))
    (tmp_path / "test.npz").write_bytes(npz_bytes({"x": np.zeros(2)}))
    np.save(tmp_path / "other.npy", np.zeros(9))
    assert open_table(tmp_path).row_count == 4


@pytest.mark.parametrize("name", ["nothing", "empty", "both"])
def test_a_folder_without_clear_data_is_refused(name, tmp_path):
    if name != "nothing":
        (tmp_path / name).mkdir()
    if name == "both":
        (tmp_path / name / "train.npz").write_bytes(b"")
        (tmp_path / name / "train.csv").write_bytes(b"")
    with pytest.raises(DiagnosticError) as refused:
        open_table(tmp_path / name)
    assert refused.value.diagnostics[0].code == "data-not-found"


def test_another_kind_of_file_is_refused_by_its_ending(tmp_path):
    (tmp_path / "data.pkl").write_bytes(b"")
    with pytest.raises(DiagnosticError) as refused:
        open_table(tmp_path / "data.pkl")
    assert refused.value.diagnostics[0].code == "data-format"


def test_rows_that_differ_name_both_arrays_and_lengths(tmp_path):
    (tmp_path / "d.npz").write_bytes(npz_bytes({"x": np.zeros(1000), "y": np.zeros(999)}))
    with pytest.raises(DiagnosticError) as refused:
        open_table(tmp_path / "d.npz")
    assert refused.value.diagnostics[0].found == "x: 1,000, y: 999"


def test_a_system_that_refuses_to_read_is_told(tmp_path):
    with pytest.raises(DiagnosticError) as refused:
        open_table(tmp_path / ("x" * 300))
    assert refused.value.diagnostics[0].code == "data-unreadable"


def test_opening_a_hostile_file_runs_connects_and_starts_nothing(tmp_path):
    paths = [tmp_path / f"{number}.npz" for number in range(len(CORPUS))]
    for path, (data, _) in zip(paths, CORPUS.values(), strict=True):
        path.write_bytes(data)
    assert harm_of_opening(paths) == []
