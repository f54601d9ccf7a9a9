"""The file's `data` block: which columns feed which Input, and which are an Output's target."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal, Self

from pydantic import Field

from engine.core.diagnostic import Diagnostic, Fix, nearest_word
from engine.core.schema import Schema
from engine.recipe.csv_dialect import Dialect, dialect_problems
from engine.recipe.encoding import (
    Boolean,
    Category,
    EncodeField,
    Encoding,
    Multilabel,
    Number,
    plain,
)
from engine.recipe.sample_weights import ALL, Weight, plain_weights, read_weights, strange_weights
from engine.recipe.split import SPLITS, SplitField, split_problems

Side = Literal["inputs", "targets"]
SIDES: tuple[Side, Side] = ("inputs", "targets")
PARTS = (*SIDES, "file", "weights", "split")
_LABELLED = (Category, Boolean, Multilabel)
_EXAMPLE = 'Write it as {"column": "name"}, under the name of the node.'


class Source(Schema):
    """Where a port's values come from, and how they become numbers."""

    column: str | None = Field(None, description="The array or column that holds the values.")
    columns: tuple[str, ...] | None = Field(
        None, description="Several columns, side by side in this order."
    )
    encode: EncodeField = Field(
        None, description="How cells become numbers: one encoding, or a list with one per column."
    )
    scale: Literal["standardize"] | None = Field(
        None, description="standardize: train on (value - mean) / deviation of the training rows."
    )
    labels: tuple[str, ...] | None = Field(
        None, description="The texts that may occur, in the order of their class numbers."
    )

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that are read, in order."""
        return self.columns or (self.column or "",)

    @property
    def encodings(self) -> tuple[Encoding | None, ...]:
        """How each column is encoded; None leaves it to the column and its port."""
        if isinstance(self.encode, tuple):
            return self.encode
        scaled = None if self.scale is None else Number(scale=self.scale)
        return (self.encode or scaled,) * len(self.names)

    def encoded(self, column: str, encoding: Encoding) -> dict[str, Any]:
        """Return the JSON of this source with another encoding of one column, for an edit."""
        each = tuple(
            encoding if name == column else old
            for name, old in zip(self.names, self.encodings, strict=True)
        )
        params = {key: value for key, value in self.params().items() if key != "scale"}
        return {**params, "encode": plain(each if self.columns else encoding)}

    def fault(self) -> str:
        """Return what is wrong with the fields together, or the empty string."""
        if bool(self.column) == bool(self.columns):
            return 'needs either "column" or "columns"'
        if self.labels is not None and len(set(self.labels)) != len(self.labels):
            return "names a label twice"
        return self._encode_fault() if self.encode is not None else ""

    def _encode_fault(self) -> str:
        if self.scale is not None:
            return 'has both "encode" and "scale"'
        if isinstance(self.encode, tuple) and len(self.encode) != len(self.columns or ()):
            return 'needs one encoding for each of "columns"'
        if self.labels is not None and not all(
            isinstance(each, _LABELLED) for each in self.encodings
        ):
            return 'has "labels", which its encoding does not use'
        return ""


class DataMapping(Schema):
    """The whole `data` block. A port that is not named takes the column of its own name."""

    inputs: dict[str, Source] = Field({}, description="Columns by Input.")
    targets: dict[str, Source] = Field({}, description="Columns by Output.")
    file: Dialect = Field(Dialect(), description="How a CSV is written, where it is not detected.")
    weights: dict[str, Weight] = Field(
        {}, description='How much each row counts, by Output, or under "" for all of them.'
    )
    split: SplitField | None = Field(
        None, description="Which rows are held back; null goes by the recipe's validation_split."
    )

    @classmethod
    def problems(cls, params: Mapping[str, Any]) -> Self | list[Diagnostic]:
        """Return the mapping that a project's `data` describes, or what is wrong with it."""
        found = [_unknown_part(part) for part in params if part not in PARTS]
        dialect = dialect_problems(params.get("file", {}))
        read: dict[str, Any] = {side: {} for side in SIDES}
        for side in SIDES:
            entries = params.get(side, {})
            if not isinstance(entries, Mapping):
                found.append(_no_block(side, entries))
                continue
            for port, entry in entries.items():
                source = _read_source(f"{side}.{port}", entry)
                if isinstance(source, Source):
                    read[side][port] = source
                else:
                    found.extend(source)
        weights = read_weights(params.get("weights", {}))
        split = None if params.get("split") is None else split_problems(params["split"])
        more: dict[str, Any] = {"file": dialect, "weights": weights, "split": split}
        found += [bad for part in more.values() if isinstance(part, list) for bad in part]
        return found or cls(**read, **more)

    def params(self) -> dict[str, Any]:
        """Return the shortest JSON that `problems` turns into an equal mapping."""
        file, weights = self.file.params(), plain_weights(self.weights)
        return {
            **({"file": file} if file else {}),
            **({"weights": weights} if weights else {}),
            **({"split": SPLITS.plain(self.split)} if self.split else {}),
            **{
                side: {port: source.params() for port, source in self.named(side).items()}
                for side in SIDES
                if self.named(side)
            },
        }

    def source(self, side: Side, port: str) -> Source:
        """Return where a port's values come from."""
        return self.named(side).get(port) or Source(column=port)

    def weight(self, output: str) -> str | None:
        """Return the column that says how much each row counts for an output, None if none does."""
        found = self.weights.get(output) or self.weights.get(ALL)
        return found.column if found else None

    def named(self, side: Side) -> Mapping[str, Source]:
        """Return the ports of one side that the mapping names."""
        return self.inputs if side == "inputs" else self.targets

    def strangers(self, inputs: Collection[str], targets: Collection[str]) -> list[Diagnostic]:
        """Return a finding for each name that no Input or Output of the graph has."""
        names: dict[Side, Collection[str]] = {"inputs": inputs, "targets": targets}
        found = [
            _unknown_port(side, port, names)
            for side in SIDES
            for port in self.named(side)
            if port not in names[side]
        ]
        return [*found, *strange_weights(self.weights, targets)]


def _read_source(place: str, entry: Any) -> Source | Iterable[Diagnostic]:
    if not isinstance(entry, Mapping):
        return [_no_block(place, entry)]
    source = Source.problems(entry)
    if isinstance(source, Source):
        fault = source.fault()
        return [_contradiction(place, entry, fault)] if fault else source
    # The edits in these fixes are for a node's parameters, and this is no node.
    return [
        replace(bad, place=f"data.{place}", fixes=tuple(Fix(fix.text) for fix in bad.fixes))
        for bad in source
    ]


def _contradiction(place: str, entry: Any, fault: str) -> Diagnostic:
    return Diagnostic(
        "param-invalid",
        f'"{place}" {fault}',
        place=f"data.{place}",
        found=json.dumps(entry)[:60],
        expected='"column" with a name, or "columns" with a list of names; each label once; the '
        'scale in "encode" or outside it, not both',
        fixes=(Fix(_EXAMPLE),),
    )


def _unknown_part(part: str) -> Diagnostic:
    nearest = nearest_word(part, PARTS)
    return Diagnostic(
        "param-unknown",
        f'the data block has no part "{part}"',
        place=f"data.{part}",
        found=part,
        expected=", ".join(PARTS),
        fixes=(Fix(f'Call it "{nearest}".' if nearest else f'Remove "{part}".'),),
    )


def _no_block(place: str, entry: Any) -> Diagnostic:
    return Diagnostic(
        "param-invalid",
        f'"{place}" can\'t be {json.dumps(entry, default=str)[:60]}',
        place=f"data.{place}",
        found=json.dumps(entry, default=str)[:60],
        expected="a mapping",
        fixes=(Fix(_EXAMPLE),),
    )


def _unknown_port(side: Side, port: str, names: Mapping[Side, Collection[str]]) -> Diagnostic:
    other: Side = "targets" if side == "inputs" else "inputs"
    noun = "input" if side == "inputs" else "output"
    ports = names[side]
    nearest = nearest_word(port, ports)
    remove = {"do": "set_mapping", "side": side, "node": port, "source": None}
    fixes = [Fix(f'Remove "{port}" from the mapping.', remove)]
    if port in names[other]:
        fixes.insert(0, Fix(f'Move it to "{other}".'))
    elif nearest:
        fixes.insert(0, Fix(f'Call it "{nearest}".'))
    hint = f"; did you mean {nearest!r}?" if nearest else ""
    return Diagnostic(
        "port-unknown",
        f'the graph has no {noun} called "{port}"{hint}',
        place=f"data.{side}.{port}",
        found=port,
        expected=", ".join(ports) or f"no {noun}s",
        fixes=tuple(fixes),
    )
