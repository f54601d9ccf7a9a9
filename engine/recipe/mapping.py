"""The file's `data` block: which columns feed which Input, and which are an Output's target."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from engine.core.diagnostic import Diagnostic, Fix, nearest_word
from engine.core.schema import Schema

Side = Literal["inputs", "targets"]
SIDES: tuple[Side, Side] = ("inputs", "targets")


class Source(Schema):
    """Where a port's values come from, and how they become numbers."""

    column: str | None = Field(None, description="The array or column that holds the values.")
    columns: tuple[str, ...] | None = Field(
        None, description="Several numeric columns, side by side in this order."
    )
    scale: Literal["standardize"] | None = Field(
        None, description="standardize: train on (value - mean) / deviation of the training rows."
    )
    labels: tuple[str, ...] | None = Field(
        None, description="The texts that may occur, in the order of their class numbers."
    )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.column is None) == (self.columns is None):
            raise PydanticCustomError("source", 'needs either "column" or "columns"')
        if self.labels is not None and len(set(self.labels)) != len(self.labels):
            raise PydanticCustomError("source", "names a label twice")
        if self.columns is not None and not self.columns:
            raise PydanticCustomError("source", "names no columns")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that are read, in order."""
        return self.columns or (self.column or "",)


@dataclass(frozen=True, slots=True)
class PortMapping:
    """The whole `data` block. A port that is not named takes the column of its own name."""

    inputs: Mapping[str, Source]
    targets: Mapping[str, Source]

    def source(self, side: Side, port: str) -> Source:
        """Answer where a port's values come from."""
        named = self.inputs if side == "inputs" else self.targets
        return named.get(port) or Source(column=port)

    def plain(self) -> dict[str, Any]:
        """Answer the JSON that `read_mapping` turns into an equal mapping."""
        sides = {"inputs": self.inputs, "targets": self.targets}
        return {
            side: {port: source.params() for port, source in named.items()}
            for side, named in sides.items()
            if named
        }


def read_mapping(
    data: Mapping[str, Any], inputs: Collection[str], targets: Collection[str]
) -> PortMapping | list[Diagnostic]:
    """Answer the typed mapping, or all that is wrong with it.

    Args:
        data: a project's `data`, plain JSON.
        inputs, targets: the names of the graph's Input and Output nodes.
    """
    found = [_unknown_side(side) for side in data if side not in SIDES]
    read: dict[str, dict[str, Source]] = {side: {} for side in SIDES}
    for side, ports in zip(SIDES, (inputs, targets), strict=True):
        entries = data.get(side, {})
        if not isinstance(entries, Mapping):
            found.append(_no_block(side, entries))
            continue
        others = targets if side == "inputs" else inputs
        for port, entry in entries.items():
            if port not in ports:
                found.append(_unknown_port(side, port, ports, others))
            elif isinstance(source := _read_source(f"{side}.{port}", entry), Source):
                read[side][port] = source
            else:
                found.extend(source)
    return found or PortMapping(**read)


def _read_source(place: str, entry: Any) -> Source | Iterable[Diagnostic]:
    if not isinstance(entry, Mapping):
        return [_no_block(place, entry)]
    source = Source.problems(entry)
    if isinstance(source, Source):
        return source
    # The edits in these fixes are for a node's parameters, and this is no node.
    return [
        replace(bad, place=f"data.{place}", fixes=tuple(Fix(fix.text) for fix in bad.fixes))
        for bad in source
    ]


def _unknown_side(side: str) -> Diagnostic:
    nearest = nearest_word(side, SIDES)
    return Diagnostic(
        "param-unknown",
        f'the data block has no part "{side}"',
        place=f"data.{side}",
        found=side,
        expected="inputs, targets",
        fixes=(Fix(f'Call it "{nearest}".' if nearest else f'Remove "{side}".'),),
    )


def _no_block(place: str, entry: Any) -> Diagnostic:
    return Diagnostic(
        "param-invalid",
        f'"{place}" can\'t be {json.dumps(entry, default=str)[:60]}',
        place=f"data.{place}",
        found=json.dumps(entry, default=str)[:60],
        expected="a mapping",
        fixes=(Fix('Write it as {"column": "name"}, under the name of the node.'),),
    )


def _unknown_port(
    side: Side, port: str, ports: Collection[str], others: Collection[str]
) -> Diagnostic:
    noun = "input" if side == "inputs" else "output"
    nearest = nearest_word(port, ports)
    if port in others:
        advice = f'Move it to "{SIDES[side == "inputs"]}".'
    else:
        advice = f'Call it "{nearest}".' if nearest else f'Remove "{port}" from the mapping.'
    hint = f"; did you mean {nearest!r}?" if nearest else ""
    return Diagnostic(
        "port-unknown",
        f'the graph has no {noun} called "{port}"{hint}',
        place=f"data.{side}.{port}",
        found=port,
        expected=", ".join(ports) or f"no {noun}s",
        fixes=(Fix(advice),),
    )
