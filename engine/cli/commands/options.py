"""Arguments and options that several commands share, and the error for invalid command lines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix


def path_argument(metavar: str | None, text: str) -> Any:
    """Return a typer argument for a path, with a help text. Typer does not check the path.

    `metavar` is the placeholder for the argument in the help.
    """
    return typer.Argument(readable=False, metavar=metavar, help=text)


def path_option(metavar: str, text: str, *names: str) -> Any:
    """Return a typer option for an unchecked path; `text` is its help, `metavar` its placeholder.

    `names` are the option's names. Without `names`, the command's parameter gives the name.
    """
    return typer.Option(*names, readable=False, metavar=metavar, help=text)


JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
GraphFileArgument = Annotated[Path, path_argument("FILE", "A graph file, *.loom.json.")]
RunArgument = Annotated[Path, path_argument("RUN", "A run folder, such as runs/posts-001.")]
WeightsOption = Annotated[
    Literal["final", "best", "last"],
    typer.Option(help="The weights: of the end, of the best epoch, or the newest."),
]
DeviceOption = Annotated[
    Literal["auto", "cpu", "cuda", "mps"] | None, typer.Option(help="Where to compute.")
]


def given_arguments(context: typer.Context, *left_out: str) -> list[str]:
    """Return the arguments that were typed for a command, in the order of its parameters.

    `left_out` are the names of the command's Python parameters whose arguments are left out.
    """
    words: list[str] = []
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if parameter.name in left_out or source is None or source.name != "COMMANDLINE":
            continue
        value = context.params[parameter.name or ""]
        if parameter.param_type_name == "argument":
            words.append(str(value))
        elif isinstance(value, bool):
            words.append((parameter.opts if value else parameter.secondary_opts)[0])
        else:
            values = value if isinstance(value, (list, tuple)) else [value]
            words += [word for each in values for word in (parameter.opts[0], str(each))]
    return words


def usage_error(message: str, found: str, expected: str, *fixes: str) -> DiagnosticError:
    """Return the error for an invalid command line, with a hint for each of the `fixes`."""
    return DiagnosticError(
        Diagnostic("usage", message, found=found, expected=expected, fixes=tuple(map(Fix, fixes)))
    )
