"""The entry point of `engine`: runs a command, and reports errors as text and exit code."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from shlex import join
from typing import Annotated, Any, NoReturn

import typer

from engine.cli.commands import (
    answer,
    bench,
    cache,
    control,
    data,
    docs,
    evaluate,
    export,
    fields,
    graph_files,
    predict,
    runs,
    train,
)
from engine.cli.console.crash_report import crash_diagnostic, package_version
from engine.cli.console.output import ensure_streams, flush_streams, print_line, show_diagnostics
from engine.core.codes import CODES, ExitCode
from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.core.formatting.urls import without_credentials
from engine.launch.torchrun import RankLostError, current_rank

# click's UsageError; typer either imports click or bundles it under another name.
UsageError: type[Exception] = typer.BadParameter.__bases__[0]

COMMANDS: dict[str, Callable[..., Any]] = {
    "new": graph_files.new,
    "sample": graph_files.sample,
    "data": data.data,
    "cache": cache.cache,
    "check": graph_files.check_file,
    "summary": graph_files.show_summary,
    "train": train.train,
    "bench": bench.bench,
    "control": control.control,
    "evaluate": evaluate.evaluate,
    "predict": predict.predict,
    "answer": answer.answer,
    "export": export.export,
    "runs": runs.runs,
    "compare": runs.show_comparison,
    "report": runs.report,
    "layers": graph_files.layers,
    "fields": fields.fields,
    "explain": graph_files.explain,
    "docs": docs.docs,
}

app = typer.Typer(
    name="engine",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
for name, command in COMMANDS.items():
    app.command(name)(command)


def _show_version(requested: bool) -> None:
    if requested:
        print_line(f"layerloom {package_version('layerloom')}")
        raise typer.Exit


@app.callback()
def engine(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Check, train and use networks drawn with Layerloom."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command, and exit with the exit code of the command. Tracebacks are never printed."""
    ensure_streams()
    command_line = list(sys.argv[1:] if arguments is None else arguments)
    shown = [*map(without_credentials, command_line)]  # in messages and crash reports
    try:
        code = _run(command_line)
        flush_streams()
    except RankLostError as error:
        if error.failure is None:
            sys.exit(ExitCode.RUN)  # without a report: the launcher may start this process again
        code = _report([error.failure], command_line)
    except DiagnosticError as error:
        code = _report(error.diagnostics, command_line)
    except UsageError as error:
        code = _report([_usage_diagnostic(error, shown)], command_line)
    except (typer.Abort, KeyboardInterrupt):
        code = ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the entry point: a bug becomes a crash report
        code = _report([crash_diagnostic(error, shown)], command_line)
    with suppress(DiagnosticError):
        flush_streams()
    sys.exit(current_rank().exit(int(code or ExitCode.OK)))


def _run(command_line: list[str]) -> int | None:
    code: int | None
    try:
        code = app(command_line or ["--help"], standalone_mode=False, prog_name="engine")
    except SystemExit as exited:
        # typer exits with 1 if the pipe to which it writes the help was closed, which is no error.
        code = ExitCode.OK if exited.code == 1 else int(exited.code or 0)
    if code == 1:  # typer could not install the shell completion
        return ExitCode.USAGE
    return code if command_line else ExitCode.USAGE


def _report(found: Sequence[Diagnostic], command_line: list[str]) -> int:
    # If stdout can't be written, the exit code is the same.
    with suppress(DiagnosticError):
        if current_rank().number == 0:
            show_diagnostics(found, "--json" in command_line)
    return next((CODES[entry.code].exit for entry in found if entry.is_error), ExitCode.OK)


_PYDANTIC_PREFIXES = re.compile(r"Value error, |Input |, unable to parse.*")


def _usage_diagnostic(error: Any, command_line: list[str]) -> Diagnostic:
    path = error.ctx.command_path if error.ctx else " ".join(["engine", *command_line[:1]])
    usage = " ".join(error.ctx.get_usage().split()) if error.ctx else f"{path} ..."
    message = " ".join(error.format_message().split())
    return Diagnostic.error(
        "usage",
        _PYDANTIC_PREFIXES.sub("", message).rstrip("."),
        f"See: {path} --help",
        found=join(["engine", *command_line]),
        expected=usage.removeprefix("Usage: "),
    )
