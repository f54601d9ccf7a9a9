"""A process that a launcher has started is a rank; it tells the launcher how the run has ended."""

import subprocess
import sys
from dataclasses import replace

import pytest

from engine.launch.torchrun import EXIT_CODE, RUN, Launch, Rank, current_rank, read_left
from engine.runs.request import TrainRequest

SHOW = "from engine.launch.torchrun import current_rank; print(current_rank())"


def test_without_a_launcher_there_is_one_rank(monkeypatch):
    """A scheduler may set RANK for the launcher itself."""
    monkeypatch.setenv("RANK", "3")
    monkeypatch.setenv("WORLD_SIZE", "4")
    assert current_rank() == Rank()
    assert current_rank().exit(66) == 66


@pytest.mark.slow
def test_torchrun_starts_ranks(tmp_path):
    (tmp_path / "show.py").write_text(SHOW)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    done = subprocess.run(
        [*command, "--max-restarts=3", tmp_path / "show.py"], stdout=subprocess.PIPE, text=True
    )
    lines = sorted(done.stdout.splitlines())
    fields = "local_size=2, restart_count=0, max_restarts=3, is_launched=True, folder=None"
    assert lines == [f"Rank(number={n}, size=2, local_number={n}, {fields})" for n in (0, 1)]


@pytest.mark.parametrize(("number", "code", "left"), [(0, 0, "0"), (0, 66, "66"), (1, 66, "66")])
def test_a_rank_leaves_the_exit_code_to_its_launcher(tmp_path, number, code, left):
    rank = Rank(number, size=2, is_launched=True, folder=tmp_path)
    assert rank.exit(code) == 0, "torchrun would restart it"
    assert read_left(tmp_path, EXIT_CODE) == left


def test_a_rank_other_than_0_leaves_no_success(tmp_path):
    assert Rank(1, size=2, is_launched=True, folder=tmp_path).exit(0) == 0
    assert read_left(tmp_path, EXIT_CODE) == ""


def test_a_restarted_rank_resumes_the_run_of_its_launcher(tmp_path):
    run, request = tmp_path / "net-001", TrainRequest(tmp_path / "net", tmp_path / "data")
    rank = Rank(0, size=2, restart_count=1, is_launched=True, folder=tmp_path)
    assert rank.request(request) == request, "it was lost before the run folder was made"
    run.mkdir()
    (run / "run.json").touch()
    rank.leave(RUN, str(run))
    resumed = replace(request, graph=None, run=run, resume=True)
    for number in (0, 1):
        # The launcher does not count a restart for which a rank of another machine was lost.
        rank = Rank(number, size=2, is_launched=True, folder=tmp_path)
        assert rank.request(request) == resumed, "the graph file may have been edited"
    assert Rank(1, size=2).request(TrainRequest(None, None, run=run)).run is None


@pytest.mark.parametrize(
    ("launch", "needed"),
    [(Launch(), False), (Launch(2), True), (Launch(nodes=2), True), (Launch(max_restarts=1), True)],
)
def test_one_process_that_is_not_restarted_needs_no_launcher(launch, needed):
    assert launch.needs_launcher == needed
