"""What keeps an encoding from a port, and the edits that mend what encoders refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.tensor_spec import TensorSpec
from engine.data.encoders import Category, Encoder
from engine.data.encoders.categories import absent, coded
from engine.data.ports.port_columns import Reading, kind_of
from engine.data.ports.target_spec import TargetPort
from engine.data.table.date_parser import strange_dates
from engine.recipe import encoding
from engine.recipe.csv_dialect import take_missing
from engine.recipe.data_mapping import Side
from engine.recipe.encoding import Encoding, Number
from engine.recipe.split import StratifiedSplit, set_split, shares_of

_IDS = ("text", "ids")
_MEASURES = ("date", "image", "multilabel")
_TARGETS: Mapping[str, tuple[str, ...]] = {
    "number": ("number",),
    "binary": ("number", "boolean", "multilabel"),
    "onehot": ("number", "category"),
    "distribution": ("number", "category"),
    "index": ("number", "category", "ids", "text"),
}


def check_input(reading: Reading, port: str, asked: Sequence[Encoding], spec: TensorSpec) -> None:
    """Refuse ids for measurements, and measurements for ids.

    Raises:
        Refused: with the edit that gives the Input the other dtype.
    """
    for each in asked:
        kind = kind_of(each)
        if spec.dtype != "float32" and isinstance(each, Number) and each != Number():
            raise Refused(_no_scale(reading, port, "ids"))
        wrong = _IDS if spec.dtype == "float32" else _MEASURES
        if kind in wrong:
            fixes = (_other_dtype(port, kind), _not_encoded(reading, port))
            gives = "ids" if kind in _IDS else "measurements"
            raise Refused(
                _unfit(reading, port, kind, gives, f"an encoding for {spec.dtype}", fixes)
            )


def _other_dtype(port: str, kind: str) -> Fix:
    """Advise the dtype that an encoding gives; what reads it has to be another layer then."""
    if kind in _IDS:
        return Fix(f"Set the dtype of {port} to int32, and let an Embedding read it.")
    return Fix(f"Set the dtype of {port} to float32, and let a layer of measurements read it.")


def _not_encoded(reading: Reading, port: str) -> Fix:
    plain = {key: value for key, value in reading.source.params().items() if key != "encode"}
    edit = {"do": "set_mapping", "side": "inputs", "node": port, "source": plain}
    return Fix("Leave the encoding out: the column is read as it fits the Input.", edit)


def check_target(reading: Reading, port: TargetPort, asked: Sequence[Encoding]) -> None:
    """Refuse an encoding whose numbers the loss can't be compared with.

    Raises:
        Refused: with what the loss takes.
    """
    for each in asked:
        kind = kind_of(each)
        if isinstance(each, Number) and each.fill != "error":
            fixes = (Fix("Leave the fill out; rows without a target can be masked instead."),)
            raise Refused(
                _unfit(reading, port.name, kind, "answers that nobody gave", "no fill", fixes)
            )
        if isinstance(each, Number) and each != Number() and port.form != "number":
            raise Refused(_no_scale(reading, port.name, "classes"))
        if kind not in _TARGETS[port.form] or (kind != "number" and len(asked) > 1):
            takes = ", ".join(_TARGETS[port.form])
            fixes = (Fix(f"Use one of {takes}, or another loss."),)
            raise Refused(_unfit(reading, port.name, kind, f"a {kind}", takes, fixes))


def _unfit(
    reading: Reading, port: str, kind: str, gives: str, expected: str, fixes: tuple[Fix, ...]
) -> Diagnostic:
    return Diagnostic(
        "encode-unfit",
        f"can't take the encoding {kind} of {reading.name}",
        node=port,
        place=f"column {reading.name}",
        found=f"{kind}, which gives {gives}",
        expected=expected,
        fixes=fixes,
    )


def _no_scale(reading: Reading, port: str, noun: str) -> Diagnostic:
    return Diagnostic(
        "column-kind",
        f"{noun} can't be scaled or filled",
        node=port,
        place=f"column {reading.name}",
        found=f"{noun} with a scale or a fill",
        expected="measurements",
        fixes=(Fix("Remove the scale from the mapping of this column."),),
    )


def labels_of(reading: Reading, port: TargetPort) -> tuple[str, ...]:
    """Return the labels of the mapping or the Output, whose weights of classes go by its own.

    Raises:
        Refused: if both name labels, and not the same.
    """
    mapped = reading.source.labels or ()
    if reading.refit and mapped and port.labels and mapped != port.labels:
        plain = {key: value for key, value in reading.source.params().items() if key != "labels"}
        edit = {"do": "set_mapping", "side": "targets", "node": port.name, "source": plain}
        raise Refused(
            Diagnostic(
                "labels-differ",
                "the mapping and the output name different labels",
                node=port.name,
                place=f"data.targets.{port.name}.labels",
                found=", ".join(mapped[:12]),
                expected=", ".join(port.labels[:12]),
                fixes=(Fix("Leave the labels out of the mapping; the output names them.", edit),),
            )
        )
    return mapped or port.labels


def check_classes(reading: Reading, port: TargetPort, encoder: Encoder) -> None:
    """Refuse another number of labels than the output tells classes apart.

    Raises:
        Refused: with the edit that gives the layer in front so many units.
    """
    if not reading.refit or not isinstance(encoder, Category) or port.classes is None:
        return
    count = len(encoder.labels)
    if count == port.classes:
        return
    raise Refused(
        Diagnostic(
            "array-shape",
            f"the data has {count:,} labels, the output {port.classes:,} classes",
            node=port.name,
            found=f"{count:,} labels in column {reading.name}",
            expected=f"{port.classes:,} labels",
            fixes=(
                port.units(count),
                Fix(f"Name all {port.classes} labels in the Output, if some do not occur."),
            ),
        )
    )


@contextmanager
def mended(
    reading: Reading, side: Side, port: str, target: TargetPort | None = None
) -> Iterator[None]:
    """Put the port's name, and edits that mend it, to what an encoder refuses."""
    try:
        yield
    except Refused as refused:
        raise Refused(
            *(_mended(reading, side, port, each, target) for each in refused.diagnostics)
        ) from None


def _mended(
    reading: Reading, side: Side, port: str, found: Diagnostic, target: TargetPort | None
) -> Diagnostic:
    found = replace(found, node=found.node or port)
    if not reading.refit:
        return found
    column = next(
        (name for name in reading.source.names if f"{found.place},".startswith(f"column {name},")),
        reading.source.names[0],
    )
    place = reading.source.names.index(column)
    asked = reading.source.encodings[place]
    if found.code == "label-unknown" and not found.why and _fitted_labels(reading, target):
        why = "labels are those of the training rows, and none of them has these"
        found = replace(found, code="label-unseen", why=why)
    if target is not None:
        fixes = _labels_fixes(reading, target, column) if found.code == "label-unseen" else []
    else:
        fixes = _fixes(reading, side, port, column, asked, found.code)
    return replace(found, fixes=(*fixes, *found.fixes)) if fixes else found


def _fitted_labels(reading: Reading, target: TargetPort | None) -> bool:
    listed = reading.source.labels is not None or (target is not None and target.labels)
    return not listed and reading.train is not None


def _fixes(
    reading: Reading, side: Side, port: str, column: str, asked: Encoding | None, code: str
) -> list[Fix]:
    def encode(text: str, new: Encoding) -> Fix:
        edit = {
            "do": "set_mapping",
            "side": side,
            "node": port,
            "source": reading.source.encoded(column, new),
        }
        return Fix(text, edit)

    def with_(kind: type[Encoding], **params: Any) -> Encoding:
        known = asked if isinstance(asked, kind) else kind()
        return known.model_copy(update=params)

    labels = asked is None or isinstance(asked, encoding.Category)
    if code in ("label-unseen", "label-unknown") and labels:
        other = with_(encoding.Category, unknown="other")
        return [encode('Count labels that are not known as "other".', other)]
    if (
        code == "label-unseen"
        and isinstance(asked, encoding.Boolean)
        and not reading.source.columns
    ):
        listed = _labels(reading, column)
        source = {**reading.source.params(), "labels": listed}
        edit = {"do": "set_mapping", "side": side, "node": port, "source": source}
        return [Fix(f"Name the labels of {column}: {', '.join(listed)}.", edit)]
    if code == "cell-missing" and isinstance(asked, encoding.Date):
        return [encode("Let rows without a date be zeros.", with_(encoding.Date, fill="zero"))]
    if code == "cell-missing" and labels:
        return [encode('Count empty cells as "other".', with_(encoding.Category, fill="other"))]
    if code == "date-ambiguous":
        return [
            encode("The day comes first.", with_(encoding.Date, first="day")),
            encode("The month comes first.", with_(encoding.Date, first="month")),
        ]
    if code == "date-unreadable" and reading.table.dialect is not None:
        words = strange_dates(reading.table.columns[column])
        return [take_missing(words)] if words else []
    if code == "length-unknown":
        return [encode("Set its length to 100.", with_(encoding.Text, length=100))]
    return []


def _labels_fixes(reading: Reading, port: TargetPort, column: str) -> list[Fix]:
    """Return the ways to let a network know labels that no training row has."""
    labels = _labels(reading, column)
    split = set_split(
        f"Split so that each label is on both sides, stratified by {column}.",
        StratifiedSplit(column=column, **shares_of(reading.split)),
    )
    name = {"do": "set_params", "node": port.name, "params": {"labels": labels}}
    text = f"Name all {len(labels):,} labels in {port.name}"
    if port.classes in (None, len(labels)):
        return [split, Fix(f"{text}.", name)]
    if port.form == "binary":
        return [split]
    units = port.units(len(labels))  # names alone would not fit what is predicted
    edit = {"do": "several", "edits": [units.edit, name]} if units.edit else None
    return [split, Fix(f"{text}. {units.text}", edit)]


def _labels(reading: Reading, column: str) -> list[str]:
    """Return the labels of all rows, sorted."""
    texts = coded(reading.table.columns[column]).texts
    missing = absent(texts)
    return sorted(text for text, gone in zip(texts.to_pylist(), missing, strict=True) if not gone)
