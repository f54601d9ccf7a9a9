"""The data of the document in front is read beside the window, and again when it changes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.data.table.table_loader import TableLoader
from app.documents.session import Session
from engine.graph.edits import field_edits

CSV = "height,species\n" + "".join(f"{n / 10},{'owl' if n % 3 else 'gull'}\n" for n in range(900))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "birds.csv"
    path.write_text(CSV)
    return path


@pytest.fixture
def source(workspace) -> TableLoader:
    return TableLoader(workspace)


def whole(session: Session) -> bool:
    return session.table_contents is not None and not session.table_contents.is_reading


def test_nothing_is_read_before_somebody_looks(source, session, table, qtbot):
    session.data_path = table
    qtbot.wait(50)
    assert session.table_contents is None
    session.request_table_contents()
    qtbot.waitUntil(lambda: whole(session))
    assert session.table_contents.row_count == 900
    assert session.table_contents.column_statistics["species"].kind == "category"


def test_the_first_rows_come_before_the_others(source, session, table, qtbot):
    steps = []
    session.table_contents_changed.connect(lambda: steps.append(session.table_contents))
    session.data_path = table
    session.request_table_contents()
    qtbot.waitUntil(lambda: whole(session))
    first = next(step for step in steps if step is not None)
    assert (first.columns, first.head.row_count, first.row_count) == (
        ("height", "species"),
        500,
        None,
    )
    counts = [len(step.column_statistics) for step in steps[1:]]
    assert (counts[0], counts[-1]) == (0, 2)
    assert counts == sorted(counts)


@pytest.mark.slow
def test_a_changed_file_is_read_again_and_what_is_shown_stays_meanwhile(
    source, session, table, qtbot
):
    session.data_path = table
    session.request_table_contents()
    qtbot.waitUntil(lambda: whole(session))
    seen = []
    session.table_contents_changed.connect(lambda: seen.append(session.table_contents))
    other = table.with_name("new.csv")
    other.write_text(CSV + "1.5,owl\n")
    os.replace(other, table)
    qtbot.waitUntil(lambda: whole(session) and session.table_contents.row_count == 901)
    assert None not in seen


def test_another_delimiter_in_the_document_reads_the_file_so(source, session, table, qtbot):
    session.data_path = table
    session.request_table_contents()
    qtbot.waitUntil(lambda: whole(session))
    assert session.table_contents.dialect.delimiter == ","
    session.edit("Set delimiter", field_edits.set_file, {"delimiter": ";"})
    qtbot.waitUntil(
        lambda: whole(session) and session.table_contents.columns == ("height,species",)
    )
    session.undo()
    qtbot.waitUntil(lambda: whole(session) and len(session.table_contents.columns) == 2)


def test_what_cannot_be_read_is_a_finding(source, session, table, qtbot):
    table.write_text(CSV + "1.5\n")
    session.data_path = table
    session.request_table_contents()
    qtbot.waitUntil(lambda: whole(session))
    assert session.table_contents.errors
    session.data_path = table.with_name("gone.csv")
    qtbot.waitUntil(lambda: whole(session))
    assert session.table_contents.errors[0].code == "data-not-found"


def test_a_document_that_goes_to_the_back_is_left_alone(source, workspace, session, table, qtbot):
    session.data_path = table
    session.request_table_contents()
    workspace.open(Session())
    qtbot.wait(80)
    assert session.table_contents is None
    workspace.activate(session)
    session.request_table_contents()
    qtbot.waitUntil(lambda: whole(session))


def test_data_goes_along_when_a_document_is_saved_elsewhere(session, table, tmp_path):
    session.data_path = table
    session.path = tmp_path / "one.loom.json"
    session.path = tmp_path / "two.loom.json"
    assert session.data_path == table
    assert Session(path=tmp_path / "two.loom.json").data_path == table
    assert Session(path=tmp_path / "three.loom.json").data_path is None
