"""Job files that train on a cluster: for Slurm, for Kubernetes, and as a plain command."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from shlex import quote
from textwrap import indent
from typing import Literal, get_args

from engine.graph.serialization.file import project_name
from engine.launch.torchrun import DEFAULT_PORT, Launch, torchrun_command

JobKind = Literal["slurm", "kubernetes", "torchrun"]
JOB_KINDS: tuple[JobKind, ...] = get_args(JobKind)
_KUBERNETES_PORT = 23456  # the port that the service of a PyTorchJob opens
_NODE_0 = """# The launchers of all nodes meet at the first node.
NODE_0=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
"""
_VOLUMES = """              volumeMounts:
                - name: work
                  mountPath: /work
                - name: shared-memory
                  mountPath: /dev/shm
          volumes:
            # The volume with graph file, data and runs; all nodes read and write it.
            - name: work
              persistentVolumeClaim:
                claimName: layerloom
            - name: shared-memory
              emptyDir:
                medium: Memory
"""
_GPU_LIMIT = f"{' ' * 16}limits:\n{' ' * 18}nvidia.com/gpu: "


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
    start = [str(file), *options] if file else list(options)
    default_run = (file.parent if file else Path()) / "runs" / name
    match kind:
        case "slurm":
            folder = quote(str(run)) if run else f"{quote(str(default_run))}-$SLURM_JOB_ID"
            return _slurm(launch, name, start, folder)
        case "kubernetes":
            return _kubernetes(launch, name, start, quote(str(run or default_run)))
    return _plain(launch, [*start, *(["--run", str(run)] if run else [])])


def _slurm(launch: Launch, name: str, start: Sequence[str], run: str) -> str:
    address = f'"$NODE_0:{DEFAULT_PORT}"'
    launch = replace(launch, rendezvous=address, rendezvous_id='"$SLURM_JOB_ID"')
    gpus = "" if _is_on_cpu(start) else f"#SBATCH --gpus-per-node={launch.devices}\n"
    return f"""#!/bin/bash
# Trains {_comment(name)} on {_describe(launch)}.
# Save this as train.sbatch in the folder to which the paths below are relative. It has to be on a
# disk that all nodes share. Then type: sbatch train.sbatch
#SBATCH --job-name={_label(name)}
#SBATCH --nodes={launch.nodes}
#SBATCH --ntasks-per-node=1           # a launcher per node, which starts the processes
{gpus}#SBATCH --cpus-per-task={4 * launch.devices}
#SBATCH --time=24:00:00
#SBATCH --signal=TERM@120             # the run is saved two minutes before the time is over
#SBATCH --requeue                     # a requeued job resumes its run
#SBATCH --open-mode=append
#SBATCH --output=%x-%j.log
set -euo pipefail

PYTHON={quote(sys.executable)}  # the Python in which Layerloom is installed

{_arguments(start, run)}

{_NODE_0 if launch.nodes > 1 else ""}DEVICES={launch.devices}
export OMP_NUM_THREADS=$((SLURM_CPUS_PER_TASK / DEVICES))

srun --kill-on-bad-exit=1 --cpus-per-task="$SLURM_CPUS_PER_TASK" \\
  {_command(launch, '"$PYTHON"')}
# If the time was not enough, continue with: scontrol requeue JOB_ID
"""


def _kubernetes(launch: Launch, name: str, start: Sequence[str], run: str) -> str:
    label = _label(name)
    address = f"{label}-worker-0:{_KUBERNETES_PORT}"
    launch = replace(launch, rendezvous=address, rendezvous_id=label)
    package = f"layerloom=={version('layerloom')}"
    gpus = "" if _is_on_cpu(start) else f"{_GPU_LIMIT}{launch.devices}\n"
    script = f"""set -eu
# Leave this line out if the image contains Layerloom.
pip install --quiet {package}
{_arguments(start, run)}
exec {_command(launch, "python")}
"""
    return f"""# Trains {_comment(name)} on {_describe(launch)}.
# It needs the training operator of Kubeflow. Save this as train.yaml, then type:
#   kubectl apply -f train.yaml
# If the job is deleted and applied again, it resumes its run. For a new run, name another --run.
apiVersion: kubeflow.org/v1
kind: PyTorchJob
metadata:
  name: {json.dumps(label)}
spec:
  elasticPolicy:
    rdzvBackend: c10d
    minReplicas: {launch.nodes}
    maxReplicas: {launch.nodes}
  pytorchReplicaSpecs:
    Worker:
      replicas: {launch.nodes}
      # Pods that were killed are replaced; an error with a diagnostic ends the job.
      restartPolicy: ExitCode
      template:
        spec:
          containers:
            - name: pytorch
              image: python:{sys.version_info.major}.{sys.version_info.minor}
              workingDir: /work  # paths in the command are relative to this folder
              command: [bash, -c]
              args:
                - |
{indent(script, " " * 18)}              env:
                - name: OMP_NUM_THREADS
                  value: "4"
              resources:
                requests:
                  cpu: "{4 * launch.devices}"
{gpus}{_VOLUMES}"""


def _plain(launch: Launch, arguments: Sequence[str]) -> str:
    nodes = ""
    if launch.nodes > 1:
        nodes = "# Type this on each node, in the same shared folder. HOST is one of the nodes.\n"
    address = launch.rendezvous or f"HOST:{DEFAULT_PORT}"
    launch = replace(launch, rendezvous=quote(address))
    command = _command(launch, quote(sys.executable), " ".join(map(quote, arguments)))
    return f"""# Trains on {_describe(launch)}.
{nodes}# Each process uses one thread. If a node has more CPU cores than devices, use more threads.
OMP_NUM_THREADS=1 \\
  {command}
"""


def _arguments(start: Sequence[str], run: str) -> str:
    """Return shell lines that set `$@` to the arguments of `engine train`; `run` is shell text."""
    return f"""# If the run folder contains a run, this job was started again: the run is resumed.
RUN={run}
set -- {" ".join(map(quote, start))} --run "$RUN"
if [ -e "$RUN/run.json" ]; then
  set -- --run "$RUN" --resume
fi"""


def _command(launch: Launch, python: str, arguments: str = '"$@"') -> str:
    """Return the launcher's command as shell text; `python` and `arguments` are shell text, too."""
    words = torchrun_command(launch, [arguments], python)
    return " \\\n    ".join([" ".join(words[:3]), " ".join(words[3:-4]), " ".join(words[-4:])])


def _describe(launch: Launch) -> str:
    nodes = f"{launch.nodes} nodes" if launch.nodes > 1 else "one node"
    return f"{nodes} with {launch.devices} device{'s' if launch.devices > 1 else ''} each"


def _label(name: str) -> str:
    """Return a name of letters, digits and dashes, as Kubernetes and Slurm require it."""
    label = re.sub(r"[^a-z0-9]+", "-", name.lower())[:40].strip("-")
    return label if label[:1].isalpha() else f"train-{label}".strip("-")


def _is_on_cpu(arguments: Sequence[str]) -> bool:
    return ("--device", "cpu") in pairwise(arguments)


def _comment(name: str) -> str:
    """Return a name on one line."""
    return " ".join(name.split())
