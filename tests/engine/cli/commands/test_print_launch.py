"""`train --print-launch`: the printed command has every option that was typed, and no other."""

import shlex

import pytest

from tests.end_to_end.conftest import in_process

TYPED = [
    "it's my net.loom.json", "--data", "a folder", "--test", "s3://bucket/t", "--epochs", "3",
    "--device", "cpu", "--set", "seed=1", "--set", "batch_size='8'", "--tensorboard", "--no-cache",
    "--run", "the run",
]  # fmt: skip


def test_options_are_kept_and_those_of_the_launch_are_not():
    launch = ["--devices", "2", "--max-restarts", "1", "--rendezvous", "a:1"]
    launch += ["--print-launch", "torchrun"]
    words = shlex.split(in_process("train", *TYPED, *launch).out, comments=True)
    assert words[words.index("train") + 1 :] == TYPED
    assert {"--nproc-per-node=2", "--max-restarts=1", "--nnodes=1"} <= set(words)


def test_a_job_file_may_be_json():
    answer = in_process("train", *TYPED, "--print-launch", "slurm", "--json").json
    assert answer["text"].startswith("#!/bin/bash\n")


def test_an_incomplete_command_has_no_job_file():
    assert in_process("train", "net.loom.json", "--print-launch", "slurm").code == 2


def test_a_host_is_for_new_runs_and_for_those_that_were_started_there(tmp_path):
    """Nothing is asked of the host before."""
    for words in (
        ["--again", "run", "--on", "box"],
        ["--run", tmp_path, "--resume", "--on", "box"],
        ["net.loom.json", "--data", "d", "--print-launch", "slurm", "--on", "box"],
    ):
        answer = in_process("train", *words, "--json")
        assert answer.code == 2
        assert "--on box" in answer.json["diagnostics"][0]["found"]


def test_several_machines_need_an_address_and_numbers():
    train = ["train", "net.loom.json", "--data", "d", "--nodes", "2", "--json"]
    for words in ([], ["--rendezvous", "host"], ["--rendezvous", "h:1", "--node-rank", "2"]):
        answer = in_process(*train, *words)
        assert answer.code == 2
        assert "--nodes 2" in answer.json["diagnostics"][0]["found"]
    assert in_process("train", *TYPED[:3], "--node-rank", "1").code == 2, "--nodes is missing"


@pytest.mark.parametrize(
    "options", [["--on", "box"], ["--devices", "2"], ["--print-launch", "slurm"]]
)
def test_stdin_is_refused_where_other_processes_would_read_it(options):
    answer = in_process("train", "net.loom.json", "--data", "-", *options, "--json")
    assert answer.code == 2
    assert answer.json["diagnostics"][0]["message"] == "other processes can't read stdin"
