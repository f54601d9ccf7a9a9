"""The command's border: where words come in, and where every refusal becomes text and a code."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Annotated, Any, NoReturn

import typer

from engine.cli.commands import (
    answer,
    bench,
    cache,
    control,
    data,
    evaluate,
    export,
    graph_files,
    predict,
    report,
    runs,
    train,
)
from engine.cli.console.crash_report import reported, version_of
from engine.cli.console.output import flush, open_streams, say, show_diagnostics
from engine.core.codes import CODES, ExitCode
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix

# Of click, which typer either imports or brings along under a name of its own.
UsageError: type[Exception] = typer.BadParameter.__bases__[0]

COMMANDS: dict[str, Callable[..., Any]] = {
    "new": graph_files.new,
    "sample": graph_files.sample,
    "data": data.data,
    "cache": cache.cache,
    "check": graph_files.check_file,
    "summary": graph_files.summarise,
    "train": train.train,
    "bench": bench.bench,
    "control": control.control,
    "evaluate": evaluate.evaluate,
    "predict": predict.predict,
    "answer": answer.answer,
    "export": export.export,
    "runs": runs.runs,
    "compare": runs.compare_runs,
    "report": report.report,
    "layers": graph_files.layers,
    "explain": graph_files.explain,
}

app = typer.Typer(
    name="engine",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
for word, command in COMMANDS.items():
    app.command(word)(command)


def _version(asked: bool) -> None:
    if asked:
        say(f"layerloom {version_of('layerloom')}")
        raise typer.Exit


@app.callback()
def engine(
    told: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Check, train and use networks drawn with Layerloom."""


def main(words: Sequence[str] | None = None) -> NoReturn:
    """Run one command and leave with its exit code; no mistake of a person's is a traceback."""
    open_streams()
    given = list(sys.argv[1:] if words is None else words)
    try:
        code = _run(given)
        flush()
    except DiagnosticError as refusal:
        code = _refused(refusal.diagnostics, given)
    except UsageError as error:
        code = _refused([_misused(error, given)], given)
    except (typer.Abort, KeyboardInterrupt):
        code = ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the border: a defect becomes a report and a finding
        code = _refused([reported(error, given)], given)
    with suppress(DiagnosticError):
        flush()
    sys.exit(int(code or ExitCode.OK))


def _run(given: list[str]) -> int | None:
    code: int | None
    try:
        code = app(given or ["--help"], standalone_mode=False, prog_name="engine")
    except SystemExit as leaving:
        # typer leaves with 1 where the reader of its help has gone away.
        code = ExitCode.OK if leaving.code == 1 else int(leaving.code or 0)
    if code == 1:  # typer's own, where it can't teach a shell its completion
        return ExitCode.USAGE
    return code if given else ExitCode.USAGE


def _refused(found: Sequence[Diagnostic], given: list[str]) -> int:
    with suppress(
        DiagnosticError
    ):  # a stdout that can't be written changes nothing about the findings
        show_diagnostics(found, "--json" in given)
    return exit_code(found)


def exit_code(diagnostics: Sequence[Diagnostic]) -> int:
    """Return the exit code of the first error among the findings."""
    for found in diagnostics:
        if found.is_error:
            return CODES[found.code].exit
    return ExitCode.OK


_PYDANTIC = re.compile(r"Value error, |Input |, unable to parse.*")


def _in_words(said: str) -> str:
    """Return click's message on one line, without what pydantic says to programmers."""
    return _PYDANTIC.sub("", " ".join(said.split())).rstrip(".")


def _misused(error: Any, given: list[str]) -> Diagnostic:
    """Return what click says of the words that were typed."""
    path = error.ctx.command_path if error.ctx else " ".join(["engine", *given[:1]])
    usage = " ".join(error.ctx.get_usage().split()) if error.ctx else f"{path} ..."
    return Diagnostic(
        "usage",
        _in_words(error.format_message()),
        found=" ".join(["engine", *given]),
        expected=usage.removeprefix("Usage: "),
        fixes=(Fix(f"See: {path} --help"),),
    )
