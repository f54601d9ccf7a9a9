"""Registries of schemas that files choose by name: "adam", or {"kind": "adam", "params": {...}}."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Generic, TypeVar

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema
from pydantic.fields import FieldInfo

from engine.core.diagnostic import Diagnostic, Edit, Fix, nearest_word
from engine.core.schema import (
    ParamsError,
    Schema,
    annotation_parts,
    apply_field_edit,
    named_error,
)

T = TypeVar("T", bound=Schema)


def to_snake_case(name: str) -> str:
    """Return a class name in snake case, as Keras does: "glorot_uniform" for "GlorotUniform"."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


class Registry(Generic[T]):
    """A registry of the schemas of one family, such as all losses, by name and by aliases.

    Args:
        noun: what a member is called in messages, such as "loss".
        spell: a function that converts a class name to the name in files.
    """

    def __init__(self, noun: str, spell: Callable[[str], str] = to_snake_case) -> None:
        self.noun = noun
        self._spell = spell
        self._kinds: dict[str, type[T]] = {}
        self._aliases: dict[str, str] = {}
        self._choices: list[str] = []  # shared with the JSON schemas of fields declared earlier

    def register(self, *aliases: str, name: str | None = None) -> Callable[[type[T]], type[T]]:
        """Return a class decorator that registers a schema under its name and `aliases`."""

        def register(cls: type[T]) -> type[T]:
            kind = name or self._spell(cls.__name__)
            self._kinds[kind] = cls
            self._choices.append(kind)
            for alias in (kind, cls.__name__, *aliases):
                self._aliases[alias] = kind
            return cls

        return register

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __getitem__(self, name: str) -> type[T]:
        return self._kinds[self._aliases[name]]

    def __contains__(self, name: object) -> bool:
        return name in self._aliases

    def name_of(self, instance: T) -> str:
        """Return the canonical name of an instance's class."""
        return self._aliases[type(instance).__name__]

    def parse(self, value: object) -> T:
        """Return an instance built from a name or {"kind", "params"}, or an instance unchanged.

        Raises:
            ParamsError: with one diagnostic for each invalid value.
        """
        if isinstance(value, Schema):
            return value  # type: ignore[return-value]  # the field's declared type is a T
        if isinstance(value, str):
            return self._kind(value).from_params({})
        if isinstance(value, Mapping) and "kind" in value and value.keys() <= {"kind", "params"}:
            return self._kind(str(value["kind"])).from_params(self._params(value))
        raise ParamsError(
            Diagnostic.error(
                "param-invalid",
                f"{json.dumps(value, default=str)} is not the name of a {self.noun}",
                f"Use one of {self._names()}.",
                found=json.dumps(value, default=str),
                expected=f'a name, or {{"kind": name, "params": {{...}}}}; names: {self._names()}',
            )
        )

    def _params(self, value: Mapping[Any, Any]) -> Mapping[str, Any]:
        params = value.get("params", {})
        if isinstance(params, Mapping):
            return params
        raise ParamsError(
            Diagnostic.error(
                "param-invalid",
                f'"params" of the {self.noun} {value["kind"]} can\'t be '
                f"{json.dumps(params, default=str)[:60]}",
                f'Remove "params", or write just "{value["kind"]}".',
                found=json.dumps(params, default=str)[:60],
                expected='a mapping, such as {"params": {}}',
            )
        )

    def to_plain_json(self, instance: T) -> Any:
        """Return the shortest JSON that `parse` turns into an equal instance."""
        params = instance.params()
        name = self.name_of(instance)
        return {"kind": name, "params": params} if params else name

    def _kind(self, name: str) -> type[T]:
        if name in self._aliases:
            return self[name]
        fix = Fix(f"Use one of {self._names()}.")
        if nearest := self._nearest(name):
            fix = Fix(f'Use "{nearest}".', {"do": "set_kind", "kind": nearest})
        raise ParamsError(
            Diagnostic.error(
                "kind-unknown",
                f'there is no {self.noun} called "{name}"',
                fix,
                found=name,
                expected=f"one of {self._names()}",
            )
        )

    def _nearest(self, name: str) -> str | None:
        return nearest_word(name, self._kinds) or nearest_word(name, self._aliases)

    def _names(self) -> str:
        return ", ".join(self._kinds)

    def validate(self, value: object) -> T:
        """Convert a name or JSON to an instance, as `parse` does, but raise PydanticCustomError."""
        try:
            return self.parse(value)
        except ParamsError as error:
            first = error.diagnostics[0]
            corrections = [
                (fix.text, fix.edit and apply_registry_edit(value, fix.edit)) for fix in first.fixes
            ]
            text = "; ".join(diagnostic.message for diagnostic in error.diagnostics)
            raise named_error(text, first.expected, *corrections) from error

    def field_type(self, base: type[T]) -> Any:
        """Return a pydantic annotation for schemas of this registry, whose base class is `base`."""
        return Annotated[
            base,
            PlainValidator(self.validate),
            PlainSerializer(self.to_plain_json),
            WithJsonSchema({"enum": self._choices}),
            self,  # for `find_registry`
        ]


def find_registry(field: FieldInfo) -> Registry[Any] | None:
    """Return the registry, such as that of the losses, from which a field takes its value."""
    parts = (*field.metadata, *annotation_parts(field.annotation))
    return next((part for part in parts if isinstance(part, Registry)), None)


def apply_registry_edit(value: Any, edit: Edit) -> Any:
    """Return the JSON `value` of an instance after an edit of a fix, of its kind or its fields."""
    if edit["do"] == "set_kind":
        return {**value, "kind": edit["kind"]} if isinstance(value, Mapping) else edit["kind"]
    plain = value if isinstance(value, Mapping) else {"kind": value}
    return {**plain, "params": apply_field_edit(plain.get("params", {}), edit)}
