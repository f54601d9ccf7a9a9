"""Python's way in: whose line made a mistake, and arguments as plain JSON."""

from __future__ import annotations

import functools
import linecache
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, ParamSpec, TypeVar

from engine.core.diagnostic import Diagnostic, Fix, Refused, nearest_word
from engine.core.schema import Schema

P = ParamSpec("P")
R = TypeVar("R")

_OWN = str(Path(__file__).parents[1])  # the folder of this package
_SHOWN = 60


class RefusedAt(Refused):
    """A refusal that names the line in the caller's file.

    Args:
        place: "notebook.py:12", with the text of that line.
    """

    def __init__(self, place: str, *diagnostics: Diagnostic) -> None:
        super().__init__(*diagnostics)
        self.place = place
        self.args = (f"{place}\n{self}",)


class Notice(UserWarning):
    """A warning that carries its finding."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(str(diagnostic))
        self.diagnostic = diagnostic


def _caller() -> FrameType | None:
    """Answer the innermost frame that is not of this package."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_own(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def _is_own(file: str) -> bool:
    return file.startswith(_OWN) or file in (functools.__file__, _CONTEXTS)


_CONTEXTS = sys.modules["contextlib"].__file__


def place() -> str:
    """Answer the caller's file and line, and what stands there."""
    frame = _caller()
    if frame is None:
        return "at an unknown line"
    file, line = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(file, line, frame.f_globals).strip()
    return f"{file}:{line}: {text}" if text else f"{file}:{line}"


@contextmanager
def naming_the_line() -> Iterator[None]:
    """Let a refusal from inside name the line of the person who called.

    Raises:
        RefusedAt: in the place of a plain Refused.
    """
    try:
        yield
    except RefusedAt:
        raise
    except Refused as refused:
        raise RefusedAt(place(), *refused.diagnostics) from None


def names_the_line(function: Callable[P, R]) -> Callable[P, R]:
    """Do what `naming_the_line` does around a function that people call."""

    @functools.wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        with naming_the_line():
            return function(*args, **kwargs)

    return called


def notify(diagnostics: Iterable[Diagnostic]) -> None:
    """Warn, at the caller's line, of each finding that is a warning."""
    frame = _caller()
    file, line = (frame.f_code.co_filename, frame.f_lineno) if frame else ("", 0)
    registry = frame.f_globals.setdefault("__warningregistry__", {}) if frame else None
    for found in diagnostics:
        if found.severity == "warning":
            warnings.warn_explicit(Notice(found), Notice, file, line, registry=registry)


def arguments(
    cls: type[Schema], args: tuple[Any, ...], fields: Mapping[str, Any]
) -> dict[str, Any]:
    """Answer what a person passed to a constructor, by field, as plain JSON.

    Args:
        cls: its fields, in order, are the arguments.
        args, fields: by position and by name.

    Raises:
        Refused: too many, or one twice, or a value that JSON does not have.
    """
    names = list(cls.model_fields)
    if len(args) > len(names):
        raise Refused(_too_many(cls, len(args)))
    given = dict(zip(names, args, strict=False))
    twice = [name for name in fields if name in given]
    if twice:
        raise Refused(_twice(cls, twice[0]))
    given |= fields
    if given.get("activation", "") is None:  # Keras' way to say "linear"
        del given["activation"]
    return {name: plain(value, name) for name, value in given.items()}


def plain(value: object, name: str = "value") -> Any:
    """Answer a Python value as JSON has it: numpy's numbers too, and layers, losses, optimizers.

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
    raise Refused(
        Diagnostic(
            "param-invalid",
            f'"{name}" can\'t be {value!r:.{_SHOWN}}',
            param=name,
            found=type(value).__name__,
            expected="a number, a text, a list of them, or a thing chosen by name",
            fixes=(Fix("Give the name as a text: a file could not hold a function."),),
        )
    )


def made(cls: type[Any], args: tuple[Any, ...], fields: Mapping[str, Any]) -> Any:
    """Answer an instance of a schema, as Keras would build it from Python values.

    Raises:
        Refused: with a finding for each value that does not fit.
    """
    found = cls.problems(arguments(cls, args, fields))
    if isinstance(found, list):
        raise Refused(*(each.at(cls.__name__) for each in found))
    return found


def unknown_word(word: str, known: Iterable[str], noun: str, where: str) -> Diagnostic:
    """Answer the finding for a key that names no port: "age" mistyped as "aeg"."""
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


def _too_many(cls: type[Schema], count: int) -> Diagnostic:
    names = ", ".join(cls.model_fields) or "nothing"
    return Diagnostic(
        "param-unknown",
        f"takes at most {len(cls.model_fields)} values",
        node=cls.__name__,
        found=f"{count} values",
        expected=names,
        fixes=(Fix("Name the arguments."),),
    )


def _twice(cls: type[Schema], name: str) -> Diagnostic:
    return Diagnostic(
        "param-invalid",
        f'"{name}" is given twice, by position and by name',
        node=cls.__name__,
        param=name,
        found="two values",
        expected="one value",
        fixes=(Fix("Leave one of them out."),),
    )
