"""Pictures: pixels of one size, and paths that never lead out of the table's folder."""

import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image as Pillow

from engine.core.diagnostic import DiagnosticError
from engine.data.encoders import ImageEncoder, PortRequirement
from engine.data.table.column_types import text_column
from engine.recipe import encoding
from tests.engine.data.encoders.fits import fitted, through_json

PIXELS = (np.arange(48) * 5).astype(np.uint8).reshape(4, 4, 3)


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "table"
    (home / "pictures").mkdir(parents=True)
    Pillow.fromarray(PIXELS).save(home / "pictures" / "a.png")
    Pillow.new("L", (8, 6), 100).save(home / "b.png")
    Pillow.new("RGBA", (4, 4), (0, 0, 0, 0)).save(home / "clear.png")
    Pillow.new("RGB", (40, 40), (200, 100, 50)).save(home / "c.jpg")
    Pillow.new("L", (4, 4), 0).save(tmp_path / "secret.png")
    os.symlink(tmp_path / "secret.png", home / "link.png")
    os.symlink(tmp_path, home / "up")
    os.symlink(home / "b.png", home / "inside.png")
    (home / "cut.png").write_bytes((home / "pictures" / "a.png").read_bytes()[:50])
    (home / "words.png").write_text("no picture")
    return home


def refusal(folder, *paths, size=(4, 4)):
    with pytest.raises(DiagnosticError) as refused:
        ImageEncoder(size=size).transform(text_column(paths), "photo", folder)
    return refused.value.diagnostics


def test_pixels_are_those_of_the_file(folder):
    values = ImageEncoder(size=(4, 4), scale="none").transform(
        text_column(["pictures/a.png"]), "photo", folder
    )
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values[0], PIXELS)


@pytest.mark.parametrize(("scale", "low", "high"), [("unit", 0, 1), ("symmetric", -1, 1)])
def test_scales_bring_bytes_into_their_range(folder, scale, low, high):
    values = ImageEncoder(size=(4, 4), scale=scale).transform(
        text_column(["pictures/a.png"]), "x", folder
    )
    np.testing.assert_allclose(
        values[0], low + (high - low) * PIXELS.astype(float) / 255, atol=1e-6
    )


def test_pictures_come_to_one_size_and_to_as_many_channels(folder):
    encoder = ImageEncoder(size=(3, 5), channels=1)
    values = encoder.transform(
        text_column(["b.png", "pictures/a.png", "c.jpg", "b.png"]), "x", folder
    )
    assert values.shape == (4, 3, 5, 1)
    np.testing.assert_allclose(values[0], 100 / 255, atol=1e-6)
    np.testing.assert_array_equal(values[0], values[3])


def test_what_is_clear_is_white(folder):
    values = ImageEncoder(size=(4, 4)).transform(text_column(["clear.png"]), "x", folder)
    assert (values == 1).all()


def test_size_and_channels_are_asked_or_the_ports():
    assert fitted(
        encoding.Image(), text_column([]), PortRequirement(shape=(8, 9, 1))
    ) == ImageEncoder(size=(8, 9), channels=1)
    asked = encoding.Image(size=(2, 3), channels=3, scale="none")
    encoder = fitted(asked, text_column([]), PortRequirement(shape=(8, 9, 1)))
    assert encoder == ImageEncoder(size=(2, 3), channels=3, scale="none") == through_json(encoder)
    with pytest.raises(DiagnosticError) as refused:
        fitted(encoding.Image(), text_column([]))
    assert refused.value.diagnostics[0].code == "size-unknown"


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../secret.png", "pictures/../../secret.png", "link.png", "up/secret.png",
     "https://a.b/c.png", "file:///etc/passwd", "data:image/png;base64,AA", "C:\\x.png",
     "\\\\host\\x.png", "pictures\\..\\..\\secret.png", "b.png\0"],
)  # fmt: skip
def test_a_path_out_of_the_tables_folder_is_refused_unopened(folder, path):
    (found,) = refusal(folder, "b.png", path)
    assert (found.code, found.place) == ("image-outside", "column photo, row 1 (counting from 0)")


def test_links_within_the_folder_are_fine(folder):
    assert ImageEncoder(size=(2, 2)).transform(text_column(["inside.png"]), "x", folder).shape == (
        1,
        2,
        2,
        3,
    )


def test_missing_and_empty_paths_are_named_by_row(folder):
    gone, empty = refusal(folder, "nope.png", "", "b.png", "pictures")
    assert (gone.code, gone.place) == (
        "image-missing",
        "column photo, rows 0, 3 (counting from 0)",
    )
    assert (empty.code, empty.place) == ("image-missing", "column photo, row 1 (counting from 0)")


def test_broken_pictures_are_named_by_row(folder):
    (found,) = refusal(folder, "b.png", "cut.png", "words.png")
    assert (found.code, found.place) == (
        "image-broken",
        "column photo, rows 1, 2 (counting from 0)",
    )
    assert found.found.startswith("'cut.png' in row 1")


def test_too_many_pixels_are_refused_before_they_are_read(folder):
    (found,) = refusal(folder, "b.png", size=(40_000, 40_000))
    assert found.code == "data-too-large"


@pytest.mark.parametrize("side", [12_000, 20_000])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_picture_that_declares_very_many_pixels_is_refused_with_its_row(folder, side):
    """Pillow itself refuses the larger one, with an exception of its own."""
    data = bytearray((folder / "b.png").read_bytes())
    data[16:24] = struct.pack(">II", side, side)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    (folder / "bomb.png").write_bytes(data)
    (found,) = refusal(folder, "b.png", "bomb.png")
    assert (found.code, found.place) == ("image-broken", "column photo, row 1 (counting from 0)")
    assert "pixels" in found.found
