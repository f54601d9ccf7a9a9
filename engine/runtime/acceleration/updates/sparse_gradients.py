"""The rows of an embedding that a batch touched, and the tables that can do with these alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional

from engine.compile.plan import Plan
from engine.layers.dense import Embedding
from engine.runtime.acceleration.autograd_function import applied

ROWS = "/rows"  # ends the name under which the numbers of a gradient's rows are kept
# Where a batch may touch more than this share of a table, all of it is moved: that is faster, and
# as exact. Words that are looked up apart (`words`) need no such limit: each stands there once, and
# the native part moves them in one pass.
MOST = 0.5
_PORTION = 1 << 18  # numbers that are moved at once
_WIDE = torch.complex128  # as wide as some numbers of a table, four of most
SPARSE = 64  # a table of more rows than so many times the ids is not gone through to mark them


def row_weights(plan: Plan) -> Iterator[str]:
    """Yield the parameters of which a batch touches some rows only: tables without a penalty."""
    for step in plan.steps:
        layer = step.layer
        if isinstance(layer, Embedding) and step.owns_module and not layer.embeddings_regularizer:
            yield f"{plan.attributes[step.owner]}.weight"


def look_up(table: Tensor, ids: Tensor, by_rows: bool) -> Tensor:
    """Return the rows of a table that ids name.

    Args:
        table: (vocabulary, features).
        ids: of any shape.
        by_rows: let the table's gradient hold the rows of this batch alone, where they are few.

    Why: a dense gradient is as large as the table, and is filled with zeros at every step.
    """
    few = by_rows and ids.numel() <= MOST * len(table)
    if few or ids.device.type != "cpu" or not torch.is_grad_enabled():
        return functional.embedding(ids, table, sparse=few)
    found: Tensor = applied(_Looked, table, ids)
    return found


class _Looked(Function):
    """Rows of a table by their ids, with a dense gradient.

    Why: torch's own backward pass goes through all ids on each thread, one number of a row after
        the other; adding whole rows takes a quarter of that.
    """

    @staticmethod
    def forward(ctx: Any, table: Tensor, ids: Tensor) -> Tensor:
        """Look up."""
        ctx.save_for_backward(ids)
        ctx.shape = table.shape
        return functional.embedding(ids, table)

    @staticmethod
    def backward(ctx: Any, *given: Tensor) -> tuple[Tensor | None, ...]:
        """Add each row's gradients up, in the order of the ids."""
        (ids,) = ctx.saved_tensors
        rows = given[0].reshape(-1, ctx.shape[1])
        return rows.new_zeros(ctx.shape).index_add_(0, ids.reshape(-1).long(), rows), None


def touched(gradient: Tensor) -> Tensor:
    """Return a gradient by rows with each row once, in order; the sum of all its entries.

    Why: torch's coalesce adds row after row on one thread.
    """
    if gradient.is_coalesced():
        return gradient
    given, all_ids = gradient._values(), gradient._indices()[0]
    if bool((all_ids.diff() > 0).all()):  # torch forgets that it was told so
        return of_rows(all_ids, given, gradient.shape)
    ids, places = distinct(all_ids, len(gradient))
    values = given.new_zeros(len(ids), *given.shape[1:]).index_add_(0, places, given)
    return of_rows(ids, values, gradient.shape)


def distinct(ids: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Return each id once, in order, and for each of `ids` the place of its own.

    Args:
        ids: whole numbers below `count`.

    Why: torch.unique sorts; marking those that are there takes half the time.
    """
    if count > SPARSE * ids.numel():
        words, place = torch.unique(ids, return_inverse=True)
        return words.long(), place
    there = torch.zeros(count, dtype=torch.bool, device=ids.device)
    ids = ids.contiguous().long()
    there[ids.view(-1)] = True
    return there.nonzero().squeeze(1), (there.cumsum(0) - 1)[ids]


def portions(rows: Tensor, values: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield row numbers and what belongs to them, some at a time.

    Shapes: rows (count), values (count, ...).
    Why: what one operation leaves of so few, the next finds in the processor's cache.
    """
    few = _PORTION // math.prod(values.shape[1:]) if rows.device.type == "cpu" else len(rows)
    parts = (torch.split(one, max(1, few)) for one in (rows, values))
    return zip(*parts, strict=True)


def put_rows(table: Tensor, rows: Tensor, values: Tensor) -> None:
    """Write some rows of a table, each of them named once.

    Shapes: table (count, features), rows (some), values (some, features).
    Why: torch writes number after number. Some that are taken for one, which no bit of them
        notices, take three fifths of the time.
    """
    if all(one.is_contiguous() and _is_wide(one) for one in (table, values)):
        table, values = table.view(_WIDE), values.view(_WIDE)
    table.index_put_((rows,), values)


def _is_wide(one: Tensor) -> bool:
    """True if each row begins, and ends, where a wide number may."""
    places = (one.storage_offset(), *one.stride()[:-1], one.shape[-1])
    return all(place * one.element_size() % _WIDE.itemsize == 0 for place in places)


def parts_of(name: str, gradient: Tensor) -> dict[str, Tensor]:
    """Return a gradient as plain tensors by name, for a file."""
    if not gradient.is_sparse:
        return {name: gradient}
    whole = touched(gradient)
    return {name: whole._values(), f"{name}{ROWS}": whole._indices()[0]}


def from_parts(name: str, parts: Mapping[str, Tensor], parameter: Tensor) -> Tensor:
    """Return the gradient that `parts_of` took apart.

    Raises:
        ValueError, RuntimeError: it does not fit the parameter.
    """
    values, rows = parts[name], parts.get(f"{name}{ROWS}")
    if rows is None:
        # In its parameter's order, as a gradient lies: a sum over it may differ with the order.
        return torch.empty_like(parameter).copy_(values.view_as(parameter))
    values = values.to(parameter, copy=True)
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
    """Return a gradient of some rows; it shares the memory of `values`."""
    return torch.sparse_coo_tensor(
        ids.unsqueeze(0), values, shape, is_coalesced=True, check_invariants=False
    )
