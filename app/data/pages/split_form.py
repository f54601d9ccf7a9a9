"""The form of a split: how rows are divided, with the fields that its kind has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.controls import NumberEdit
from app.controls.inputs.choice import Choice
from app.data.pages.labelled_field import Labelled
from engine.core.schema import Schema
from engine.recipe.split import PARTS, SPLITS, ColumnSplit, Shares, Split, split_problems

_NAMES = {
    "random": "At random", "stratified": "Equal shares of each value", "group": "Whole groups",
    "time": "The latest rows", "column": "As a column says",
}  # fmt: skip
_SHARES = {"validation": "Validation share", "test": "Test share"}
_MOST = 0.99


class SplitForm(QWidget):
    """Shows a split, and tells of another one once it is chosen or typed.

    Signals:
        chosen: the split as the file writes it.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plain: dict[str, Any] = {"kind": "random", "params": {}}
        self._columns: tuple[str, ...] = ()
        self.kind = Choice()
        for kind in SPLITS:
            self.kind.add(_NAMES[kind], kind, _about(SPLITS[kind]))
        self.kind.activated.connect(self._on_kind_chosen)
        self._kind = Labelled("Divide rows", "", self.kind)
        self.column = Choice()
        self.column.activated.connect(self._on_column_chosen)
        self._column = Labelled("By column", "", self.column)
        self.shares = {part: NumberEdit(None, False, 0.0, _MOST, True) for part in _SHARES}
        self.words = {part: QLineEdit() for part in PARTS}
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(10)
        rows.addWidget(self._kind)
        rows.addWidget(self._column)
        self._share_rows, self._word_rows = {}, {}
        for part, number in self.shares.items():
            number.committed.connect(self._on_typed)
            row = self._share_rows[part] = Labelled(_SHARES[part], _help(Shares, part), number)
            rows.addWidget(row)
        for part, line in self.words.items():
            line.editingFinished.connect(self._on_typed)
            name = f"Words for {part}"
            row = self._word_rows[part] = Labelled(name, _help(ColumnSplit, part), line)
            rows.addWidget(row)
        self.show_split(None, (), 0.2)

    def show_split(self, plain: Any, columns: Sequence[str], usual: float) -> None:
        """Show a split.

        Args:
            plain: as the file writes it, None for the recipe's alone; a faulty one is shown as far
                as it can be.
            columns: of the data, to choose from.
            usual: the recipe's own share to validate on.
        """
        split = split_problems(plain) if plain is not None else SPLITS["random"]()
        self._plain = _entry(plain, split)
        kind, params = self._plain["kind"], self._plain["params"]
        cls = SPLITS[kind] if isinstance(kind, str) and kind in SPLITS else None
        self.kind.show_data(kind, str(kind))
        self._kind.say(_about(cls) if cls else "This kind is not known here.")
        self._show_columns(columns, params.get("column"), cls)
        for part, number in self.shares.items():
            value = params.get(part)
            number.set_value(value if isinstance(value, (int, float)) else None)
            number.setPlaceholderText(f"{usual:g}, of the recipe" if part == "validation" else "0")
            self._share_rows[part].setVisible(cls is not None and issubclass(cls, Shares))
        for part, line in self.words.items():
            said = params.get(part, ColumnSplit.model_fields[part].default)
            if not line.isModified():
                line.setText(", ".join(map(str, said)) if isinstance(said, list | tuple) else "")
            self._word_rows[part].setVisible(cls is ColumnSplit)

    def _show_columns(self, columns: Sequence[str], chosen: Any, cls: type[Split] | None) -> None:
        if tuple(columns) != self._columns:
            self._columns = tuple(columns)
            self.column.clear()
            for name in columns:
                self.column.add(name, name)
        self.column.show_data(
            chosen, f"{chosen} (not in the data)" if chosen else "Choose a column"
        )
        reads = cls is not None and "column" in cls.model_fields
        self._column.setVisible(reads)
        if cls is not None and reads:
            self._column.say(_help(cls, "column"))

    def _on_kind_chosen(self) -> None:
        kind = self.kind.currentData()
        known = SPLITS[kind].model_fields
        params = {name: value for name, value in self._plain["params"].items() if name in known}
        if kind == "column" or self._plain["kind"] == "column":
            params = {name: value for name, value in params.items() if name == "column"}
        if "column" in known and "column" not in params and self._columns:
            params["column"] = self._columns[-1]
        self._tell(kind, params)

    def _on_column_chosen(self) -> None:
        params = {**self._plain["params"], "column": self.column.currentData()}
        self._tell(self._plain["kind"], params)

    def _on_typed(self) -> None:
        kind, params = self._plain["kind"], dict(self._plain["params"])
        if kind == "column":
            for side, line in self.words.items():
                line.setModified(False)
                params[side] = [word.strip() for word in line.text().split(",") if word.strip()]
        else:
            for part, number in self.shares.items():
                params.pop(part, None)
                if number.value is not None:
                    params[part] = float(number.value)
        self._tell(kind, params)

    def _tell(self, kind: str, params: Mapping[str, Any]) -> None:
        plain = _shortest({"kind": kind, "params": dict(params)})
        if plain != _shortest(self._plain):
            self.chosen.emit(None if plain == "random" else plain)


def _shortest(plain: Mapping[str, Any]) -> Any:
    """Return a split as the file writes it; a faulty one stays as it is."""
    split = split_problems(plain)
    return SPLITS.to_plain_json(split) if isinstance(split, Split) else plain


def _entry(plain: Any, split: Any) -> dict[str, Any]:
    """Return the kind and the parameters of a split, whatever is wrong with it."""
    if isinstance(split, Split):
        return {"kind": SPLITS.name_of(split), "params": split.params()}
    if isinstance(plain, Mapping):
        params = plain.get("params")
        return {
            "kind": plain.get("kind"),
            "params": dict(params) if isinstance(params, Mapping) else {},
        }
    return {"kind": plain, "params": {}}


def _about(cls: type[Schema]) -> str:
    return (cls.__doc__ or "").strip().splitlines()[0]


def _help(cls: type[Schema], field: str) -> str:
    """Return what a field is for, in the words of a form, which has no null."""
    return (cls.model_fields[field].description or "").replace("null takes", "empty takes")
