"""Base class of typed, frozen settings with validation: layers, losses, optimizers, recipes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError, PydanticUndefined

from engine.core.diagnostic import (
    Diagnostic,
    DiagnosticError,
    Edit,
    Fix,
    nearest_word,
    set_params_fix,
)


class Schema(BaseModel):
    """Base class of settings that a user may write. Types are strict; unknown fields are errors.

    The first line of a subclass' docstring and the descriptions of its fields are help texts.

    last_fields: the order of the last fields, inherited or not; a subclass may lack some of them.
    """

    last_fields: ClassVar[tuple[str, ...]] = ()

    # Validators are built on first use: most commands use few of the hundred schemas.
    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", validate_default=True, defer_build=True
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Move `last_fields` behind the others: the order of fields is that of Keras' arguments."""
        for name in cls.last_fields:
            if name in cls.model_fields:
                cls.model_fields[name] = cls.model_fields.pop(name)

    @classmethod
    def kind(cls) -> str:
        """Return the name that files use for this class."""
        return cls.__name__

    def params(self) -> dict[str, Any]:
        """Return the fields that differ from their defaults, as plain JSON."""
        fields = type(self).model_fields
        return {
            name: value
            for name, value in self.model_dump(mode="json").items()
            if fields[name].is_required() or value != _plain(fields[name].default)
        }

    def non_default_fields(self) -> tuple[str, ...]:
        """Return the names of the fields that are required or differ from their default.

        Unlike `params`, this compares parsed values, so that two spellings of a value are equal.
        """
        fields, params = type(self).model_fields, self.params()
        required = {name: params[name] for name in params if fields[name].is_required()}
        default = type(self).from_params(required)
        return tuple(
            name
            for name, field in fields.items()
            if field.is_required() or getattr(self, name) != getattr(default, name)
        )

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Self:
        """Return an instance built from plain JSON values.

        Raises:
            ParamsError: with one diagnostic for each invalid value.
        """
        result = cls.try_from_params(params)
        if isinstance(result, cls):
            return result
        raise ParamsError(*result)

    @classmethod
    def try_from_params(cls, params: Mapping[str, Any]) -> Self | list[Diagnostic]:
        """Return an instance built from plain JSON values, or diagnostics if they are invalid."""
        try:
            return cls.model_validate_json(json.dumps(dict(params)))
        except ValidationError as error:
            # A union fails once for each of its types; one diagnostic for a field is enough.
            details = {detail["loc"][:1]: detail for detail in reversed(error.errors())}
            return [_diagnose(cls, params, detail) for detail in reversed(details.values())]


class ParamsError(DiagnosticError):
    """The error for values that are invalid for a schema."""


def _diagnose(cls: type[Schema], params: Mapping[str, Any], detail: ErrorDetails) -> Diagnostic:
    name = str(detail["loc"][0]) if detail["loc"] else ""
    field = cls.model_fields.get(name)
    if (item := _diagnose_item(cls, params, detail)) is not None:
        return item
    expected = ""
    if field is not None:
        expected = describe_field(field, cls.model_json_schema()["properties"].get(name, {}))
    if name not in params:
        return Diagnostic.error(
            "param-missing",
            f'"{name}" has no value',
            f'Set "{name}": {(field and field.description) or ""}',
            param=name,
            found="nothing",
            expected=expected,
        )
    if detail["type"] == "extra_forbidden" and len(detail["loc"]) == 1:
        return _unknown(cls, params, name)
    value = params[name]
    fixes = [Fix(f"Use {expected}." if expected else _advice(detail))]
    if field is not None and not field.is_required():
        default = _plain(field.default)
        default_name = "its default" if default in (None, []) else json.dumps(default)
        reset = f'Set "{name}" back to {default_name}.'
        fixes.append(Fix(reset, {"do": "set_params", "params": {name: default}}))
    knows_fixes = detail["type"] == "with_fixes"
    if knows_fixes:
        fixes[:1] = [_named_fix(name, value, detail, *fix) for fix in detail["ctx"]["fixes"]]
        expected = detail["ctx"]["expected"] or expected
    return Diagnostic.error(
        "param-invalid",
        detail["msg"] if knows_fixes else _describe_problem(name, value, detail),
        *fixes,
        param=name,
        found=_shown(value),
        expected=expected or detail["msg"],
    )


def _describe_problem(name: str, value: Any, detail: ErrorDetails) -> str:
    """Return what is wrong with a field; if its value is a list, with the first invalid item."""
    indices = [key for key in detail["loc"][1:] if isinstance(key, int)]
    if isinstance(value, list) and indices and indices[0] < len(value):
        return f'"{name}" can\'t contain {_shown(value[indices[0]])}'
    return f'"{name}" can\'t be {_shown(value)}'


def named_error(text: str, expected: str, *fixes: tuple[str, Any]) -> PydanticCustomError:
    """Return the error of a validator that knows its fixes: (text, corrected value or None)."""
    context = {"text": text, "expected": expected, "fixes": fixes}
    return PydanticCustomError("with_fixes", "{text}", context)


def _named_fix(name: str, value: Any, detail: ErrorDetails, advice: str, corrected: Any) -> Fix:
    """Return a fix of a `named_error`, whose edit sets the field `name` to the corrected value."""
    inner = detail["loc"][1:]  # the index, if the field is a list
    if corrected is None or len(inner) > 1 or (isinstance(value, list) and not inner):
        return Fix(advice)
    if inner:
        corrected = [corrected if at == inner[0] else item for at, item in enumerate(value)]
    return set_params_fix(advice, **{name: corrected})


def _diagnose_item(
    cls: type[Schema], params: Mapping[str, Any], detail: ErrorDetails
) -> Diagnostic | None:
    """Return the diagnostic of a field of an object in a list; None for other errors."""
    match detail["loc"]:
        case (str(name), int(index), str(_), *_) if name in cls.model_fields:
            nested = next(nested_schemas(cls.model_fields[name].annotation), None)
        case _:
            return None
    items = params[name]
    if nested is None or not isinstance(items[index], Mapping):
        return None
    inner = _diagnose(nested, items[index], {**detail, "loc": detail["loc"][2:]})

    def convert(fix: Fix) -> Fix:
        if fix.edit is None:
            return fix
        item = apply_field_edit(items[index], fix.edit)
        return set_params_fix(fix.text, **{name: [*items[:index], item, *items[index + 1 :]]})

    message = f'{inner.message} in item {index + 1} of "{name}"'
    return replace(inner, message=message, param=name, fixes=tuple(map(convert, inner.fixes)))


def invalid_value(
    name: str, value: object, place: str, *fixes: Fix, expected: str = "a mapping", **fields: Any
) -> Diagnostic:
    """Return the diagnostic for JSON that is no mapping, or another one than `expected`.

    `name` and `place` say where in the file the value is. Other arguments are fields of the result.
    """
    shown = _shown(value)
    message = f'"{name}" can\'t be {shown}'
    fields |= {"place": place, "found": shown, "expected": expected, "fixes": fixes}
    return Diagnostic("param-invalid", message, **fields)


def _unknown(cls: type[Schema], params: Mapping[str, Any], name: str) -> Diagnostic:
    nearest = nearest_word(name, [known for known in cls.model_fields if known not in params])
    fixes = [Fix(f'Remove "{name}".', {"do": "remove_param", "param": name})]
    if nearest:
        rename = {"do": "rename_param", "param": name, "to": nearest}
        fixes.insert(0, Fix(f'Call it "{nearest}".', rename))
    return Diagnostic.error(
        "param-unknown",
        f'there is no field "{name}"',
        *fixes,
        param=name,
        found=name,
        expected=", ".join(cls.model_fields) or "no fields",
    )


def apply_field_edit(params: Mapping[str, Any], edit: Edit) -> dict[str, Any]:
    """Return `params` after an edit of a fix, which sets, removes or renames fields."""
    match edit:
        case {"do": "set_params", "params": new}:
            return {**params, **new}
        case {"do": "remove_param", "param": removed}:
            return {name: value for name, value in params.items() if name != removed}
        case {"do": "rename_param", "param": old, "to": to}:
            return {to if name == old else name: value for name, value in params.items()}
    return dict(params)


def _plain(value: object) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return None if value is PydanticUndefined else value


def _shown(value: object) -> str:
    text = json.dumps(_plain(value), default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def _advice(detail: ErrorDetails) -> str:
    return detail["msg"].replace("Input should be", "Use").rstrip(".") + "."


_NOUNS = {
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "string": "a string",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}


def describe_field(field: FieldInfo, schema: dict[str, Any]) -> str:
    """Return what a field accepts: "a whole number of at least 1", "one of valid, same".

    `schema` is the field's entry in `model_json_schema()["properties"]`.
    """
    if "anyOf" in schema:
        parts = [describe_field(field, option) for option in schema["anyOf"]]
        return " or ".join(dict.fromkeys(part for part in parts if part))
    if "$ref" in schema and (nested := next(nested_schemas(field.annotation), None)):
        return f"an object with {', '.join(nested.model_fields)}"
    if "enum" in schema:
        return "one of " + ", ".join(map(_choice_text, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    noun = _NOUNS.get(schema.get("type", ""), "")
    if schema.get("type") == "array" and schema.get("minItems") == schema.get("maxItems", 0):
        return f"a list of {schema['minItems']}"
    if schema.get("type") == "array":
        noun = _list_noun(field, schema)
    if noun == _NOUNS["integer"] and "exclusiveMinimum" in schema:
        schema = {**schema, "minimum": schema["exclusiveMinimum"] + 1}
        del schema["exclusiveMinimum"]
    bounds = [
        f"{word} {schema[key]}"
        for key, word in (
            ("minimum", "at least"),
            ("exclusiveMinimum", "more than"),
            ("maximum", "at most"),
            ("exclusiveMaximum", "less than"),
        )
        if key in schema
    ]
    return " ".join([noun, *(["of " + " and ".join(bounds)] if bounds else [])]).strip()


def _choice_text(choice: object) -> str:
    return str(choice) if str(choice)[:1].isalnum() else json.dumps(choice)


def _list_noun(field: FieldInfo, schema: dict[str, Any]) -> str:
    if "prefixItems" in schema:
        return f"a list of {len(schema['prefixItems'])} values"
    items = schema.get("items", {})
    nested = next(nested_schemas(field.annotation), None)
    if "$ref" in items and nested:
        return f"a list of objects with {', '.join(nested.model_fields)}"
    if "enum" in items:
        return f"a list with any of {', '.join(map(str, items['enum']))}"
    if items == {"type": "string"}:
        return "a list of strings"
    item = describe_field(field, items)
    return f"a list (each item {item})" if item else "a list"


def default_text(field: FieldInfo) -> str:
    """Return a field's default as JSON, or "required" if there is no default."""
    return "required" if field.is_required() else json.dumps(_plain(field.default))


def nested_schemas(annotation: Any) -> Iterator[type[Schema]]:
    """Yield the schemas of the objects that a field with this type annotation holds."""
    for part in annotation_parts(annotation):
        if isinstance(part, type) and issubclass(part, BaseModel) and issubclass(part, Schema):
            yield part


def annotation_parts(annotation: Any) -> Iterator[Any]:
    """Yield a type annotation and, recursively, all its type arguments and metadata."""
    yield annotation
    for part in (*get_args(annotation), *getattr(annotation, "__metadata__", ())):
        yield from annotation_parts(part)
