"""Arguments and options that several commands share, and the error for invalid command lines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.core.files.atomic_write import printable_path
from engine.core.formatting.shell import shell_path
from engine.core.formatting.urls import STDIN_NAMES, path_text
from engine.launch.torchrun import Launch, current_rank
from engine.recipe.recipe import Device


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
    typer.Option(help="Weights to use: final, best epoch, or latest checkpoint."),
]
DeviceOption = Annotated[
    Literal["auto", "cpu", "cuda", "mps"] | None, typer.Option(help="The device to run on.")
]

DevicesOption = Annotated[
    int,
    typer.Option(min=1, metavar="N", help="Number of devices; the rows are divided among them."),
]


def launch_devices(context: typer.Context, devices: int, device: Device | None) -> None:
    """If a command needs several processes, run it in them, and raise typer.Exit."""
    launch = Launch(devices)
    if launch.needs_launcher and not current_rank().is_launched:
        from engine.runtime.distributed.launcher import launch_ranks

        arguments = given_arguments(context, "devices")
        raise typer.Exit(launch_ranks(launch, arguments, device, context.info_name or ""))


def given_arguments(context: typer.Context, *left_out: str) -> list[str]:
    """Return the arguments that were typed for a command, in the order of its parameters.

    `left_out` are the names of the command's Python parameters whose arguments are left out.

    Raises:
        DiagnosticError: if data comes from stdin, which other processes can't read.
    """
    words: list[str] = []
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        value = context.params[parameter.name or ""]
        if isinstance(value, Path) and str(value) in STDIN_NAMES:
            fix = "Write the table to a file, and name the file with --data."
            found, expected = f"{parameter.opts[0]} {value}", "a file or a URL"
            raise usage_error("other processes can't read stdin", found, expected, fix)
        if parameter.name in left_out or source is None or source.name != "COMMANDLINE":
            continue
        if parameter.param_type_name == "argument":
            words.append(str(value))
        elif isinstance(value, bool):
            words.append((parameter.opts if value else parameter.secondary_opts)[0])
        else:
            values = value if isinstance(value, (list, tuple)) else [value]
            texts = (path_text(x) if isinstance(x, Path) else str(x) for x in values)
            words += [word for text in texts for word in (parameter.opts[0], text)]
    return words


def usage_error(message: str, found: str, expected: str, *fixes: str) -> DiagnosticError:
    """Return the error for an invalid command line, with a hint for each of the `fixes`."""
    return diagnostic_error("usage", message, *fixes, found=found, expected=expected)


def require_writable(file: Path, force: bool) -> None:
    """Raise a DiagnosticError if `file` is a folder, or if it exists and `force` is False."""
    if not file.exists() or (force and file.is_file()):
        return
    fixes = ["Choose another name.", *(["Replace it with --force."] if file.is_file() else [])]
    raise diagnostic_error(
        "file-exists",
        f"{printable_path(file)} already exists; nothing was written",
        *fixes,
        place=printable_path(file),
        found="a file" if file.is_file() else "a folder",
        expected="a name that is not taken",
    )


def require_one_output(events: str | None, as_json: bool) -> None:
    """Raise the error for options of `train` that both write to stdout, or to something else."""
    if events not in (None, "-"):
        raise usage_error(
            "events can only be copied to stdout",
            f"--events {events}",
            "--events -",
            "Write --events -, and redirect stdout: > FILE.",
        )
    if events and as_json:
        raise usage_error(
            "stdout can have either the events or the result",
            "--events - --json",
            "one of the two",
            "Leave --json out: the last event has the result.",
        )


def require_repeatable(
    file: Path | None, resume: bool, warm_start: Path | None, settings: list[str]
) -> None:
    """Raise the error for options of `train` that change a repeated run."""
    given = [str(file)] if file else []
    given += ["--resume"] if resume else []
    given += [f"--from {warm_start}"] if warm_start else []
    given += [f"--set {setting}" for setting in settings]
    if given:
        raise usage_error(
            "a repeated run keeps its graph and recipe",
            " ".join(["--again", *given]),
            "--again RUN without them",
            "Leave them out, or train a new run with them and without --again.",
        )


def require_complete(
    file: Path | None, data: Path | None, resume: bool, settings: list[str]
) -> None:
    """Raise the error if `train` has no graph or data, or options that change a resumed run."""
    if resume and settings:
        raise usage_error(
            "a resumed run keeps its recipe",
            " ".join(["--resume", *settings]),
            "--resume without settings",
            "Leave the settings out, or train a new run with them and without --resume.",
        )
    if not resume and file is None:
        raise usage_error(
            "the graph file is missing",
            "no FILE",
            "engine train FILE --data D",
            "Name the graph file, or a run to resume: --run RUN --resume.",
        )
    if not resume and data is None:
        raise usage_error(
            "the training data is missing",
            "no --data",
            f"engine train {shell_path(file or 'FILE')} --data D",
            "Add an .npz, a .csv or a folder with --data; `engine sample` writes example data.",
        )


def require_rendezvous(nodes: int, node_rank: int | None, rendezvous: str) -> None:
    """Raise the error if `train` can't find the launchers of the other machines."""
    found = f"--nodes {nodes} --rendezvous '{rendezvous}'"
    host, _, port = rendezvous.rpartition(":")
    is_complete = host and port.isdecimal() and 0 < int(port) < 1 << 16
    if node_rank is not None and node_rank >= nodes:
        found, is_complete = f"--nodes {nodes} --node-rank {node_rank}", False
    if (nodes > 1 or node_rank) and not is_complete:
        raise usage_error(
            "training on several machines needs a rendezvous address and a rank per machine",
            found,
            "--nodes 2 --node-rank 0 --rendezvous HOST:29500, and --node-rank 1 on the other one",
            "Name the first machine and a free port of it, the same on all machines.",
        )


def require_one_storage(stream: bool, cache: bool | None) -> None:
    """Raise the error for --stream together with an option of the cache."""
    if stream and cache is not None:
        raise usage_error(
            "the rows are either streamed, or cached, or in memory",
            f"--stream {'--cache' if cache else '--no-cache'}",
            "one of --stream, --cache, --no-cache",
            "Leave one of them out; without all three, the size of the data decides.",
        )
