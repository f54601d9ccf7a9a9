"""The launcher's command: torch itself parses it, and it starts what it says."""

import pytest
from torch.distributed.run import parse_args

from engine.launch.torchrun import Launch, torchrun_command

TRAIN = ["my net.loom.json", "--data", "it's data", "--devices", "3"]


def parsed(launch):
    command = torchrun_command(launch, TRAIN, python="python")
    assert command[:3] == ["python", "-m", "torch.distributed.run"]
    return vars(parse_args(command[3:]))


def test_one_node_is_standalone_and_keeps_the_arguments_of_train():
    options = parsed(Launch(devices=3, max_restarts=2))
    assert options["standalone"] is True
    assert options["nproc_per_node"] == "3"
    assert options["max_restarts"] == 2
    assert options["module"] is True
    assert (options["training_script"], options["training_script_args"]) == (
        "engine",
        ["train", *TRAIN],
    )


@pytest.mark.parametrize(("rank", "conf"), [(None, ""), (0, "is_host=true"), (1, "is_host=false")])
def test_several_nodes_meet_at_the_rendezvous(rank, conf):
    options = parsed(Launch(2, 4, rank, "node-0:29500", "job-7"))
    assert options["standalone"] is False
    assert options["nnodes"] == "4"
    assert options["rdzv_backend"] == "c10d"
    assert (options["rdzv_endpoint"], options["rdzv_id"]) == ("node-0:29500", "job-7")
    assert options["rdzv_conf"] == conf
    assert options["node_rank"] == (rank or 0)
