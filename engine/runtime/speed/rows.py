"""The rows of an embedding that a batch touched, and the tables that can do with these alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor
from torch.nn import functional

from engine.compile.plan import Plan
from engine.layers.dense import Embedding

ROWS = "/rows"  # ends the name under which the numbers of a gradient's rows are kept
# Where a batch may touch more than this share of a table, all of it is moved: that is faster, and
# as exact.
MOST = 0.5


def row_weights(plan: Plan) -> Iterator[str]:
    """Yield the parameters of which a batch touches some rows only: tables without a penalty."""
    for step in plan.steps:
        layer = step.layer
        if isinstance(layer, Embedding) and step.owns_module and not layer.embeddings_regularizer:
            yield f"{plan.attributes[step.owner]}.weight"


def look_up(table: Tensor, ids: Tensor, by_rows: bool) -> Tensor:
    """Answer the rows of a table that ids name.

    Args:
        table: (vocabulary, features).
        ids: of any shape.
        by_rows: let the table's gradient hold the rows of this batch alone, where they are few.

    Why: a dense gradient is as large as the table, and is filled with zeros at every step.
    """
    few = by_rows and ids.numel() <= MOST * len(table)
    return functional.embedding(ids, table, sparse=few)


def touched(gradient: Tensor) -> Tensor:
    """Answer a gradient by rows with each row once, in order; the sum of all its entries.

    Why: torch's coalesce adds row after row on one thread; the backward pass of a small embedding,
        whose vocabulary is the rows that are there, does the same on all of them.
    """
    if gradient.is_coalesced():
        return gradient
    ids, places = torch.unique(gradient._indices()[0], return_inverse=True)
    values = torch.ops.aten.embedding_dense_backward(
        gradient._values(), places, len(ids), -1, False
    )
    return of_rows(ids, values, gradient.shape)


def parts_of(name: str, gradient: Tensor) -> dict[str, Tensor]:
    """Answer a gradient as plain tensors by name, for a file."""
    if not gradient.is_sparse:
        return {name: gradient}
    whole = touched(gradient)
    return {name: whole._values(), f"{name}{ROWS}": whole._indices()[0]}


def from_parts(name: str, parts: Mapping[str, Tensor], parameter: Tensor) -> Tensor:
    """Answer the gradient that `parts_of` took apart.

    Raises:
        ValueError, RuntimeError: it does not fit the parameter.
    """
    values = parts[name].to(parameter, copy=True)
    rows = parts.get(f"{name}{ROWS}")
    if rows is None:
        return values.view_as(parameter)
    ids = rows.to(parameter.device, torch.int64)
    if values.shape != (len(ids), *parameter.shape[1:]) or not _rising(ids, len(parameter)):
        raise ValueError(f"{name}: {tuple(values.shape)} are no rows of {tuple(parameter.shape)}")
    return of_rows(ids, values, parameter.shape)


def _rising(ids: Tensor, count: int) -> bool:
    """True if row numbers are in order, each once, and below a count."""
    if not len(ids):
        return True
    return bool(ids[0] >= 0) and bool(ids[-1] < count) and bool((ids.diff() > 0).all())


def of_rows(ids: Tensor, values: Tensor, shape: torch.Size) -> Tensor:
    """Answer a gradient of some rows; it shares the memory of `values`."""
    return torch.sparse_coo_tensor(
        ids.unsqueeze(0), values, shape, is_coalesced=True, check_invariants=False
    )
