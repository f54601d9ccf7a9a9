"""Python's way in: whose line made a mistake, told as a refusal or as a warning there."""

from __future__ import annotations

import functools
import linecache
import os
import sys
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType, TracebackType
from typing import ParamSpec, TypeVar

from engine.core.diagnostic import Diagnostic, Refused
from engine.core.symbolic.argument_binding import misfits
from engine.core.symbolic.keras_hints import no_such_name
from engine.core.symbolic.python_phrasing import in_python

P = ParamSpec("P")
R = TypeVar("R")

_OWN = f"{Path(__file__).parents[2]}{os.sep}"  # the folder of this package


class RefusedAt(Refused):
    """A refusal that names the line in the caller's file.

    Args:
        place: "notebook.py:12", with the text of that line.
    """

    def __init__(self, place: str, *diagnostics: Diagnostic) -> None:
        super().__init__(*map(in_python, diagnostics))
        self.place = place
        self.args = (f"{place}\n{self}",)


class NoSuchName(RefusedAt, AttributeError):
    """A refusal of a name, for which Python wants an AttributeError: `hasattr` says False."""


class Notice(UserWarning):
    """A warning that carries its finding."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(str(diagnostic))
        self.diagnostic = diagnostic


def _caller() -> FrameType | None:
    """Return the innermost frame that is not of this package."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_own(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def _is_own(file: str) -> bool:
    return file.startswith(_OWN) or file == functools.__file__


def place() -> str:
    """Return the caller's file and line, and what stands there."""
    frame = _caller()
    if frame is None:
        return "at an unknown line"
    file, line = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(file, line, frame.f_globals).strip()
    return f"{file}:{line}: {text}" if text else f"{file}:{line}"


class _Naming:
    """A context of its own: one made by `contextlib` would put two lines more between the mistake
    and its message.
    """

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if isinstance(error, Refused) and not isinstance(error, RefusedAt):
            raise RefusedAt(place(), *error.diagnostics) from None


def naming_the_line() -> _Naming:
    """Let a refusal from inside name the line of the person who called.

    Raises:
        RefusedAt: in the place of a plain Refused.
    """
    return _Naming()


def names_the_line(function: Callable[P, R]) -> Callable[P, R]:
    """Do what `naming_the_line` does around a function that people call.

    Arguments that the function does not take are refused too, as findings.
    """

    @functools.wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        with naming_the_line():
            try:
                return function(*args, **kwargs)
            except TypeError:
                found = misfits(function, args, kwargs)
                if not found:
                    raise
                raise Refused(*found) from None

    return called


def absent(owner: str, name: str, known: Iterable[str]) -> NoSuchName:
    """Return the refusal of a name that an owner does not have; Keras' names are explained.

    Args:
        owner: "layers", "a model".
        name: what was asked for.
        known: the names that there are.
    """
    return NoSuchName(place(), no_such_name(owner, name, known))


def notify(diagnostics: Iterable[Diagnostic]) -> None:
    """Warn, at the caller's line, of each finding that is a warning."""
    frame = _caller()
    file, line = (frame.f_code.co_filename, frame.f_lineno) if frame else ("", 0)
    registry = frame.f_globals.setdefault("__warningregistry__", {}) if frame else None
    for found in diagnostics:
        if found.severity == "warning":
            warnings.warn_explicit(Notice(in_python(found)), Notice, file, line, registry=registry)
