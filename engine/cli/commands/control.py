"""The `control` command: sends a control request to a run that is training."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

import typer

from engine.cli.commands.options import JsonOption, RunArgument, usage_error
from engine.cli.console.control_text import describe_response
from engine.cli.console.output import print_json, print_line, show_diagnostics
from engine.core.codes import ExitCode
from engine.core.diagnostic import DiagnosticError, diagnostic_from_dict
from engine.runs.control.request_parser import parse_request
from engine.runs.control.requests import RequestKind, send_and_wait
from engine.runs.folder.run_folder import RunFolder

Verb = Literal["pause", "continue", "stop", "checkpoint", "set"]


def control(
    run: RunArgument,
    verb: Annotated[
        Verb,
        typer.Argument(metavar="VERB", help="pause, continue, stop, checkpoint, or set KEY VALUE."),
    ],
    key: Annotated[
        str | None,
        typer.Argument(help="learning_rate, loss_weight.OUTPUT, or a field of stopping."),
    ] = None,
    value: Annotated[str | None, typer.Argument(help="The new value.")] = None,
    wait: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to wait for the response.")
    ] = 30.0,
    as_json: JsonOption = False,
) -> int:
    """Send a control request to a run that is training.

    The run applies it after the current step. Example:

    engine control runs/posts-001 set learning_rate 1e-4
    """
    kind, content = _parse_request(verb, key, value)
    RunFolder.open(run)
    request, response = send_and_wait(run, kind, content, wait)
    is_rejected = response is not None and bool(response.code)
    if as_json:
        answer = response and response.to_dict()
        print_json({"ok": not is_rejected, "id": request.id, "answer": answer})
    elif response is None:
        print_line(
            "The request was sent. The run has not responded yet; it responds after its "
            "current step."
        )
    elif is_rejected:
        show_diagnostics([diagnostic_from_dict(response.diagnostic)])
    else:
        print_line(describe_response(response))
    return ExitCode.USAGE if is_rejected else ExitCode.OK


def _parse_request(verb: Verb, key: str | None, value: str | None) -> tuple[RequestKind, Any]:
    if verb != "set":
        if key is not None:
            raise _invalid_request(f"{verb} {key}", verb, f"Leave {key} out.")
        return cast(RequestKind, verb), None
    if key is None or value is None:
        found = f"set {key or ''}".rstrip()
        raise _invalid_request(found, "set KEY VALUE", "Write set learning_rate 1e-4, for example.")
    return parse_request(key, value)


def _invalid_request(found: str, expected: str, fix: str) -> DiagnosticError:
    return usage_error("the control request is invalid", found, expected, fix)
