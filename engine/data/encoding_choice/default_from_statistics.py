"""How a column is encoded where the document does not say, told from facts alone.

`engine.data.encoding_choice.default_from_rows` decides by the rows; what facts can't tell for sure is left open here.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.core.tensor_spec import TensorSpec
from engine.data.encoding_choice.suggestion import numeric
from engine.data.ports.target_spec import TargetPort
from engine.data.profile.statistics import ColumnFacts
from engine.recipe.data_mapping import Source


def usual_kind(facts: Sequence[ColumnFacts], source: Source, port: TensorSpec | TargetPort) -> str:
    """Return the kind of encoding that columns get, "" if that is not known or not one kind.

    Args:
        facts: of the columns.
        source: of the port; its labels make labels of numbers.
        port: what they feed.
    """
    kinds = {_kind(each, source, port, alone=len(facts) == 1) for each in facts}
    return kinds.pop() if len(kinds) == 1 else ""


def _kind(facts: ColumnFacts, source: Source, port: TensorSpec | TargetPort, alone: bool) -> str:
    if isinstance(port, TargetPort):
        return _of_target(facts, source, port, alone)
    real = port.dtype == "float32"
    labelled = "boolean" if real and port.size == 1 and alone else "category"
    if source.labels is not None:
        return "" if facts.shape or facts.kind == "number" else labelled
    if not real:
        return _of_ids(facts, port, alone)
    if facts.shape or numeric(facts):
        return "number"
    match facts.kind:
        case "date":
            return "" if port.rank == 3 else "date"
        case "id sequence" | "list":
            return ""  # of texts they are labels, of lists they are not
    return "image" if port.rank == 3 else labelled


def _of_ids(facts: ColumnFacts, spec: TensorSpec, alone: bool) -> str:
    if facts.shape:
        return "number"
    sequence = alone and spec.rank > 0 and spec.shape[-1] != 1
    match facts.kind:
        case "id sequence":
            return "ids" if sequence else ""
        case "text" | "category" if not numeric(facts):
            return "text" if sequence else "category"
    return "number" if numeric(facts) and not sequence else ""


def _of_target(facts: ColumnFacts, source: Source, port: TargetPort, alone: bool) -> str:
    if port.form == "number" or not alone or facts.shape:
        return "number"
    if facts.kind == "list" or (numeric(facts) and source.labels is None):
        return "" if facts.kind == "list" else "number"
    several = port.form == "binary" and bool(port.shape) and port.shape[-1] != 1
    return "multilabel" if several else "boolean" if port.form == "binary" else "category"
