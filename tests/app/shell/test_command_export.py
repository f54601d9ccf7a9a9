"""`layerloom --export` writes the pictures of the window without opening one."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from app.main import main
from engine.graph.edits.field_edits import set_description
from engine.graph.serialization.file import write
from tests.app.windows import posts


@pytest.fixture
def graph(tmp_path: Path, qapp: object) -> Path:
    path = tmp_path / "net.loom.json"
    write(path, set_description(posts().project, "Ages and incomes"))
    return path


def test_png_and_svg_are_written_with_a_legend(graph: Path, tmp_path: Path, capsys):
    corners = []
    for light in ([], ["--light"]):
        png = tmp_path / "net.png"
        assert main(["--export", str(png), *light, str(graph)]) == 0
        assert capsys.readouterr().out == f"Wrote the image to {png}\n"
        corners.append(QImage(str(png)).pixelColor(3, 3).lightness())
    assert corners[0] < 80 < 200 < corners[1]
    assert main(["--export", str(tmp_path / "net.svg"), str(graph)]) == 0
    text = (tmp_path / "net.svg").read_text()
    assert ">net</text>" in text
    assert ">Ages and incomes</text>" in text


def test_what_cant_be_exported_is_told(graph: Path, tmp_path: Path, capsys):
    assert main(["--export", str(tmp_path / "net.jpg"), str(graph)]) == 2
    assert main(["--export", str(tmp_path / "net.png")]) == 2
    assert "one FILE" in capsys.readouterr().err
    graph.write_text("{")
    assert main(["--export", str(tmp_path / "net.png"), str(graph)]) == 1
    assert "layerloom: " in capsys.readouterr().err
    assert not (tmp_path / "net.png").exists()
