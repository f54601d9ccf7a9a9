"""The "Train on another machine" dialog: choose a host, check it, start the training there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QLabel, QLineEdit, QPushButton, QWidget

from app.controls import Note
from app.controls.display.labels import plain_label
from app.controls.inputs.combo_box import ComboBox
from app.controls.layout.boxes import column_layout, row_layout
from app.documents.background_job import BackgroundWorker, ReportResult
from app.text.diagnostic_text import diagnostic_paragraph
from app.theme.icons import icon
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.launch.host_check import DEFAULT_FOLDER, HostEnvironment, check_host
from engine.launch.ssh import SshHost

_SIZE = QSize(620, 380)
_ABOUT = (
    "The graph and the data are copied to a machine that ssh can reach without a password. Users, "
    "keys and ports are set in ~/.ssh/config. The training continues if the connection is lost or "
    "this window is closed."
)


class HostDialog(QDialog):
    """A dialog that checks a host over ssh before a training is started there.

    Args:
        hosts: the hosts to choose from; another one can be typed.
        host: the host that is chosen at first, "" for the first of `hosts`.

    Signals:
        chosen: the host has passed the check, and the training is to be started; sends the host
            and the folder on it.
    """

    chosen = Signal(str, str)

    def __init__(self, theme: Theme, hosts: Sequence[str], host: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Train on another machine")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._starts_training = False
        self._check = BackgroundWorker(self)
        self._check.result_ready.connect(self._on_checked)
        self.host = ComboBox()
        edit = QLineEdit()
        edit.setPlaceholderText("HOST or USER@HOST")
        self.host.setLineEdit(edit)
        self.host.addItems(list(hosts))
        self.host.setCurrentText(host or next(iter(hosts), ""))
        self.folder = QLineEdit(DEFAULT_FOLDER)
        self.folder.setToolTip("A relative path is below your home folder on that machine.")
        self.note = Note(theme)
        self.note.hide()
        self._status = plain_label(role="dim")
        self.check_button = QPushButton(icon(theme, "connect"), "Check")
        self.check_button.clicked.connect(partial(self._start_check, False))
        self.train_button = QPushButton(icon(theme, "play", "on_accent"), "Train")
        self.train_button.setProperty("role", "primary")
        self.train_button.setDefault(True)
        self.train_button.clicked.connect(partial(self._start_check, True))
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.clicked.connect(self.reject)
        for button in (self.check_button, self.cancel_button):
            button.setAutoDefault(False)
        for changed in (self.host.editTextChanged, self.folder.textChanged):
            changed.connect(self._on_edited)
        self._lay_out()
        self.resize(_SIZE.boundedTo(parent.window().size()))
        self.finished.connect(self._check.cancel)
        self._on_edited()
        self.host.setFocus()

    def _lay_out(self) -> None:
        title = plain_label("Train on another machine", "title", wrap=False)
        form = QFormLayout()
        form.setSpacing(8)
        for name, field in {"Host": self.host, "Folder there": self.folder}.items():
            label = QLabel(name)
            label.setBuddy(field)
            field.setAccessibleName(name)
            form.addRow(label, field)
        foot = row_layout(
            *(self._status, self.check_button, self.cancel_button, self.train_button),
            spacing=8,
            stretch=self._status,
        )
        items = (title, plain_label(_ABOUT), form, self.note, None, foot)
        column_layout(*items, parent=self, margins=(24, 20, 24, 20), spacing=12)

    def _on_edited(self) -> None:
        """Forget the result of a check of another host or folder."""
        self._check.cancel()
        self.note.hide()
        self._update("")

    def _update(self, status: str) -> None:
        self._status.setText(status)
        is_complete = bool(self.host.currentText().strip() and self.folder.text().strip())
        for button in (self.check_button, self.train_button):
            button.setEnabled(is_complete and not self._check.is_running)

    def _start_check(self, starts_training: bool) -> None:
        self._starts_training = starts_training
        self.note.hide()
        host, folder = self.host.currentText().strip(), self.folder.text().strip()
        self._check.run(partial(_check, host, folder))
        self._update(f"Connecting to {host}…")

    def _on_checked(self, result: object) -> None:
        self._check.cancel()
        self._update("")
        host, folder = self.host.currentText().strip(), self.folder.text().strip()
        if isinstance(result, HostEnvironment) and self._starts_training:
            self.accept()
            self.chosen.emit(host, folder)
        elif isinstance(result, HostEnvironment):
            self.note.show_message("ok", f"{host} is ready. Files are copied to {result.folder}.")
            self.note.show()
        else:
            assert isinstance(result, tuple)
            diagnostics: tuple[Diagnostic, ...] = result
            self.note.show_message("error", "\n\n".join(map(diagnostic_paragraph, diagnostics)))
            self.note.show()


def _check(host: str, folder: str, report: ReportResult) -> None:
    """Call `report` with the environment of a host, or with the diagnostics of its check."""
    try:
        report(check_host(SshHost(host), folder))
    except DiagnosticError as error:
        report(error.diagnostics)
