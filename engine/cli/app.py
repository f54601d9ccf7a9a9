"""The command's border: where words come in, and where every refusal becomes text and a code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click
import typer

from engine.cli import graphs, training
from engine.cli.show import say_error, show_diagnostics
from engine.core.codes import CODES, Exit
from engine.core.diagnostic import Refused

app = typer.Typer(
    name="engine",
    help="Check, train and use networks drawn with Layerloom.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
graphs.add_to(app)
training.add_to(app)


def main(words: Sequence[str] | None = None) -> NoReturn:
    """Run one command and leave with its exit code; no mistake of a person's is a traceback."""
    given = list(sys.argv[1:] if words is None else words)
    as_json = "--json" in given
    try:
        code = app(given, standalone_mode=False, prog_name="engine")
    except Refused as refusal:
        show_diagnostics(refusal.diagnostics, as_json)
        code = exit_code(refusal)
    except click.exceptions.NoArgsIsHelpError as error:
        sys.stdout.write(error.format_message() + "\n")
        code = Exit.USAGE
    except click.ClickException as error:
        say_error(_usage(error))
        code = Exit.USAGE
    except (click.exceptions.Abort, KeyboardInterrupt):
        code = Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe has left, as `head` does; nothing is wrong with what was done.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = Exit.OK
    sys.exit(int(code or Exit.OK))


def exit_code(refusal: Refused) -> int:
    """Answer the exit code of the first error among the findings."""
    for found in refusal.diagnostics:
        if found.is_error:
            return CODES[found.code].exit
    return Exit.OK


def _usage(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    hint = f"\nTry: {context.command_path} --help" if context else ""
    return f"error[usage] {error.format_message()}{hint}"
