"""Decides whether columns, with their encodings, fit a port; if not, says why and how to fix it.

- `incompatibility_reason` checks columns that may be assigned to a port. It needs no rows, and is
  fast enough to check every port while a user drags columns. Undecided cases count as compatible.
- `check_encodings` checks the encodings of a training run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.core.diagnostic import DiagnosticError, Fix, diagnostic_error
from engine.core.tensor_spec import Dim, TensorSpec
from engine.data.encoding_choice.choice import (
    RowShape,
    joint_row_shape,
    suggest_joint_source,
    suggest_source,
)
from engine.data.ports.target_spec import PortSpec, TargetSpec
from engine.data.profile.statistics import ColumnStatistics
from engine.recipe.data_mapping import Source
from engine.recipe.encoding import (
    ENCODINGS,
    Boolean,
    Category,
    Date,
    Encoding,
    Ids,
    Image,
    Multilabel,
    Number,
    Text,
)

_INVENTED = ("mean", "median", "zero", "most_frequent")  # fill values that are no missing targets
_ID_ENCODINGS, _FLOAT_ENCODINGS = (Text, Ids), (Date, Image, Multilabel)  # others may give both
_TARGET_ENCODINGS: Mapping[str, tuple[str, ...]] = {
    "number": ("number",),
    "binary": ("number", "boolean", "multilabel"),
    "onehot": ("number", "category"),
    "distribution": ("number", "category"),
    "index": ("number", "category", "ids", "text"),
}


def incompatibility_reason(
    statistics: Sequence[ColumnStatistics], port: PortSpec, name: str
) -> str:
    """Return a sentence on why columns can't feed the port of the node `name`, "" if they can."""
    if isinstance(port, TargetSpec):
        return _target_mismatch(statistics, port)
    for stats in statistics:
        reason = _input_mismatch(stats, port, name, alone=len(statistics) == 1)
        if reason:
            return reason
    source = suggest_joint_source(statistics, port)
    row = joint_row_shape(statistics, source, port.dtype == "int32")
    if row is None or _fits(row, port.shape):
        return ""
    is_single = len(statistics) == 1
    subject = f"{statistics[0].name} becomes" if is_single else f"{len(statistics)} columns become"
    return f"{subject} {_size_text(row)}, but {name} takes {_size_text(port.shape)}."


def _input_mismatch(statistics: ColumnStatistics, spec: TensorSpec, name: str, alone: bool) -> str:
    """Return why an Input rejects a column, or "". `alone`: the Input has no other column."""
    holds = f"{statistics.name} holds {_KIND_NOUNS[statistics.kind]}"
    encoding = suggest_source(statistics, spec).encodings[0]
    is_wrong = _has_wrong_dtype(encoding, spec)
    if spec.dtype == "int32" and (is_wrong or statistics.kind == "number"):
        return f"{holds}, but {name} takes ids (int32)."
    if is_wrong:
        return f"{holds}, which become ids, but {name} takes float32."
    if not alone and (isinstance(encoding, Text | Ids | Image) or statistics.shape):
        return f"{holds}, which need a separate Input."
    return ""


def _has_wrong_dtype(encoding: Encoding | None, spec: TensorSpec) -> bool:
    """Return whether an encoding gives ids for an Input of floats, or floats for one of ids."""
    wrong = _ID_ENCODINGS if spec.dtype == "float32" else _FLOAT_ENCODINGS
    return isinstance(encoding, wrong)


_KIND_NOUNS = {
    "number": "continuous values", "whole number": "integers", "boolean": "boolean values",
    "category": "labels", "text": "words", "date": "dates", "list": "several labels per row",
    "image path": "images", "id sequence": "sequences of ids",
    "identifier": "identifiers", "constant": "a constant value",
}  # fmt: skip


def _target_mismatch(statistics: Sequence[ColumnStatistics], port: TargetSpec) -> str:
    """Return why columns can't be the target of an Output, "" if they can."""
    loss = port.loss or "its loss"
    for stats in statistics:
        content = _KIND_NOUNS[stats.kind]
        is_code = stats.kind == "identifier" and not stats.is_numeric
        if is_code or stats.kind in ("text", "date", "image path"):
            return f"{stats.name} holds {content}, which {loss} can't compare."
        is_number = stats.is_numeric or bool(stats.shape)
        if port.form == "number" and not is_number:
            return f"{stats.name} holds {content}, but {loss} needs numbers."
        if port.form != "number" and stats.kind == "number" and not stats.shape:
            return f"{stats.name} holds {content}, but {loss} needs classes."
    if port.form == "number":
        return _width_mismatch(statistics, port)
    return _class_mismatch(statistics[0], port) if len(statistics) == 1 else ""


def _width_mismatch(statistics: Sequence[ColumnStatistics], port: TargetSpec) -> str:
    shapes = [stats.shape for stats in statistics]
    row: RowShape = (len(statistics),) if len(statistics) > 1 else shapes[0]
    if any(shapes[1:]) or _fits(row, port.shape):
        return ""
    subject = statistics[0].name if len(statistics) == 1 else f"{len(statistics)} columns"
    holds = "holds" if len(statistics) == 1 else "hold"
    size = _size_text(port.shape)
    return f"{subject} {holds} {_size_text(row)}, but {port.name} predicts {size}."


def _class_mismatch(statistics: ColumnStatistics, port: TargetSpec) -> str:
    count = statistics.distinct
    if count is None or statistics.shape:
        return ""
    if port.form == "binary":
        is_too_many = count > 2 and not port.is_multilabel
        known = f"{port.name} predicts a binary target"
        return f"{statistics.name} has {count:,} labels, but {known}." if is_too_many else ""
    class_count = len(port.labels) or port.classes
    if class_count is None:
        return ""
    has_too_many = count > class_count + (port.ignored_class is not None)
    if has_too_many or (port.is_one_hot and count != class_count):
        known = f"{port.name} predicts {class_count:,} classes"
        return f"{statistics.name} has {count:,} labels, but {known}."
    if not port.labels or statistics.is_numeric or count > len(statistics.top):
        return ""
    other = next((label.text for label in statistics.top if label.text not in port.labels), None)
    return "" if other is None else f'"{other}" in {statistics.name} is not a label of {port.name}.'


def _fits(row: RowShape, shape: Sequence[Dim]) -> bool:
    """Return whether rows fit a shape. A last axis of size 1 may be added or removed to fit."""
    sizes = [dim if isinstance(dim, int) else None for dim in shape]
    forms = [row, (*row, 1), *([row[:-1]] if row and row[-1] == 1 else [])]
    return any(
        len(form) == len(shape)
        and all(None in (size, dim) or size == dim for size, dim in zip(form, sizes, strict=True))
        for form in forms
    )


def _size_text(shape: Sequence[Dim | None]) -> str:
    """Return a row shape in words, such as "one value" or "28 x 28 values"."""
    fixed = [dim for dim in shape if isinstance(dim, int)]
    if len(fixed) < len(shape):
        return "a sequence" if len(shape) == 1 else "arrays of any size"
    if len(shape) > 1:
        return f"{' x '.join(map(str, fixed))} values"
    count = fixed[0] if fixed else 1
    return "one value" if count == 1 else f"{count:,} values"


def check_encodings(
    source: Source, port: str, encodings: Sequence[Encoding], spec: PortSpec
) -> None:
    """Check that the encodings of a port's columns give what the Input or the loss takes.

    Raises:
        DiagnosticError: if an encoding gives another dtype than the Input has or does not fit the
            loss, or if it scales or fills values that must stay unchanged.
    """
    for encoding in encodings:
        if isinstance(spec, TargetSpec):
            _check_target(source, spec, encoding, alone=len(encodings) == 1)
        else:
            _check_input(source, port, encoding, spec)


def _check_input(source: Source, port: str, encoding: Encoding, spec: TensorSpec) -> None:
    if spec.dtype != "float32" and isinstance(encoding, Number) and encoding != Number():
        raise _not_scalable(source, port, "ids")
    if _has_wrong_dtype(encoding, spec):
        gives, dtype, layer = "float values", "float32", "a layer for float values"
        if isinstance(encoding, _ID_ENCODINGS):
            gives, dtype, layer = "ids", "int32", "an Embedding"
        plain = {key: value for key, value in source.params().items() if key != "encode"}
        edit = {"do": "set_mapping", "side": "inputs", "node": port, "source": plain}
        fixes = (
            Fix(f"Set the dtype of {port} to {dtype}, and connect it to {layer}."),
            Fix("Remove the encoding: it is then inferred from the column and the Input.", edit),
        )
        expected = f"an encoding for {spec.dtype}"
        raise _unfit_encoding(source, port, encoding, gives, expected, fixes)


def _check_target(source: Source, port: TargetSpec, encoding: Encoding, alone: bool) -> None:
    name = ENCODINGS.name_of(encoding)
    if isinstance(encoding, Number | Boolean | Category) and encoding.fill in _INVENTED:
        fix = Fix("Remove the fill; rows without a target can be masked instead.")
        raise _unfit_encoding(source, port.name, encoding, "made-up targets", "no fill", (fix,))
    if isinstance(encoding, Number) and encoding != Number() and port.form != "number":
        raise _not_scalable(source, port.name, "classes")
    if name not in _TARGET_ENCODINGS[port.form] or (name != "number" and not alone):
        takes = ", ".join(_TARGET_ENCODINGS[port.form])
        fix = Fix(f"Use one of {takes}, or another loss.")
        raise _unfit_encoding(source, port.name, encoding, f"a {name}", takes, (fix,))


def _unfit_encoding(
    source: Source, port: str, encoding: Encoding, gives: str, expected: str, fixes: tuple[Fix, ...]
) -> DiagnosticError:
    name, columns = ENCODINGS.name_of(encoding), ", ".join(source.column_names)
    return diagnostic_error(
        "encode-unfit",
        f"can't take the encoding {name} of {columns}",
        *fixes,
        node=port,
        place=f"column {columns}",
        found=f"{name}, which gives {gives}",
        expected=expected,
    )


def _not_scalable(source: Source, port: str, noun: str) -> DiagnosticError:
    return diagnostic_error(
        "column-kind",
        f"{noun} can't be scaled or filled",
        "Remove the scale from the mapping of this column.",
        node=port,
        place=f"column {', '.join(source.column_names)}",
        found=f"{noun} with a scale or a fill",
        expected="float values",
    )
