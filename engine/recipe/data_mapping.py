"""The data mapping, a project's `data` block: the columns of each Input and of each target."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal, Self, get_args

from pydantic import Field

from engine.core.diagnostic import Diagnostic, Edit, Fix, nearest_word
from engine.core.schema import Schema, apply_field_edit, invalid_value
from engine.recipe.csv_dialect import Dialect, parse_dialect
from engine.recipe.encoding import (
    Boolean,
    Category,
    EncodeField,
    Encoding,
    Multilabel,
    Number,
    NumberScale,
    encoding_to_json,
)
from engine.recipe.sample_weights import (
    ALL_OUTPUTS,
    WeightColumn,
    parse_weight_columns,
    unknown_output_diagnostics,
    weight_columns_to_json,
)
from engine.recipe.split import SPLITS, SplitField, SplitSettings, parse_split
from engine.recipe.windows import Windows, parse_windows, time_split

PortSide = Literal["inputs", "targets"]
PORT_SIDES: tuple[PortSide, PortSide] = ("inputs", "targets")
MAPPING_SECTIONS = (*PORT_SIDES, "file", "weights", "split", "windows")
_LABEL_ENCODINGS = (Category, Boolean, Multilabel)
_EXAMPLE = 'Write it as {"column": "name"}, under the name of the node.'


class Source(Schema):
    """The columns that feed one Input or target, and their encodings."""

    column: str | None = Field(None, description="The column, or the array of an .npz file.")
    columns: tuple[str, ...] | None = Field(
        None, description="Several columns, concatenated in this order."
    )
    encode: EncodeField = Field(
        None, description="The encoding: one for all columns, or a list with one per column."
    )
    scale: Literal["standardize"] | None = Field(
        None,
        description="standardize: (value - mean) / standard deviation of the training rows.",
    )
    labels: tuple[str, ...] | None = Field(
        None, description="The labels, in the order of their class indices."
    )

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in the order in which their values are concatenated."""
        return self.columns or (self.column or "",)

    @property
    def encodings(self) -> tuple[Encoding | None, ...]:
        """The encoding of each column, None to infer it from the column's cells and port."""
        if isinstance(self.encode, tuple):
            return self.encode
        scaled = None if self.scale is None else Number(scale=self.scale)
        return (self.encode or scaled,) * len(self.column_names)

    def with_encoding(self, column: str, encoding: Encoding) -> dict[str, Any]:
        """Return this source as JSON for an edit, with another encoding for one column."""
        encodings = tuple(
            encoding if name == column else old
            for name, old in zip(self.column_names, self.encodings, strict=True)
        )
        params = {key: value for key, value in self.params().items() if key != "scale"}
        return {**params, "encode": encoding_to_json(encodings if self.columns else encoding)}

    def find_conflict(self) -> str:
        """Return text that says why the fields contradict each other, "" if they do not."""
        if bool(self.column) == bool(self.columns):
            return 'needs either "column" or "columns"'
        if self.labels is not None and len(set(self.labels)) != len(self.labels):
            return "has a label twice"
        return self._encode_conflict() if self.encode is not None else ""

    def _encode_conflict(self) -> str:
        if self.scale is not None:
            return 'has both "encode" and "scale"'
        if isinstance(self.encode, tuple) and len(self.encode) != len(self.columns or ()):
            return 'needs one encoding per column of "columns"'
        if self.labels is not None and not all(
            isinstance(encoding, _LABEL_ENCODINGS) for encoding in self.encodings
        ):
            return 'has "labels", but its encoding uses none'
        return ""


class DataMapping(Schema):
    """Data settings: columns by port (default: same name), sample weights, split, CSV dialect.

    With windows, the split is by time.
    """

    inputs: dict[str, Source] = Field({}, description="The source of each Input.")
    targets: dict[str, Source] = Field({}, description="The source of each Output's target.")
    file: Dialect = Field(Dialect(), description="The CSV dialect; fields left out are detected.")
    weights: dict[str, WeightColumn] = Field(
        {}, description='Columns of sample weights by Output, or under "" for all Outputs.'
    )
    split: SplitField | None = Field(
        None, description="How rows are split; null uses validation_split of the recipe."
    )
    windows: Windows | None = Field(
        None, description="How the rows of time series become windows; null for independent rows."
    )

    @classmethod
    def try_from_params(cls, params: Mapping[str, Any]) -> Self | list[Diagnostic]:
        """Return the mapping for `params`, the "data" object of a project file, or its errors."""
        split = None if params.get("split") is None else parse_split(params["split"])
        windows = None if params.get("windows") is None else parse_windows(params["windows"])
        if isinstance(windows, Windows) and isinstance(split, SplitSettings | None):
            split = time_split(windows, split)
        sections: dict[str, Any] = {
            **{side: _parse_sources(side, params.get(side, {})) for side in PORT_SIDES},
            "file": parse_dialect(params.get("file", {})),
            "weights": parse_weight_columns(params.get("weights", {})),
            "split": split,
            "windows": windows,
        }
        unknown = [_unknown_section(part) for part in params if part not in sections]
        return [*unknown, *_all_errors(sections.values())] or cls(**sections)

    def params(self) -> dict[str, Any]:
        """Return the shortest JSON that `try_from_params` turns into an equal mapping."""
        is_default_split = self.windows and self.split == time_split(self.windows, None)
        split = None if is_default_split else self.split
        sections: dict[str, Any] = {
            "file": self.file.params(),
            "weights": weight_columns_to_json(self.weights),
            "split": split and SPLITS.to_plain_json(split),
            "windows": self.windows and self.windows.params(),
        }
        for side in PORT_SIDES:
            sections[side] = {port: x.params() for port, x in self.sources(side).items()}
        return {name: section for name, section in sections.items() if section}

    def source(self, side: PortSide, port: str) -> Source:
        """Return the source of a port, by default the column that has the name of the port."""
        return self.sources(side).get(port) or Source(column=port)

    def weight_column(self, output: str) -> str | None:
        """Return the column of an output's sample weights, None if there is no such column."""
        source = self.weights.get(output) or self.weights.get(ALL_OUTPUTS)
        return source.column if source else None

    def sources(self, side: PortSide) -> Mapping[str, Source]:
        """Return sources by port name. Ports for which the mapping states no source are left out.

        The ports are Inputs if `side` is "inputs", and Outputs if `side` is "targets".
        """
        return self.inputs if side == "inputs" else self.targets

    def used_columns(self, inputs: Iterable[str], targets: Iterable[str]) -> set[str]:
        """Return the columns that these ports, sample weights, split and windows use."""
        names: dict[PortSide, Iterable[str]] = {"inputs": inputs, "targets": targets}
        ports = ((side, port) for side in PORT_SIDES for port in names[side])
        used = {name for side, port in ports for name in self.source(side, port).column_names}
        used |= {weight.column for weight in self.weights.values()}
        used |= set(self.windows.columns if self.windows else ())
        by = self.split.depends_on if self.split else None
        return used | {by} if by else used

    def unknown_ports(self, inputs: Collection[str], targets: Collection[str]) -> list[Diagnostic]:
        """Return a diagnostic for each port in the mapping that the graph does not have."""
        names: dict[PortSide, Collection[str]] = {"inputs": inputs, "targets": targets}
        diagnostics = [
            _unknown_port(side, port, names)
            for side in PORT_SIDES
            for port in self.sources(side)
            if port not in names[side]
        ]
        return [*diagnostics, *unknown_output_diagnostics(self.weights, targets)]


def _all_errors(parsed: Iterable[Any]) -> list[Diagnostic]:
    """Return the diagnostics of all entries that could not be parsed."""
    return [error for result in parsed if isinstance(result, list) for error in result]


def _parse_sources(side: PortSide, entries: Any) -> dict[str, Any] | list[Diagnostic]:
    if not isinstance(entries, Mapping):
        return [invalid_value(side, entries, f"data.{side}", Fix(_EXAMPLE))]
    sources = {port: _parse_source(side, port, entry) for port, entry in entries.items()}
    return _all_errors(sources.values()) or sources


def _parse_source(side: PortSide, port: str, entry: Any) -> Source | list[Diagnostic]:
    path = f"{side}.{port}"
    if not isinstance(entry, Mapping):
        return [invalid_value(path, entry, f"data.{path}", Fix(_EXAMPLE))]
    source = Source.try_from_params(entry)
    if isinstance(source, Source):
        if not (conflict := source.find_conflict()):
            return source
        return [
            Diagnostic.error(
                "param-invalid",
                f'"{path}" {conflict}',
                _EXAMPLE,
                place=f"data.{path}",
                found=json.dumps(entry)[:60],
                expected='"column" with a name or "columns" with a list of names; every label '
                'once; either "encode" or "scale"',
            )
        ]

    def convert(edit: Edit) -> Edit | None:
        fixed = apply_field_edit(entry, edit)
        result = Source.try_from_params(fixed)
        has_conflict = isinstance(result, Source) and result.find_conflict()
        return None if has_conflict else _set_source_edit(side, port, fixed)

    errors = [error.at_place(f"data.{path}", convert) for error in source]
    return [_with_number_scale(error, side, port, entry) for error in errors]


def _set_source_edit(side: PortSide, port: str, source: Mapping[str, Any]) -> Edit:
    return {"do": "set_mapping", "side": side, "node": port, "source": source}


def _with_number_scale(
    error: Diagnostic, side: PortSide, port: str, entry: Mapping[str, Any]
) -> Diagnostic:
    """Return an error about "scale" with a fix that moves the scale into a number encoding."""
    scale = entry.get("scale")
    if error.param != "scale" or "encode" in entry or scale not in get_args(NumberScale):
        return error
    encode = {"kind": "number", "params": {"scale": scale}}
    kept = {name: value for name, value in entry.items() if name != "scale"}
    edit = _set_source_edit(side, port, {**kept, "encode": encode})
    fix = Fix(f'Write "encode": {json.dumps(encode)} in place of "scale".', edit)
    why = f'"{scale}" is a scale of the number encoding; "scale" is short for standardize only.'
    return replace(error, why=why, fixes=(fix, *error.fixes))


def _unknown_section(section: str) -> Diagnostic:
    nearest = nearest_word(section, MAPPING_SECTIONS)
    return Diagnostic.error(
        "param-unknown",
        f'the data block has no section "{section}"',
        f'Call it "{nearest}".' if nearest else f'Remove "{section}".',
        place=f"data.{section}",
        found=section,
        expected=", ".join(MAPPING_SECTIONS),
    )


def _unknown_port(
    side: PortSide, port: str, names: Mapping[PortSide, Collection[str]]
) -> Diagnostic:
    other: PortSide = "targets" if side == "inputs" else "inputs"
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
    return Diagnostic.error(
        "port-unknown",
        f'the graph has no {noun} called "{port}"{hint}',
        *fixes,
        place=f"data.{side}.{port}",
        found=port,
        expected=", ".join(ports) or f"no {noun}s",
    )
