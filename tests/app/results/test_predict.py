"""A row is typed and the network answers, in labels and units, at once after the first answer."""

from __future__ import annotations

import shutil

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.results.prediction.prediction_page import PredictionPage
from app.theme.theme import Theme
from tests.app.windows import show_active

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(scope="module")
def place(trained, tmp_path_factory):
    """A copy of the trained run for all tests of this module."""
    folder = tmp_path_factory.mktemp("predict") / "place"
    shutil.copytree(trained, folder)
    return folder


@pytest.fixture(scope="module")
def only_page(qapp, place):
    """The form of a run. Its engine process, which takes seconds to start, serves all tests."""
    page = PredictionPage(Theme("dark"))
    page.set_run(place / "runs" / "tiny-001", place / "rows.csv")
    yield page
    page.stop_client()
    page.close()


@pytest.fixture
def page(only_page, qtbot):
    """The form, its first row filled in and answered."""
    page, interval = only_page, only_page._debounce_timer.interval()
    page.resize(1000, 500)
    show_active(qtbot, page)
    qtbot.waitUntil(lambda: page.form is not None)
    page.show_row(0)
    qtbot.waitUntil(lambda: at_rest(page) and len(shown(page)) == 3)
    yield page
    page._debounce_timer.setInterval(interval)
    page.hide()


def at_rest(page) -> bool:
    """Return whether the page waits for no answer."""
    return not page.client.is_busy and not page._debounce_timer.isActive()


def shown(page) -> list:
    return [each for each in page.predictions.cards if each.isVisible()]


def answers(page) -> list[str]:
    return [each.value_label.text() for each in shown(page)]


def retype(field, text) -> None:
    line = field.line
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(line, text)


def test_the_form_has_a_field_for_each_column_filled_from_the_first_row(page, place):
    first = (place / "rows.csv").read_text().splitlines()[1].split(",")
    assert list(page.form.fields) == ["x1", "x2", "tone"]
    texts = [field.text for field in page.form.fields.values()]
    assert [float(texts[0]), float(texts[1]), texts[2]] == [
        float(first[0]), float(first[1]), first[2],
    ]  # fmt: skip
    box = page.form.fields["tone"].box
    assert [box.itemText(at) for at in range(box.count())] == ["", "blue", "red"]


def test_that_rows_count_from_0_is_said_in_a_narrow_window_too(page):
    page.resize(420, 500)
    assert page.row_field.toolTip() == "Row numbers start at 0"


def test_answers_stand_in_labels_units_and_bars(page):
    kind, size, tame = shown(page)
    assert [label for label, _ in kind.bars.probabilities] == ["cat", "dog", "hen"]
    assert sum(share for _, share in kind.bars.probabilities) == pytest.approx(1, abs=1e-4)
    assert kind.value_label.text() == max(kind.bars.probabilities, key=lambda each: each[1])[0]
    assert size.value_label.text().endswith(" cm")
    assert not size.bars.isVisible()
    assert [label for label, _ in tame.bars.probabilities] == ["no", "yes"]


def test_the_true_values_of_a_row_stand_beside_its_prediction(page, place, qtbot):
    """They are gone once the row is another one."""
    kind, size, tame = shown(page)
    header, first = (line.split(",") for line in (place / "rows.csv").read_text().split()[:2])
    row = dict(zip(header, first, strict=True))
    assert kind.target_label.text() == f"In the table: {row['kind']}"
    assert size.target_label.text() == f"In the table: {row['size']} cm"
    assert tame.target_label.isVisible()
    retype(page.form.fields["x1"], "9.5")
    qtbot.waitUntil(lambda: at_rest(page) and not size.target_label.isVisible())


def test_an_answer_follows_the_keys(page, qtbot):
    before = answers(page)
    retype(page.form.fields["x1"], "9.5")
    qtbot.waitUntil(lambda: answers(page) != before)
    retype(page.form.fields["x1"], "9,5")
    qtbot.waitUntil(lambda: at_rest(page))
    assert page.form.values()["x1"] == 9.5


def test_what_is_far_from_the_rows_trained_on_is_told_beside_its_field_and_answered(page, qtbot):
    field = page.form.fields["x1"]
    retype(field, "95")
    qtbot.waitUntil(lambda: field.message.startswith("Out of range: "))
    assert field.message.endswith(f"{field.line.placeholderText()} in the training rows")
    assert field.line.accessibleDescription() == field.message
    assert field._message_label.property("role") == "warning"
    assert not field.line.property("invalid")
    assert len(shown(page)) == 3
    retype(field, "0.5")
    qtbot.waitUntil(lambda: not field.message)


@pytest.mark.slow
def test_an_answer_is_faint_once_it_is_late(page, qtbot):
    page._debounce_timer.setInterval(2_000)
    retype(page.form.fields["x1"], "0.5")
    qtbot.waitUntil(lambda: all(each.is_outdated for each in shown(page)))
    qtbot.waitUntil(lambda: not any(each.is_outdated for each in shown(page)))


@pytest.mark.slow
def test_what_was_typed_stays_though_the_network_is_opened_again(page, place, qtbot):
    retype(page.form.fields["x1"], "0.125")
    edit = page.form.fields["x1"]
    for again in (page.stop_client, lambda: page.set_run(place / "runs" / "tiny-002", page._data)):
        shutil.copytree(
            place / "runs" / "tiny-001", place / "runs" / "tiny-002", dirs_exist_ok=True
        )
        again()
        page.set_run(place / "runs" / "tiny-001", page._data)
        qtbot.waitUntil(lambda: page.client.weights == "final")
        qtbot.waitUntil(lambda: len(shown(page)) == 3 and not page.client.is_busy)
        assert page.form.fields["x1"] is edit
        assert edit.text == "0.125"


def test_what_was_typed_is_kept_in_a_form_of_other_columns(page, qtbot):
    """The old form was read after Qt had deleted it."""
    retype(page.form.fields["x1"], "0.125")
    qtbot.waitUntil(lambda: at_rest(page))
    every = [field.schema for field in page.form.fields.values()]
    for fields in (every[:1], every):
        page.client.fields_received.emit(fields)
        assert list(page.form.fields) == [field["column"] for field in fields]
        assert page.form.fields["x1"].text == "0.125"


def test_a_row_that_comes_late_does_not_replace_what_was_typed_meanwhile(page, qtbot):
    page.row_picker.row_chosen.emit(7)
    retype(page.form.fields["x1"], "0.125")
    qtbot.waitUntil(lambda: at_rest(page))
    assert page.form.fields["x1"].text == "0.125"


def test_of_rows_that_are_chosen_one_after_the_other_the_last_one_is_filled_in(page, place, qtbot):
    lines = (place / "rows.csv").read_text().splitlines()[1:]
    for rows in ((3, 4, 5, 6), (60, 7), (60, 60, 8)):
        for row in rows:
            page.show_row(row)
        qtbot.waitUntil(lambda: at_rest(page))
        assert float(page.form.fields["x1"].text) == float(lines[rows[-1]].split(",")[0])
        assert len(shown(page)) == 3


def test_an_answer_about_what_was_typed_before_does_not_keep_a_row_from_coming(page, place, qtbot):
    third = (place / "rows.csv").read_text().splitlines()[4].split(",")
    page.form.fields["tone"].set_text("")
    page._debounce_timer.stop()
    page._request_prediction()  # is refused, after the row was chosen
    page.show_row(3)
    qtbot.waitUntil(lambda: at_rest(page))
    assert float(page.form.fields["x1"].text) == float(third[0])
    assert page.form.fields["tone"].text == third[2]


@pytest.mark.slow
def test_weights_that_came_since_are_the_ones_that_answer(page, place, qtbot):
    run = place / "runs" / "tiny-001"
    page.stop_client()
    (run / "model.safetensors").rename(run / "later")
    page.set_run(run, page._data)
    qtbot.waitUntil(lambda: page.client.weights == "last")
    (run / "later").rename(run / "model.safetensors")
    page.set_run(run, page._data)
    qtbot.waitUntil(lambda: page.client.weights == "final")


def test_a_label_is_chosen_by_key(page, qtbot):
    box = page.form.fields["tone"].box
    before = answers(page), [each.bars.probabilities for each in shown(page)]
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Up if box.currentText() == "red" else Qt.Key.Key_Down)
    qtbot.waitUntil(
        lambda: (answers(page), [each.bars.probabilities for each in shown(page)]) != before
    )


def test_what_is_no_number_is_marked_and_not_asked(page, qtbot):
    field = page.form.fields["x1"]
    retype(field, "many")
    assert field.line.property("invalid")
    qtbot.waitUntil(lambda: page.predictions.hint.isVisible())
    assert "highlighted" in page.predictions.hint.text()
    assert field.message == "Enter a number, such as 0.5, 0,5 or 1e-3."
    assert field.line.accessibleDescription() == field.message
    assert not shown(page), "no old answer stands beside a field that is wrong"
    retype(field, "0.5")
    assert not field.line.property("invalid")
    qtbot.waitUntil(lambda: not page.predictions.hint.isVisible() and len(shown(page)) == 3)


@pytest.mark.parametrize("width", [580, 700, 1000])
def test_what_is_said_below_a_field_is_not_cut(page, qtbot, width):
    """Also where its words take two lines, in a low panel that scrolls."""
    page.resize(width, 180)
    edit = page.form.fields["x1"]
    edit.line.setFocus()
    retype(edit, "seven")
    qtbot.waitUntil(lambda: bool(edit.message))
    QApplication.processEvents()
    words = edit._message_label
    assert words.height() >= words.heightForWidth(words.width())
    assert edit.rect().contains(words.geometry())
    qtbot.waitUntil(lambda: not page._scroll_timer.isActive())
    assert words.visibleRegion().boundingRect().height() == words.height(), "it is in sight"
    beside = page.form.fields["x2"].geometry()
    assert not edit.geometry().intersects(beside)


def test_a_cell_that_is_missing_is_told_and_mended(page, qtbot):
    box = page.form.fields["tone"].box
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    field = page.form.fields["tone"]
    qtbot.waitUntil(lambda: bool(field.message))
    assert (field.message, box.accessibleDescription()) == ("The value is missing.",) * 2
    assert box.property("invalid")
    assert box.hasFocus()
    assert not shown(page)
    QTest.keyClick(box, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: len(shown(page)) == 3)
    assert not field.message
    assert not box.property("invalid")


def test_another_row_is_filled_in_and_a_row_that_is_not_there_is_told(page, place, qtbot):
    third = (place / "rows.csv").read_text().splitlines()[4].split(",")
    retype_row(page, "3")
    qtbot.waitUntil(lambda: page.form.fields["x1"].text == f"{float(third[0]):.9g}")
    retype_row(page, "60")
    qtbot.waitUntil(lambda: page.predictions.notes[0].isVisible())
    assert "no row 60" in page.predictions.notes[0].text


def retype_row(page, text) -> None:
    page.row_field.setFocus()
    QTest.keyClick(page.row_field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(page.row_field, text)
    QTest.keyClick(page.row_field, Qt.Key.Key_Return)


def test_a_row_number_that_can_not_be_read_is_told_and_leaves_with_its_table(page, place):
    picker = page.row_picker
    picker.row_field.setFocus()
    picker.row_field.selectAll()
    QTest.keyClicks(picker.row_field, "1 2 three")
    QTest.keyClick(picker.row_field, Qt.Key.Key_Return)
    assert "whole number" in picker._source.text() or "integer" in picker._source.text()
    picker.set_table(place / "other.csv")
    assert picker.row_field.text() == "0"
    assert picker._source.text() == "of other.csv, counting from 0"


def test_clear_empties_all_fields_and_takes_the_answers_away(page, qtbot):
    QTest.mouseClick(page.row_picker.clear_button, LEFT)
    assert page.form.is_empty
    qtbot.waitUntil(lambda: not shown(page))
    assert page.predictions.hint.isVisible()


@pytest.mark.slow
def test_the_network_is_given_back_and_opened_again(page, qtbot):
    page.hide()
    assert page._idle_timer.isActive()
    page.stop_client()
    assert not page.client.is_running
    page.show()
    qtbot.waitUntil(lambda: page.form is not None and len(shown(page)) == 3)


@pytest.mark.slow
def test_a_run_without_weights_says_so(qtbot, theme, place):
    run = place / "runs" / "tiny-003"
    shutil.copytree(place / "runs" / "tiny-001", run)
    for file in (run / "model.safetensors", *(run / "checkpoints").iterdir()):
        file.unlink()
    page = PredictionPage(theme)
    qtbot.addWidget(page)
    page.set_run(run, None)
    page.show()
    qtbot.waitUntil(lambda: not page.client.is_running)
    QApplication.processEvents()
    assert page._stack.currentIndex() == 0
    assert page._placeholder._title.text() == "This run can't predict"
