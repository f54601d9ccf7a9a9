"""The caller's file and line, for the errors and warnings of the Python API."""

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

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.core.symbolic.argument_binding import signature_errors
from engine.core.symbolic.keras_hints import unknown_name
from engine.core.symbolic.python_phrasing import phrase_for_python

P = ParamSpec("P")
R = TypeVar("R")

_PACKAGE_FOLDER = f"{Path(__file__).parents[2]}{os.sep}"


class CallSiteError(DiagnosticError):
    """A DiagnosticError that names the caller's file and line.

    Args:
        call_site: the caller's file and line: "notebook.py:12: x = layers.Dense(0)".
    """

    def __init__(self, call_site: str, *diagnostics: Diagnostic) -> None:
        super().__init__(*map(phrase_for_python, diagnostics))
        self.call_site = call_site
        self.args = (f"{call_site}\n{self}",)


class UnknownNameError(CallSiteError, AttributeError):
    """The error for an unknown name; also an AttributeError, so that `hasattr` returns False."""


class DiagnosticWarning(UserWarning):
    """A Python warning that holds a diagnostic."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(str(diagnostic))
        self.diagnostic = diagnostic


def _caller() -> FrameType | None:
    """Return the innermost stack frame outside of the package `engine`, None if there is none."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_internal(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def _is_internal(file: str) -> bool:
    return file.startswith(_PACKAGE_FOLDER) or file == functools.__file__


def call_site() -> str:
    """Return "FILE:LINE: SOURCE" of the innermost caller outside of the package `engine`."""
    frame = _caller()
    if frame is None:
        return "at an unknown line"
    file, line = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(file, line, frame.f_globals).strip()
    return f"{file}:{line}: {text}" if text else f"{file}:{line}"


class _CallSiteErrors:
    """The context manager of `call_site_errors`.

    Why: a context manager made with `contextlib` would add two entries to every traceback.
    """

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if isinstance(error, DiagnosticError) and not isinstance(error, CallSiteError):
            raise CallSiteError(call_site(), *error.diagnostics) from None


def call_site_errors() -> _CallSiteErrors:
    """Return a context manager that adds the user's file and line to errors raised inside it.

    Raises:
        CallSiteError: on leaving the context, in place of a DiagnosticError without file and line.
    """
    return _CallSiteErrors()


def with_call_site(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a public function: its DiagnosticErrors name the line of the function's caller.

    For wrong arguments, the function raises such a DiagnosticError instead of a TypeError.
    """

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        with call_site_errors():
            try:
                return function(*args, **kwargs)
            except TypeError:
                problems = signature_errors(function, args, kwargs)
                if not problems:  # the error came from inside the function, not from its arguments
                    raise
                raise DiagnosticError(*problems) from None

    return wrapper


def unknown_name_error(owner: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """Return the error for a name that a module or an object does not have.

    Args:
        owner: the module or object, such as "layers" or "a model".
        name: the unknown name; if Keras has it, the error says what to write instead.
    """
    return UnknownNameError(call_site(), unknown_name(owner, name, known))


def emit_warnings(diagnostics: Iterable[Diagnostic]) -> None:
    """Emit a Python warning at the caller's line for each diagnostic of severity "warning"."""
    frame = _caller()
    file, line = (frame.f_code.co_filename, frame.f_lineno) if frame else ("", 0)
    registry = frame.f_globals.setdefault("__warningregistry__", {}) if frame else None
    for diagnostic in diagnostics:
        if diagnostic.severity == "warning":
            warning = DiagnosticWarning(phrase_for_python(diagnostic))
            warnings.warn_explicit(warning, DiagnosticWarning, file, line, registry=registry)
