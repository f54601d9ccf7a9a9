"""Job files: shells and a YAML parser read them, and every argument arrives as it was typed."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml
from torch.distributed.run import parse_args

from engine.launch.job_file import JOB_KINDS, job_file
from engine.launch.torchrun import Launch

FILE = Path("net's folder/my $net.loom.json")
OPTIONS = ["--data", 'the "data"', "--set", "name='a b'", "--device", "cuda"]
TYPED = [str(FILE), *OPTIONS]
NODES = Launch(devices=4, nodes=2, max_restarts=3)


def run_in_bash(text, folder, **programs):
    """Run a script in a folder; each program is replaced by a line of shell. Return the output."""
    for name, line in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{line}\n")
        (folder / name).chmod(0o755)
    variables = {"SLURM_JOB_ID": "77", "SLURM_JOB_NODELIST": "n[1-2]", "SLURM_CPUS_PER_TASK": "16"}
    done = subprocess.run(
        ["bash", "-c", text],
        cwd=folder,
        env={"PATH": f"{folder}:{os.environ['PATH']}", **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split("\n")[:-1]


WORDS = 'printf "%s\\n" "$@"'


def trained(words):
    """Return the arguments of `engine train`, without and with those of the launcher."""
    start, end = words.index("train") + 1, words.index("--devices")
    assert words[start - 3 : start] == ["-m", "engine", "train"]
    return words[start:end], words[end:]


@pytest.mark.parametrize("nodes", [1, 2])
@pytest.mark.parametrize("kind", JOB_KINDS)
def test_a_shell_parses_every_job_file(kind, nodes):
    text = job_file(kind, Launch(nodes=nodes), FILE, OPTIONS, None)
    if kind == "kubernetes":
        text = container(text)["args"][0]
    assert subprocess.run(["bash", "-n", "-c", text], stderr=subprocess.PIPE).stderr == b""


def test_slurm_starts_one_launcher_per_node_that_meets_at_the_first(tmp_path):
    text = job_file("slurm", NODES, FILE, OPTIONS, None)
    words = run_in_bash(text, tmp_path, srun=WORDS, scontrol='printf "n1\\nn2\\n"')
    arguments, options = trained(words)
    assert options == [
        "--devices", "4", "--max-restarts", "3", "--nodes", "2", "--rendezvous", "n1:20077",
        "--rendezvous-timeout", "600",
    ]  # fmt: skip
    run = "net's folder/runs/my $net-77"
    assert arguments == [*TYPED, "--run", run]
    assert "#SBATCH --nodes=2\n#SBATCH --ntasks-per-node=1 " in text
    assert "#SBATCH --gpus-per-node=4\n" in text


def test_a_requeued_slurm_job_resumes_its_run(tmp_path):
    run = tmp_path / "my run"
    run.mkdir()
    (run / "run.json").touch()
    text = job_file("slurm", NODES, FILE, OPTIONS, run)
    words = run_in_bash(text, tmp_path, srun=WORDS, scontrol="echo n1")
    assert trained(words)[0] == ["--run", str(run), "--resume"]


def test_a_job_without_gpus_requests_none():
    options = [*OPTIONS[:-1], "cpu"]
    assert "gpu" not in job_file("slurm", NODES, FILE, options, None)
    assert "gpu" not in job_file("kubernetes", NODES, FILE, options, None)


def container(text):
    job = yaml.safe_load(text)
    assert (job["apiVersion"], job["kind"]) == ("kubeflow.org/v1", "PyTorchJob")
    return job["spec"]["pytorchReplicaSpecs"]["Worker"]["template"]["spec"]["containers"][0]


def test_kubernetes_starts_a_pod_per_node(tmp_path):
    text = job_file("kubernetes", NODES, FILE, OPTIONS, None)
    job = yaml.safe_load(text)
    name = job["metadata"]["name"]
    assert name == "my-net"
    assert job["spec"]["pytorchReplicaSpecs"]["Worker"]["replicas"] == 2
    assert container(text)["resources"]["limits"] == {"nvidia.com/gpu": 4}
    words = run_in_bash(container(text)["args"][0], tmp_path, pip="", python=WORDS)
    arguments, options = trained(words)
    assert f"{name}-worker-0:23456" in options
    assert arguments == [*TYPED, "--run", "net's folder/runs/my $net"]


@pytest.mark.parametrize("name", ["7 nets", "...", "é", "x" * 90, "Über-net_2"])
def test_kubernetes_gets_a_valid_name_for_any_file(name):
    text = job_file("kubernetes", NODES, Path(f"{name}.loom.json"), OPTIONS, None)
    label = yaml.safe_load(text)["metadata"]["name"]
    assert label.replace("-", "a").isalnum()
    assert label.isascii()
    assert label[0].isalpha()
    assert label[-1] != "-"
    assert len(f"{label}-worker-000") <= 63


def test_the_plain_command_is_one_line_to_type_on_each_node():
    text = job_file("torchrun", NODES, FILE, OPTIONS, Path("a run"))
    words = shlex.split(text.replace("\\\n", ""), comments=True)
    assert words[0] == "OMP_NUM_THREADS=1"
    options = vars(parse_args(words[words.index("torch.distributed.run") + 1 :]))
    assert (options["nnodes"], options["nproc_per_node"], options["max_restarts"]) == ("2", "4", 3)
    assert (options["rdzv_backend"], options["rdzv_endpoint"]) == ("c10d", "HOST:29500")
    assert (options["module"], options["training_script"]) == (True, "engine")
    assert options["training_script_args"] == ["train", *TYPED, "--run", "a run"]
    new = job_file("torchrun", Launch(2), FILE, OPTIONS, None)
    assert "--rdzv-endpoint=localhost:0 " in new
    assert "/runs/my $net'-$(date " in new, "a restarted rank 0 resumes this run"
