"""The `train` command: starts or resumes a training run, shows progress, stops on Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from engine.cli.commands.cache import CacheProgress
from engine.cli.commands.options import (
    DeviceOption,
    JsonOption,
    given_arguments,
    path_argument,
    path_option,
    require_complete,
    require_one_output,
    require_one_storage,
    require_rendezvous,
    require_repeatable,
    usage_error,
)
from engine.cli.console.crash_report import TrainingCrashError
from engine.cli.console.evaluation_text import score_table
from engine.cli.console.output import print_error, print_event, print_json, print_result
from engine.cli.console.progress import BarView, LineView
from engine.cli.console.stop_signal import handle_signals
from engine.cli.torch_import import import_torch
from engine.core.codes import CODES, ExitCode
from engine.core.diagnostic import DiagnosticError
from engine.core.formatting.shell import shell_path
from engine.events import EpochDone, Event, RunFailed, RunFinished, RunStopped
from engine.launch.job_file import JobKind, job_file
from engine.launch.mirror import load_job
from engine.launch.remote_run import DEFAULT_FOLDER, train_remotely
from engine.launch.torchrun import RUN, Launch, RankLostError, current_rank, resume_command
from engine.runs.comparison.run_table import read_run_entry
from engine.runs.evaluation import load_final_evaluation
from engine.runs.folder.run_folder import TENSORBOARD_FOLDER, RunFolder

if TYPE_CHECKING:
    from engine.runs.request import TrainRequest

# Parameters of `train` that are not part of the command in a job file, or on another machine.
_LAUNCHER_PARAMETERS = ("devices", "nodes", "node_rank", "rendezvous", "timeout", "max_restarts")
_JOB_FILE_PARAMETERS = (*_LAUNCHER_PARAMETERS, "file", "run", "as_json", "print_launch")
_LOCAL_PARAMETERS = (
    "file", "data", "validation", "test", "run", "resume", "warm_start", "on", "remote_folder",
    "events", "as_json",
)  # fmt: skip


def train(
    context: typer.Context,
    file: Annotated[
        Path | None, path_argument("FILE", "A graph file; not needed to resume.")
    ] = None,
    data: Annotated[
        Path | None,
        path_option("D", "A table, a folder, 'd/*.csv', a URL, 'FILE.db#TABLE', or - (stdin)."),
    ] = None,
    validation: Annotated[
        Path | None, path_option("D", "Validation data, instead of a split.")
    ] = None,
    test: Annotated[
        Path | None, path_option("D", "Test data, for `engine evaluate --split test`.")
    ] = None,
    run: Annotated[
        Path | None,
        path_option("DIR", "The run folder; runs/NAME-NNN next to the file by default."),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(metavar="N", help="Number of passes over the data.")
    ] = None,
    device: DeviceOption = None,
    devices: Annotated[
        int, typer.Option(min=1, metavar="N", help="Number of devices of each machine.")
    ] = 1,
    nodes: Annotated[int, typer.Option(min=1, metavar="M", help="Number of machines.")] = 1,
    node_rank: Annotated[
        int | None, typer.Option(min=0, metavar="K", help="Rank of this machine, from 0.")
    ] = None,
    rendezvous: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Rendezvous address of several machines.")
    ] = "",
    timeout: Annotated[
        int,
        typer.Option("--rendezvous-timeout", min=1, metavar="S", help="Timeout in seconds."),
    ] = 60,
    max_restarts: Annotated[
        int,
        typer.Option(min=0, metavar="R", help="Maximum restarts after a process is lost."),
    ] = 0,
    print_launch: Annotated[
        JobKind | None,
        typer.Option(help="Only print a job file for a cluster, or the command."),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(metavar="HOST", help="Train on another machine, over ssh."),
    ] = None,
    remote_folder: Annotated[
        str, typer.Option(metavar="DIR", help="The folder on that machine.")
    ] = DEFAULT_FOLDER,
    precision: Annotated[
        Literal["float32", "float64", "bf16-mixed", "16-mixed"] | None,
        typer.Option(help="Floating-point precision."),
    ] = None,
    threads: Annotated[int | None, typer.Option(metavar="N", help="Number of CPU threads.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A field of the recipe; repeatable."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Resume the run in --run, with identical results.")
    ] = False,
    again: Annotated[
        Path | None, path_option("RUN", "Repeat a run with the same settings and data.")
    ] = None,
    warm_start: Annotated[
        Path | None, path_option("RUN", "Warm start: use the weights of a run.", "--from")
    ] = None,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Write TensorBoard files to the run folder.")
    ] = False,
    cache: Annotated[
        bool | None,
        typer.Option(
            "--cache/--no-cache",
            help="Read the data into a cache on disk, and train from there; by default only if "
            "it is too large for memory.",
        ),
    ] = None,
    stream: Annotated[
        bool,
        typer.Option(
            "--stream",
            help="Read the data again in each epoch, without a cache; by default only if the "
            "cache would not fit on the disk.",
        ),
    ] = False,
    events: Annotated[
        str | None, typer.Option(metavar="-", help="Copy every event to stdout, as JSON lines.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Train a graph file and write a run folder.

    Ctrl-C finishes the step, saves a checkpoint, and stops; --resume continues the run.
    """
    shortcuts = {"epochs": epochs, "device": device, "precision": precision, "threads": threads}
    overrides = [f"{key}={value}" for key, value in shortcuts.items() if value is not None]
    settings = [*overrides, *(settings or ())]
    if again is not None:
        require_repeatable(file, resume, warm_start, settings)
    else:
        start = [f"--from {warm_start}"] if warm_start else []
        changes = [*(f"--set {setting}" for setting in settings), *start]
        require_complete(file, data, resume, changes)
    require_one_output(events, as_json)
    launch = Launch(devices, nodes, node_rank, rendezvous, timeout, max_restarts)
    remote = _remote_arguments(context)
    if print_launch:
        options = given_arguments(context, *_JOB_FILE_PARAMETERS)
        text = job_file(print_launch, launch, file, options, run).rstrip()
        print_result(as_json, {"ok": True, "text": text}, text)
        return ExitCode.OK
    require_one_storage(stream, cache)
    if remote is None:
        import_torch()
        require_rendezvous(nodes, node_rank, rendezvous)
        if launch.needs_launcher and not current_rank().is_launched:
            from engine.runtime.distributed.launcher import launch_ranks

            return launch_ranks(launch, given_arguments(context, *_LAUNCHER_PARAMETERS), device)
    from engine.runs.request import TrainRequest

    request = TrainRequest(
        file, data, validation, run, tuple(settings), resume, test, repeat=again,
        warm_start=warm_start, tensorboard=tensorboard, cache=cache, stream=stream,
    )  # fmt: skip
    train_run = None
    if remote is not None:
        train_run = partial(train_remotely, request, *remote, report=print_error)
    return _train(request, events == "-", as_json, train_run)


def _remote_arguments(context: typer.Context) -> tuple[str, str, list[str]] | None:
    """Return host, remote folder and options of a training on another machine; None for this one.

    The host is "" if a run is resumed on the machine that its run folder names.
    """
    given = context.params
    run, resume, host = given["run"], given["resume"], given["on"]
    is_remote_run = resume and run is not None and load_job(run) is not None
    if host is None and not is_remote_run:
        return None
    reasons = {
        "--print-launch": given["print_launch"] and "a scheduler starts the job",
        "--again": given["again"] and "a run is repeated where its data is",
        "--resume": resume and not is_remote_run and "the checkpoints of this run are here",
    }
    for option, reason in reasons.items():
        if reason:
            raise usage_error(
                f"this is possible on this machine only: {reason}",
                f"{option} --on {host}" if host else option,
                "a graph file and data, or --resume of a run that was started with --on",
                "Leave --on out.",
            )
    return host or "", given["remote_folder"], given_arguments(context, *_LOCAL_PARAMETERS)


def _train(
    request: TrainRequest,
    copy_events: bool,
    as_json: bool,
    train_run: Callable[..., Iterator[tuple[RunFolder, Event]]] | None = None,
) -> int:
    view = BarView() if sys.stderr.isatty() else LineView()
    outcome = _Outcome()
    with handle_signals() as stop_signal:
        cache_view = CacheProgress(stop_signal)
        try:
            if train_run is None:
                from engine.runtime.run import runner

                own = current_rank().request(request)
                train_run = partial(runner.train, own, progress=cache_view.show)
            for run, event in train_run(stop=stop_signal):
                if outcome.run is None:
                    cache_view.close()
                    _print_run_info(run)
                outcome.update(run, event)
                view.show(event)
                if copy_events:
                    print_event(event.to_json())
        except (DiagnosticError, RankLostError):
            raise
        except Exception as error:
            folder = request.run if request.resume else None
            folder = outcome.run.path if outcome.run else folder
            if folder is None:
                raise
            raise TrainingCrashError(folder) from error
        finally:
            cache_view.close()
            view.close()
    if as_json and current_rank().number == 0:
        print_json(outcome.to_json())
    elif outcome.run is not None:
        _print_next_step(outcome.run, outcome, request)
    return _exit_code(outcome.last, stop_signal())


def _print_run_info(run: RunFolder) -> None:
    from engine.data.preprocessing.fitted_encoders import load_fitted_encoders
    from engine.data.score_units import describe_units

    print_error(f"Run folder: {run.path}")
    current_rank().leave(RUN, str(run.path.absolute()))
    if run.record.get("tensorboard"):
        folder = run.path / TENSORBOARD_FOLDER
        print_error(f"TensorBoard: tensorboard --logdir {shell_path(folder)}")
    if split := str(run.record.get("split", "")):
        print_error(f"{split[0].upper()}{split[1:]}")
    for output, encoder in load_fitted_encoders(run).targets.items():
        if sentence := describe_units(output, encoder, training=True):
            print_error(sentence)


def _print_next_step(run: RunFolder, outcome: _Outcome, request: TrainRequest) -> None:
    """Print the learned loss weights, and the command that the user most likely needs next."""
    if outcome.epoch is not None and outcome.epoch.weights:
        weights = outcome.epoch.weights.items()
        learned = ", ".join(f"{name} {weight:.3g}" for name, weight in weights)
        print_error(f"Learned loss weights: {learned}")
    if isinstance(outcome.last, RunStopped):
        print_error(f"Next: {resume_command(run.path, current_rank().local_size)}")
    elif isinstance(outcome.last, RunFinished):
        epoch = read_run_entry(run, "finished").kept_epoch
        print_error(f"The final weights are those of epoch {epoch}.")
        if results := load_final_evaluation(run.path):
            print_error(f"With them, on {results.rows_description}:")
            for line in score_table(results, is_short=True).splitlines():
                print_error(line)
        print_error(f"Next: {_next_command(run, request)}")


def _next_command(run: RunFolder, request: TrainRequest) -> str:
    """Return the command for the test rows, or a test file next to the data, else for new rows."""
    evaluate = f"engine evaluate {shell_path(run.path)}"
    if run.record.get("sides", {}).get("test"):
        return f"{evaluate} --split test"
    from engine.data.readers.shards import TRAIN_FILE_NAMES

    data = request.data or Path(run.record.get("paths", {}).get("data") or "D")
    folder = data if data.is_dir() else data.parent
    tests = (folder / part.replace("train", "test") for part in TRAIN_FILE_NAMES)
    if test := next((test for test in tests if test.is_file()), None):
        return f"{evaluate} --data {shell_path(test)}"
    return f"engine predict {shell_path(run.path)} --data NEW_ROWS --out predictions.csv"


@dataclass
class _Outcome:
    """The run folder, the last event and the last epoch of a training run."""

    run: RunFolder | None = None
    last: Event | None = None
    epoch: EpochDone | None = None

    def update(self, run: RunFolder, event: Event) -> None:
        self.run, self.last = run, event
        self.epoch = event if isinstance(event, EpochDone) else self.epoch

    def to_json(self) -> dict[str, object]:
        ended = self.last.to_dict() if self.last else {}
        scores = self.epoch.to_dict() if self.epoch else {}
        is_failed = isinstance(self.last, RunFailed)
        return {
            "ok": not is_failed,
            "run": str(self.run.path) if self.run else "",
            "state": (self.last.kind if self.last else "").removeprefix("run-"),
            "step": ended.get("step"),
            "train": scores.get("train", {}),
            "validation": scores.get("validation", {}),
            **({"weights": scores["weights"]} if scores.get("weights") else {}),
            "split": self.run.record.get("split", "") if self.run else "",
            **({"diagnostics": [ended["diagnostic"]]} if is_failed else {}),
        }


def _exit_code(last: Event | None, stop_signal: str) -> int:
    if isinstance(last, RunFailed):
        return CODES[last.code].exit
    if isinstance(last, RunStopped):
        return ExitCode.TERMINATED if stop_signal == "SIGTERM" else ExitCode.INTERRUPTED
    return ExitCode.OK
