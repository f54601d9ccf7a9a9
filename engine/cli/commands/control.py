"""The `control` command: asks something of a run that is under way."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

import typer

from engine.cli.commands.evaluate import Run
from engine.cli.commands.graph_files import Json
from engine.cli.console.control_text import answer_text
from engine.cli.console.output import say, say_json, show_diagnostics
from engine.core.codes import ExitCode
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, diagnostic_from_dict
from engine.runs.control.request_parser import asked
from engine.runs.control.requests import Kind, answered
from engine.runs.folder.run_folder import RunFolder

Verb = Literal["pause", "continue", "stop", "checkpoint", "set"]


def control(
    run: Run,
    verb: Annotated[
        Verb,
        typer.Argument(metavar="VERB", help="pause, continue, stop, checkpoint, or set KEY VALUE."),
    ],
    key: Annotated[
        str | None,
        typer.Argument(help="learning_rate, loss_weight.OUTPUT, or a field of stopping."),
    ] = None,
    value: Annotated[str | None, typer.Argument(help="Its new value.")] = None,
    wait: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to wait for the answer.")
    ] = 30.0,
    as_json: Json = False,
) -> int:
    """Ask something of a run that is under way.

    It is done after the step that is being taken. An example:

    engine control runs/posts-001 set learning_rate 1e-4
    """  # fmt: skip
    kind, wanted = _request(verb, key, value)
    RunFolder.open(run)
    request, taken = answered(run, kind, wanted, wait)
    refused = taken is not None and bool(taken.code)
    if as_json:
        say_json({"ok": not refused, "id": request.id, "answer": taken and taken.to_dict()})
    elif taken is None:
        say("It was asked, but there is no answer yet: the run takes it after its step.")
    elif refused:
        show_diagnostics([diagnostic_from_dict(taken.diagnostic)])
    else:
        say(answer_text(taken))
    return ExitCode.USAGE if refused else ExitCode.OK


def _request(verb: Verb, key: str | None, value: str | None) -> tuple[Kind, Any]:
    if verb != "set":
        if key is not None:
            raise _misused(f"{verb} {key}", verb, f"Leave {key} out.")
        return cast(Kind, verb), None
    if key is None or value is None:
        raise _misused(" ".join(["set", key or ""]).strip(), "set KEY VALUE",
                       "Write set learning_rate 1e-4, for example.")  # fmt: skip
    return asked(key, value)


def _misused(found: str, expected: str, fix: str) -> DiagnosticError:
    return DiagnosticError(
        Diagnostic(
            "usage",
            "the request was not understood",
            found=found,
            expected=expected,
            fixes=(Fix(fix),),
        )
    )
