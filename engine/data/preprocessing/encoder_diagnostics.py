"""Checks the labels of a port's encoder, and adds fixes to the errors that encoders raise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, diagnostic_error
from engine.core.formatting.counts import count_noun
from engine.core.tensor_spec import TensorSpec
from engine.data.encoders import CategoryEncoder, Encoder, MultilabelEncoder
from engine.data.encoders.categories import to_categorical
from engine.data.encoding_choice.choice import default_encodings
from engine.data.ports.port_columns import PortColumns
from engine.data.ports.target_spec import PortSpec, TargetSpec
from engine.data.table.array import Array
from engine.data.table.date_parser import non_date_words
from engine.data.table.number_parser import missing_cell_mask
from engine.recipe import encoding
from engine.recipe.csv_dialect import missing_words_fix
from engine.recipe.encoding import Encoding
from engine.recipe.split import StratifiedSplit, set_split_fix, split_fractions

_MAX_CLASSES = 100  # a text with more labels is rather no class


def target_labels(data: PortColumns, port: TargetSpec) -> tuple[str, ...]:
    """Return a target's labels from the data mapping, else from its Output; () if none are set.

    Raises:
        DiagnosticError: if mapping and Output set different labels, and the encoder is to be
            fitted. The reason is that class weights refer to the Output's labels.
    """
    mapped = data.source.labels or ()
    if data.refit and mapped and port.labels and mapped != port.labels:
        plain = {key: value for key, value in data.source.params().items() if key != "labels"}
        edit = {"do": "set_mapping", "side": "targets", "node": port.name, "source": plain}
        raise diagnostic_error(
            "labels-differ",
            "the mapping and the output list different labels",
            Fix("Remove the labels from the mapping; the output lists them.", edit),
            node=port.name,
            place=f"data.targets.{port.name}.labels",
            found=", ".join(mapped[:12]),
            expected=", ".join(port.labels[:12]),
        )
    return mapped or port.labels


def check_classes(data: PortColumns, port: TargetSpec, encoder: Encoder) -> None:
    """Check that a fitted encoder has as many labels as the Output has classes.

    Raises:
        DiagnosticError: if the numbers differ; the first fix sets the matching number of units.
    """
    if not data.refit or not isinstance(encoder, CategoryEncoder) or port.classes is None:
        return
    count = len(encoder.labels)
    if count == port.classes:
        return
    raise diagnostic_error(
        "array-shape",
        f"the data has {count:,} labels, the output {port.classes:,} classes",
        port.units_fix(count),
        f"List all {port.classes} labels in the Output, if some do not occur.",
        node=port.name,
        found=f"{count:,} labels in column {data.name}",
        expected=f"{port.classes:,} labels",
    )


def check_exclusive_labels(
    data: PortColumns, port: TargetSpec, encoder: Encoder, values: Array
) -> None:
    """Check that an Output of many values does not get a column of two labels, one in each row.

    Such a column, for example of yes and no, is one value.

    Raises:
        DiagnosticError: if it does; the fix gives the Output a single value.
    """
    if not data.refit or not isinstance(encoder, MultilabelEncoder) or port.shape[-1:] == (2,):
        return
    if values.shape[1:] != (2,) or not (values.sum(axis=1) == 1).all():
        return
    fix = port.units_fix(1)
    plain = {key: value for key, value in data.source.params().items() if key != "encode"}
    mapping = {"do": "set_mapping", "side": "targets", "node": port.name, "source": plain}
    if fix.edit is not None and plain != data.source.params():
        fix = replace(fix, edit={"do": "several", "edits": [fix.edit, mapping]})
    raise diagnostic_error(
        "array-shape",
        "each row has one of two labels, which is one value",
        fix,
        node=port.name,
        place=f"column {data.name}",
        found=f"{port.shape[-1]} values for {' and '.join(map(repr, encoder.labels))}",
        expected="one value",
    )


@contextmanager
def attach_fixes(data: PortColumns, port: str, spec: PortSpec) -> Iterator[None]:
    """Return a context manager that adds the port and fixes to the diagnostics of errors.

    For an Input, the fixes change how columns are read or encoded. For a target, they change the
    split or the labels of the target.
    """
    try:
        yield
    except DiagnosticError as error:
        diagnostics = [_add_fixes(data, port, spec, item) for item in error.diagnostics]
        raise DiagnosticError(*diagnostics) from None


def _add_fixes(data: PortColumns, port: str, spec: PortSpec, diagnostic: Diagnostic) -> Diagnostic:
    diagnostic = replace(diagnostic, node=diagnostic.node or port)
    if not data.refit:
        return diagnostic
    names, place = data.source.column_names, f"{diagnostic.place},"
    column = next((name for name in names if place.startswith(f"column {name},")), names[0])
    is_unknown = diagnostic.code == "label-unknown" and not diagnostic.why
    are_given = data.source.labels is not None or (isinstance(spec, TargetSpec) and spec.labels)
    if is_unknown and data.train is not None and not are_given:
        why = "the labels are those of the training rows, which do not contain these"
        diagnostic = replace(diagnostic, code="label-unseen", why=why)
    fixes: list[Fix] = []
    if not isinstance(spec, TargetSpec):
        fixes = _encoding_fixes(data, port, spec, column, diagnostic.code)
    elif diagnostic.code == "label-unseen":
        fixes = _unseen_label_fixes(data, spec, column)
    elif diagnostic.code == "column-kind" and spec.form == "number" and spec.has_dense:
        fixes = _class_fixes(data, spec, column)
    return replace(diagnostic, fixes=(*fixes, *diagnostic.fixes)) if fixes else diagnostic


def _encoding_fixes(
    data: PortColumns, port: str, spec: TensorSpec, column: str, code: str
) -> list[Fix]:
    columns, names = data.raw_columns(port, "inputs"), data.source.column_names
    encodings = default_encodings(data.contents(columns), data.source, spec)
    settings = encodings[names.index(column)]

    def encode(text: str, new: Encoding) -> Fix:
        source = data.source.with_encoding(column, new)
        return Fix(text, {"do": "set_mapping", "side": "inputs", "node": port, "source": source})

    def updated(kind: type[Encoding], **params: Any) -> Encoding:
        current = settings if isinstance(settings, kind) else kind()
        return current.model_copy(update=params)

    is_category = isinstance(settings, encoding.Category)
    if code in ("label-unseen", "label-unknown") and is_category:
        with_other = updated(encoding.Category, unknown="other")
        return [encode('Encode unknown labels as "other".', with_other)]
    is_boolean = isinstance(settings, encoding.Boolean) and not data.source.columns
    if code == "label-unseen" and is_boolean:
        all_labels = _labels(data, column)
        source = {**data.source.params(), "labels": all_labels}
        edit = {"do": "set_mapping", "side": "inputs", "node": port, "source": source}
        return [Fix(f"List the labels of {column}: {', '.join(all_labels)}.", edit)]
    if code == "cell-missing":
        if isinstance(settings, encoding.Date):
            zeros = updated(encoding.Date, fill="zero")
            return [encode("Encode rows without a date as zeros.", zeros)]
        filled = settings.model_copy(update={"fill": "most_frequent"})
        return [encode("Fill empty cells with the most frequent label.", filled)]
    if code == "date-ambiguous":
        return [
            encode("The day comes first.", updated(encoding.Date, first="day")),
            encode("The month comes first.", updated(encoding.Date, first="month")),
        ]
    if code == "date-unreadable" and data.table.dialect is not None:
        words = non_date_words(data.table.columns[column])
        return [missing_words_fix(words)] if words else []
    if code == "length-unknown":
        return [encode("Set its length to 100.", updated(encoding.Text, length=100))]
    return []


def _unseen_label_fixes(data: PortColumns, port: TargetSpec, column: str) -> list[Fix]:
    """Return the fixes for target labels that do not occur in the training rows."""
    labels = _labels(data, column)
    stratified = StratifiedSplit(column=column, **split_fractions(data.split))
    text = f"Stratify the split by {column}, so that each label is in every subset."
    split = set_split_fix(text, stratified)
    set_labels = {"do": "set_params", "node": port.name, "params": {"labels": labels}}
    text = f"List all {len(labels):,} labels in {port.name}"
    if port.classes in (None, len(labels)):
        return [split, Fix(f"{text}.", set_labels)]
    if port.form == "binary":
        return [split]
    units_fix = port.units_fix(len(labels))  # all labels need more units
    edit = {"do": "several", "edits": [units_fix.edit, set_labels]} if units_fix.edit else None
    return [split, Fix(f"{text}. {units_fix.text}", edit)]


def _class_fixes(data: PortColumns, port: TargetSpec, column: str) -> list[Fix]:
    """Return the fix that predicts the labels of a column as classes, [] if these are too many."""
    count = len(_labels(data, column))
    if not 2 <= count <= _MAX_CLASSES:
        return []
    loss, activation, units = "sparse_categorical_crossentropy", "softmax", count
    if count == 2:
        loss, activation, units = "binary_crossentropy", "sigmoid", 1
    source = {
        key: value for key, value in data.source.params().items() if key not in ("encode", "scale")
    }
    edits = [
        {"do": "set_params", "node": port.name, "params": {"loss": loss, "metrics": ["accuracy"]}},
        {
            "do": "set_params",
            "node": port.units_node,
            "params": {"units": units, "activation": activation},
        },
        {"do": "set_mapping", "side": "targets", "node": port.name, "source": source},
    ]
    text = f"Predict it as {count} classes: {loss}, {port.units_node} with {activation} and"
    return [Fix(f"{text} {count_noun(units, 'unit')}.", {"do": "several", "edits": edits})]


def _labels(data: PortColumns, column: str) -> list[str]:
    """Return the distinct labels of all rows in alphabetical order."""
    texts = to_categorical(data.table.columns[column]).categories
    return sorted(texts.filter(~missing_cell_mask(texts)).to_pylist())
