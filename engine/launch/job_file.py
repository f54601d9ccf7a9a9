"""Job files that train on a cluster: for Slurm, for Kubernetes, and as a plain command."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from importlib.metadata import version
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from shlex import quote
from typing import Literal, get_args

from engine.graph.serialization.file import project_name
from engine.launch.torchrun import Launch

JobKind = Literal["slurm", "kubernetes", "torchrun"]
JOB_KINDS: tuple[JobKind, ...] = get_args(JobKind)
_TEMPLATES = {"slurm": "slurm.sh", "kubernetes": "kubernetes.yaml", "torchrun": "torchrun.sh"}
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
    arguments = " ".join(map(quote, [*([str(file)] if file else []), *options]))
    folder = quote(str(run or (file.parent if file else Path()) / "runs" / name))
    values = {
        "NAME": " ".join(name.split()),
        "LABEL": _label(name),
        "NODES": launch.nodes,
        "DEVICES": launch.devices,
        "RESTARTS": launch.max_restarts,
        "CPUS": _CPUS_PER_DEVICE * launch.devices,
        "PYTHON": quote(sys.executable),
        "VERSION": version("layerloom"),
        "ARGUMENTS": arguments,
        "RUN": folder,
        "JOBRUN": folder if run else f"{folder}-$SLURM_JOB_ID",
        # A fixed name, so that restarted processes find the run.
        "NEWRUN": folder if run else f"{folder}-$(date +%Y%m%d-%H%M%S)",
        "ADDRESS": "localhost:0" if launch.nodes == 1 else "HOST:29500",
    }
    text = (files("resources") / "launch" / _TEMPLATES[kind]).read_text(encoding="utf-8")
    if ("--device", "cpu") in pairwise(options):
        text = re.sub(r"(?m)^#SBATCH --gpus.*\n|^ +limits:\n.*gpu.*\n", "", text)
    return re.sub(r"@([A-Z]+)@", lambda match: str(values[match[1]]), text)


def _label(name: str) -> str:
    """Return a name of letters, digits and dashes, as Kubernetes and Slurm require it."""
    label = re.sub(r"[^a-z0-9]+", "-", name.lower())[:40].strip("-")
    return label if label[:1].isalpha() else f"train-{label}".strip("-")
