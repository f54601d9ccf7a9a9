"""What is exported is what the engine writes, and a failure is one message."""

import compileall
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.files.documents.document_manager import DocumentManager
from app.files.documents.exports import export_png, export_pytorch, export_svg, source_name
from engine.check.report import check
from engine.compile.plan import build_plan
from engine.compile.torch_source import torch_source
from engine.core.diagnostic import DiagnosticError
from engine.graph.serialization.file import parse
from engine.graph.templates import read_template


@pytest.fixture
def drawn(qapp: object) -> Session:
    return Session(parse(read_template("penguins")).project, title="my penguins")


def test_pytorch_is_the_engines_source(drawn: Session, tmp_path: Path) -> None:
    """The same text as the engine's, under a name that can be imported."""
    assert source_name(drawn) == "my_penguins.py"
    path = tmp_path / source_name(drawn)
    assert str(path) in export_pytorch(drawn, path)
    report = check(drawn.project)
    assert path.read_text() == torch_source(build_plan(drawn.graph, report), "my penguins")
    assert compileall.compile_file(path, quiet=2, legacy=False)


def test_a_graph_with_mistakes_is_not_exported(
    files: DocumentManager, workspace: Workspace, tmp_path: Path, edit, hand
) -> None:
    """The first mistake is told, and nothing is written."""
    edit(workspace.session)
    session = workspace.session
    path = tmp_path / "x.py"
    assert not files.exporter.write(path, lambda path: export_pytorch(session, path))
    assert hand.question.title == "x.py was not written"
    hand.escape()
    assert not path.exists()


@pytest.fixture
def ask(files: DocumentManager, tmp_path: Path) -> Callable[[], None]:
    """Export six letters, to begin with as drawing.svg."""

    def write(path: Path) -> str:
        path.write_text("<svg/>")
        return f"Wrote {path}"

    return lambda: files.exporter.ask("Export picture", tmp_path / "drawing.svg", write)


@pytest.mark.parametrize(("answer", "left"), [("Replace", "<svg/>"), ("Cancel", "old")])
def test_a_file_that_is_there_is_replaced_when_asked(
    ask, hand, tmp_path: Path, answer: str, left: str
) -> None:
    """One question, before anything is written."""
    (tmp_path / "old.svg").write_text("old")
    ask()
    hand.choose(tmp_path / "old.svg")
    assert hand.question.title == "Replace old.svg?"
    assert (tmp_path / "old.svg").read_text() == "old"
    hand.press(answer)
    assert (tmp_path / "old.svg").read_text() == left
    assert not hand.files.prompts.raise_active_dialog()


def test_another_name_can_be_chosen(ask, hand, tmp_path: Path) -> None:
    """The file dialog comes back."""
    (tmp_path / "old.svg").write_text("old")
    ask()
    hand.choose(tmp_path / "old.svg")
    hand.press("Choose another name…")
    hand.choose(tmp_path / "new.svg")
    assert (tmp_path / "old.svg").read_text() == "old"
    assert (tmp_path / "new.svg").read_text() == "<svg/>"


def test_a_read_only_file_is_not_written_over(ask, hand, tmp_path: Path) -> None:
    """Its mark counts, for root as well."""
    (tmp_path / "old.svg").write_text("old")
    (tmp_path / "old.svg").chmod(0o444)
    ask()
    hand.choose(tmp_path / "old.svg")
    hand.press("Replace")
    assert hand.question.title == "old.svg was not written"
    assert (tmp_path / "old.svg").read_text() == "old"


def test_no_picture_is_told(tmp_path: Path, qapp: object) -> None:
    """An image that did not fit into memory is one finding."""
    with pytest.raises(DiagnosticError):
        export_png(QImage(), tmp_path / "x.png")
    assert not (tmp_path / "x.png").exists()


def test_a_place_that_cant_be_written_is_told(drawn: Session, tmp_path: Path) -> None:
    """A path below a file is a refusal, for root as well."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DiagnosticError):
        export_pytorch(drawn, tmp_path / "file" / "x.py")


def test_the_drawing_is_svg(drawn: Session, tmp_path: Path) -> None:
    """Whole, and other colours in light."""
    for dark in (True, False):
        export_svg(drawn, dark, tmp_path / f"{dark}.svg")
    texts = [(tmp_path / f"{dark}.svg").read_text() for dark in (True, False)]
    assert all(text.lstrip().startswith("<") and "body_mass" in text for text in texts)
    assert texts[0] != texts[1]
