"""What is exported is what the engine writes, and a failure is one message."""

import compileall
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from app.files.exports import export_png, export_pytorch, export_svg, pytorch_name
from app.files.files import Files
from app.session import Session
from app.workspace import Workspace
from engine.check.report import check
from engine.compile.plan import plan
from engine.compile.torch_source import torch_source
from engine.core.diagnostic import Refused
from engine.graph.file import parse
from engine.graph.templates import read_template


@pytest.fixture
def drawn(qapp: object) -> Session:
    return Session(parse(read_template("penguins")).project, title="my penguins")


def test_pytorch_is_the_engines_source(drawn: Session, tmp_path: Path) -> None:
    """The same text as the engine's, under a name that can be imported."""
    assert pytorch_name(drawn) == "my_penguins.py"
    path = tmp_path / pytorch_name(drawn)
    assert str(path) in export_pytorch(drawn, path)
    report = check(drawn.project)
    assert path.read_text() == torch_source(plan(drawn.graph, report), "my penguins")
    assert compileall.compile_file(path, quiet=2, legacy=False)


def test_a_graph_with_mistakes_is_not_exported(
    files: Files, workspace: Workspace, tmp_path: Path, edit, hand
) -> None:
    """The first mistake is told, and nothing is written."""
    edit(workspace.session)
    session = workspace.session
    path = tmp_path / "x.py"
    assert not files.attempt("No PyTorch was written", lambda: export_pytorch(session, path))
    assert hand.question.title == "No PyTorch was written"
    hand.escape()
    assert not path.exists()


def test_a_picture_is_written_whole(tmp_path: Path, qapp: object) -> None:
    """PNG, readable again."""
    image = QImage(40, 30, QImage.Format.Format_ARGB32)
    image.fill(0xFF336699)
    export_png(image, tmp_path / "x.png")
    assert QImage(str(tmp_path / "x.png")).size() == image.size()


def test_no_picture_is_told(tmp_path: Path, qapp: object) -> None:
    """An image that did not fit into memory is one finding."""
    with pytest.raises(Refused):
        export_png(QImage(), tmp_path / "x.png")
    assert not (tmp_path / "x.png").exists()


def test_a_place_that_cant_be_written_is_told(drawn: Session, tmp_path: Path) -> None:
    """A path below a file is a refusal, for root as well."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Refused):
        export_pytorch(drawn, tmp_path / "file" / "x.py")


def test_the_drawing_is_svg(drawn: Session, tmp_path: Path) -> None:
    """Whole, and other colours in light."""
    for dark in (True, False):
        export_svg(drawn, tmp_path / f"{dark}.svg", dark)
    texts = [(tmp_path / f"{dark}.svg").read_text() for dark in (True, False)]
    assert all(text.lstrip().startswith("<") and "body_mass" in text for text in texts)
    assert texts[0] != texts[1]
