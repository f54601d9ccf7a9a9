"""Arguments as people pass them in Python: brought to fields, to plain JSON, or refused."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix, Refused, nearest_word
from engine.core.schema import Schema
from engine.core.symbolic.keras_hints import argument_advice

_SHOWN = 60


def arguments(
    cls: type[Schema], args: tuple[Any, ...], fields: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a person passed to a constructor, by field, as plain JSON.

    Args:
        cls: its fields, in order, are the arguments.
        args, fields: by position and by name.

    Raises:
        Refused: too many, or one twice, or a value that JSON does not have.
    """
    names = list(cls.model_fields)
    if len(args) > len(names):
        raise Refused(_too_many(cls.__name__, len(args), names))
    given = dict(zip(names, args, strict=False))
    twice = [name for name in fields if name in given]
    if twice:
        raise Refused(given_twice(cls.__name__, twice[0]))
    given |= fields
    if given.get("activation", "") is None:  # Keras' way to say "linear"
        del given["activation"]
    return {name: plain(value, name) for name, value in given.items()}


def plain(value: object, name: str = "value") -> Any:
    """Return a Python value as JSON has it: numpy's numbers too, and layers, losses, optimizers.

    Raises:
        Refused: JSON can't say it.
    """
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Schema):
        return {"kind": value.kind(), "params": value.params()}
    if isinstance(value, Mapping):
        return {str(key): plain(item, name) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, name) for item in value]
    if callable(getattr(value, "tolist", None)):
        return plain(value.tolist(), name)  # type: ignore[attr-defined]  # numpy's, which is not imported here
    if isinstance(getattr(value, "chosen", None), str):  # losses.mean_squared_error, not called
        return value.chosen  # type: ignore[attr-defined]  # asked for in the line above
    raise Refused(_unsayable(value, name))


def _unsayable(value: object, name: str) -> Diagnostic:
    kind = value.__name__ if isinstance(value, type) and issubclass(value, Schema) else ""
    return Diagnostic(
        "param-invalid",
        f'"{name}" can\'t be {value!r:.{_SHOWN}}',
        param=name,
        found=kind or type(value).__name__,
        expected="a number, a text, a list of them, or a thing chosen by name",
        fixes=(
            Fix(
                f"Make it first: {kind}(...), with its arguments."
                if kind
                else "Give the name as a text: a file could not hold a function."
            ),
        ),
    )


def whole(value: object, name: str, least: int = 1) -> int:
    """Return a whole number that a person passed, numpy's too.

    Raises:
        Refused: it is none, or less than `least`.
    """
    number = value.tolist() if callable(getattr(value, "tolist", None)) else value  # type: ignore[attr-defined]  # numpy's, which is not imported here
    if isinstance(number, int) and not isinstance(number, bool) and number >= least:
        return number
    raise Refused(
        Diagnostic(
            "param-invalid",
            f'"{name}" can\'t be {value!r:.{_SHOWN}}',
            param=name,
            found=f"{value!r:.{_SHOWN}}",
            expected=f"a whole number of at least {least}",
            fixes=(Fix(f"Use a whole number of at least {least}."),),
        )
    )


def called(name: object, usual: str = "") -> str:
    """Return what a person calls a layer or a model, as usual if nothing was said.

    Raises:
        Refused: it is no text.
    """
    if name is None:
        return usual
    if isinstance(name, str):
        return name
    raise Refused(
        Diagnostic(
            "param-invalid",
            f'"name" can\'t be {name!r:.{_SHOWN}}',
            param="name",
            found=f"{name!r:.{_SHOWN}}",
            expected="a text",
            fixes=(Fix('Write it in quotes: name="encoder".'),),
        )
    )


def made(cls: type[Any], args: tuple[Any, ...], fields: Mapping[str, Any]) -> Any:
    """Return an instance of a schema, as Keras would build it from Python values.

    Raises:
        Refused: with a finding for each value that does not fit.
    """
    found = cls.problems(arguments(cls, args, fields))
    if isinstance(found, list):
        raise Refused(*(_advised(each).at(cls.__name__) for each in found))
    return found


def _advised(found: Diagnostic) -> Diagnostic:
    """Return a finding with advice on an argument that Keras has and nothing here."""
    advice = argument_advice(found.found) if found.code == "param-unknown" else None
    return replace(found, fixes=(Fix(advice),)) if advice else found


def misfits(
    function: Callable[..., Any], args: tuple[Any, ...], named: Mapping[str, Any]
) -> list[Diagnostic]:
    """Return what keeps a function from being called so; nothing if it can be.

    Args:
        function: a method, or a function.
        args, named: what it was called with; `args` holds the object of a method.
    """
    signature = inspect.signature(function)
    try:
        signature.bind(*args, **named)
    except TypeError:
        method = next(iter(signature.parameters), "") == "self"
        title = type(args[0]).__name__ if function.__name__ == "__init__" else function.__name__
        return list(_misfits(title, signature, len(args) - method, method, named))
    return []


def _misfits(
    title: str, signature: inspect.Signature, count: int, method: bool, named: Mapping[str, Any]
) -> Iterator[Diagnostic]:
    known = list(signature.parameters.values())[method:]
    names = [each.name for each in known if each.kind is not each.VAR_KEYWORD]
    placed = [each.name for each in known if each.kind is each.POSITIONAL_OR_KEYWORD]
    if count > len(placed):
        yield _too_many(title, count, placed)
    for name in named:
        if name not in names:
            yield unknown_argument(title, name, names)
        elif name in placed[:count]:
            yield given_twice(title, name)
    for each in known:
        given = each.name in named or each.name in placed[:count]
        if each.default is each.empty and not given and each.name in names:
            yield _left_out(title, each.name, names)


def unknown_argument(title: str, name: str, known: Iterable[str]) -> Diagnostic:
    """Return the finding for an argument that a function does not take."""
    known = list(known)
    nearest = nearest_word(name, known)
    advice = argument_advice(name) or (f'Call it "{nearest}".' if nearest else "Leave it out.")
    return Diagnostic(
        "param-unknown",
        f'{title} has no argument "{name}"',
        param=name,
        found=name,
        expected=", ".join(known),
        fixes=(Fix(advice),),
    )


def unknown_word(word: str, known: Iterable[str], noun: str, where: str) -> Diagnostic:
    """Return the finding for a key that names no port: "age" mistyped as "aeg"."""
    known = list(known)
    nearest = nearest_word(word, known)
    hint = f"; did you mean {nearest!r}?" if nearest else ""
    advice = f'Call it "{nearest}".' if nearest else f'Remove "{word}".'
    return Diagnostic(
        "port-unknown",
        f'the model has no {noun} called "{word}"{hint}',
        place=where,
        found=word,
        expected=", ".join(known) or f"no {noun}s",
        fixes=(Fix(advice),),
    )


def given_twice(title: str, name: str) -> Diagnostic:
    """Return the finding for an argument that comes by position and by name."""
    return Diagnostic(
        "param-invalid",
        f'"{name}" is given twice, by position and by name',
        node=title,
        param=name,
        found="two values",
        expected="one value",
        fixes=(Fix("Leave one of them out."),),
    )


def _too_many(title: str, count: int, names: list[str]) -> Diagnostic:
    return Diagnostic(
        "param-unknown",
        f"takes at most {len(names)} values by position",
        node=title,
        found=f"{count} values",
        expected=", ".join(names) or "nothing",
        fixes=(Fix("Name the arguments."),),
    )


def _left_out(title: str, name: str, names: list[str]) -> Diagnostic:
    return Diagnostic(
        "param-missing",
        f'{title} needs "{name}"',
        param=name,
        found="nothing",
        expected=f"{title}({', '.join(names)})",
        fixes=(Fix(f"Give it: {name}=..."),),
    )
