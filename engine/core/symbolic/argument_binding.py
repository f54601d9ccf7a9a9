"""Binding of Python arguments to schema fields, and conversion of the arguments to plain JSON."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, diagnostic_error, nearest_word
from engine.core.schema import Schema
from engine.core.symbolic.keras_hints import argument_hint


def bind_arguments(
    cls: type[Schema], args: tuple[Any, ...], fields: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the arguments of the call `cls(*args, **fields)` by field name, as plain JSON.

    Raises:
        DiagnosticError: too many or duplicate arguments, or a value that JSON can't represent.
    """
    names = list(cls.model_fields)
    if len(args) > len(names):
        raise DiagnosticError(_too_many(cls.__name__, len(args), names))
    bound = dict(zip(names, args, strict=False))
    duplicates = [name for name in fields if name in bound]
    if duplicates:
        raise DiagnosticError(duplicate_argument(cls.__name__, duplicates[0]))
    bound |= fields
    if bound.get("activation", "") is None:  # in Keras, None means "linear"
        del bound["activation"]
    return {name: to_plain_json(value, name) for name, value in bound.items()}


def to_plain_json(value: object, name: str = "value") -> Any:
    """Return a Python value as plain JSON.

    NumPy arrays and numbers become lists and numbers; layers, losses and optimizers become
    `{"kind": ..., "params": ...}`. `name` is the name of the argument in error messages.

    Raises:
        DiagnosticError: JSON can't represent the value.
    """
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Schema):
        return {"kind": value.kind(), "params": value.params()}
    if isinstance(value, Mapping):
        return {str(key): to_plain_json(item, name) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain_json(item, name) for item in value]
    if callable(getattr(value, "tolist", None)):
        return to_plain_json(value.tolist(), name)  # type: ignore[attr-defined]  # numpy's, which is not imported here
    if isinstance(getattr(value, "chosen", None), str):  # losses.mean_squared_error, not called
        return value.chosen  # type: ignore[attr-defined]  # tested in the line above
    expected = "a number, a string, a list of them, or an object chosen by name"
    if isinstance(value, type) and issubclass(value, Schema):
        kind = value.__name__
        advice = f"Create an instance: {kind}(...), with its arguments."
        raise invalid_argument(value, name, expected, advice, found=kind)
    advice = "Pass the name as a string: functions can't be saved in a file."
    raise invalid_argument(value, name, expected, advice, found=type(value).__name__)


def invalid_argument(
    value: object, name: str, expected: str, *fixes: str, **fields: Any
) -> DiagnosticError:
    """Return the error for an invalid value of the argument called `name`.

    The other arguments are fields of the diagnostic; `found` is the value by default.
    """
    shown = f"{value!r:.60}"
    fields = {"param": name, "found": shown, "expected": expected, **fields}
    return diagnostic_error("param-invalid", f'"{name}" can\'t be {shown}', *fixes, **fields)


def require_integer(value: object, name: str, minimum: int = 1) -> int:
    """Return the argument called `name` as an int; NumPy integers are accepted.

    Raises:
        DiagnosticError: the value is not an integer, or is less than `minimum`.
    """
    number = value.tolist() if callable(getattr(value, "tolist", None)) else value  # type: ignore[attr-defined]  # numpy's, which is not imported here
    if isinstance(number, int) and not isinstance(number, bool) and number >= minimum:
        return number
    expected = f"an integer of at least {minimum}"
    raise invalid_argument(value, name, expected, f"Use {expected}.")


def require_name(name: object, default: str = "") -> str:
    """Return the `name` argument of a layer or a model, `default` if it is None.

    Raises:
        DiagnosticError: the name is not a string.
    """
    if name is None:
        return default
    if isinstance(name, str):
        return name
    raise invalid_argument(name, "name", "a string", 'Write it in quotes: name="encoder".')


def build_from_arguments(cls: type[Any], args: tuple[Any, ...], fields: Mapping[str, Any]) -> Any:
    """Return an instance of a schema, built from Python arguments as in Keras.

    Raises:
        DiagnosticError: with one diagnostic for each invalid value.
    """
    result = cls.try_from_params(bind_arguments(cls, args, fields))
    if isinstance(result, list):
        raise DiagnosticError(*(_with_hint(problem).at_node(cls.__name__) for problem in result))
    return result


def _with_hint(diagnostic: Diagnostic) -> Diagnostic:
    """Return the diagnostic, with a hint as its fix if the argument exists only in Keras."""
    hint = argument_hint(diagnostic.found) if diagnostic.code == "param-unknown" else None
    return replace(diagnostic, fixes=(Fix(hint),)) if hint else diagnostic


def signature_errors(
    function: Callable[..., Any], args: tuple[Any, ...], named: Mapping[str, Any]
) -> list[Diagnostic]:
    """Return diagnostics for a call that does not match a function's signature, [] for a match.

    For a method, `args` begins with `self`.
    """
    signature = inspect.signature(function)
    try:
        signature.bind(*args, **named)
    except TypeError:
        skipped = 1 if next(iter(signature.parameters), "") == "self" else 0
        title = type(args[0]).__name__ if function.__name__ == "__init__" else function.__name__
        return list(_binding_errors(title, signature, len(args) - skipped, skipped, named))
    return []


def _binding_errors(
    title: str, signature: inspect.Signature, count: int, skipped: int, named: Mapping[str, Any]
) -> Iterator[Diagnostic]:
    parameters = list(signature.parameters.values())[skipped:]
    names = [param.name for param in parameters if param.kind is not param.VAR_KEYWORD]
    positional = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    if count > len(positional):
        yield _too_many(title, count, positional)
    for name in named:
        if name not in names:
            yield unknown_argument(title, name, names)
        elif name in positional[:count]:
            yield duplicate_argument(title, name)
    for param in parameters:
        is_given = param.name in named or param.name in positional[:count]
        if param.default is param.empty and not is_given and param.name in names:
            yield Diagnostic.error(
                "param-missing",
                f'{title} needs "{param.name}"',
                f"Pass it: {param.name}=...",
                param=param.name,
                found="nothing",
                expected=f"{title}({', '.join(names)})",
            )


def unknown_argument(title: str, name: str, known: Iterable[str]) -> Diagnostic:
    """Return the diagnostic for an argument that the function called `title` does not have."""
    known = list(known)
    nearest = nearest_word(name, known)
    advice = argument_hint(name) or (f'Call it "{nearest}".' if nearest else "Remove it.")
    return Diagnostic.error(
        "param-unknown",
        f'{title} has no argument "{name}"',
        advice,
        param=name,
        found=name,
        expected=", ".join(known),
    )


def unknown_port(word: str, known: Iterable[str], noun: str, where: str) -> Diagnostic:
    """Return the diagnostic for a key that is not the name of an input or output.

    Args:
        word, known: the key, and the known names.
        noun: "input" or "output".
        where: the argument that holds the key.
    """
    known = list(known)
    nearest = nearest_word(word, known)
    hint = f"; did you mean {nearest!r}?" if nearest else ""
    advice = f'Call it "{nearest}".' if nearest else f'Remove "{word}".'
    return Diagnostic.error(
        "port-unknown",
        f'the model has no {noun} called "{word}"{hint}',
        advice,
        place=where,
        found=word,
        expected=", ".join(known) or f"no {noun}s",
    )


def duplicate_argument(title: str, name: str) -> Diagnostic:
    """Return the diagnostic for a call of `title` that gets the argument `name` twice."""
    return Diagnostic.error(
        "param-invalid",
        f'"{name}" is given twice, by position and by name',
        "Remove one of them.",
        node=title,
        param=name,
        found="two values",
        expected="one value",
    )


def _too_many(title: str, count: int, names: list[str]) -> Diagnostic:
    return Diagnostic.error(
        "param-unknown",
        f"takes at most {len(names)} positional arguments",
        "Pass the arguments by name.",
        node=title,
        found=f"{count} arguments",
        expected=", ".join(names) or "none",
    )
