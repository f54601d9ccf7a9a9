"""Job files that train on a cluster: for Slurm, for Kubernetes, and as a plain command."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from shlex import quote
from typing import Literal, get_args

from engine.graph.serialization.file import project_name
from engine.launch.torchrun import DEFAULT_PORT, Launch, torchrun_command

JobKind = Literal["slurm", "kubernetes", "torchrun"]
JOB_KINDS: tuple[JobKind, ...] = get_args(JobKind)
_TEMPLATES = {kind: f"{kind}.{'yaml' if kind == 'kubernetes' else 'sh'}" for kind in JOB_KINDS}
_KUBERNETES_PORT = 23456  # the port that the service of a PyTorchJob opens
_CPUS_PER_DEVICE = 4


def job_file(
    kind: JobKind, launch: Launch, file: Path | None, options: Sequence[str], run: Path | None
) -> str:
    """Return the text of a job file, with comments that say how to use it.

    Args:
        kind: which scheduler the file is for; "torchrun" is the command without a scheduler.
        file: graph file; None resumes or repeats a run.
        options: options of `engine train`, without --run and without those of the launch.
        run: run folder; None uses a folder next to the graph file.
    """
    name = project_name(file) if file else (run.name if run else "train")
    label = _label(name)
    arguments = " ".join(map(quote, [*([str(file)] if file else []), *options]))
    run_text = quote(str(run or (file.parent if file else Path()) / "runs" / name))
    python, given = quote(sys.executable), '"$@"'
    if kind == "slurm":
        launch = replace(launch, rendezvous=f'"$NODE_0:{DEFAULT_PORT}"')
        launch = replace(launch, rendezvous_id='"$SLURM_JOB_ID"')
        run_text, python_command = run_text if run else f"{run_text}-$SLURM_JOB_ID", '"$PYTHON"'
    elif kind == "kubernetes":
        address = f"{label}-worker-0:{_KUBERNETES_PORT}"
        launch = replace(launch, rendezvous=address, rendezvous_id=label)
        python_command = "python"
    else:
        launch = replace(launch, rendezvous=quote(launch.rendezvous or f"HOST:{DEFAULT_PORT}"))
        given, python_command = f"{arguments} --run {run_text}" if run else arguments, python
    values = {
        "NAME": " ".join(name.split()),
        "LABEL": label,
        "NODES": launch.nodes,
        "DEVICES": launch.devices,
        "CPUS": _CPUS_PER_DEVICE * launch.devices,
        "PYTHON": python,
        "VERSION": version("layerloom"),
        "RUN": run_text,
        "ARGUMENTS": arguments,
        "COMMAND": " ".join(torchrun_command(launch, [given], python_command)),
    }
    template = (files("resources") / "launch" / _TEMPLATES[kind]).read_text(encoding="utf-8")
    if ("--device", "cpu") in pairwise(options):
        template = re.sub(r"(?m)^#SBATCH --gpus.*\n|^ +limits:\n.*gpu.*\n", "", template)
    return re.sub(r"@([A-Z]+)@", lambda match: str(values[match[1]]), template)


def _label(name: str) -> str:
    """Return a name of letters, digits and dashes, as Kubernetes and Slurm require it."""
    label = re.sub(r"[^a-z0-9]+", "-", name.lower())[:40].strip("-")
    return label if label[:1].isalpha() else f"train-{label}".strip("-")
