"""On a CUDA device training does what it does on the CPU, to the tolerance of its arithmetic."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from engine.check.report import check
from engine.compile.plan import build_plan
from engine.data.samples import write_sample
from engine.events import EpochDone, RunFinished
from engine.graph.serialization.file import parse
from engine.graph.templates import read_template
from engine.runs.folder.run_folder import RunFolder
from engine.runs.log.event_log import read_events
from engine.runs.request import TrainRequest
from engine.runtime.device import make_device_context
from engine.runtime.inference.trained_model import TrainedModel
from engine.runtime.model.network import Network
from engine.runtime.run.runner import train
from tests.engine.runtime.small import scores_of

pytestmark = pytest.mark.gpu


@pytest.fixture(scope="module")
def posts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("posts")
    (folder / "posts.loom.json").write_bytes(read_template("posts"))
    write_sample("posts", folder / "data", rows=2_000, seed=1)
    return folder


def losses(posts, device: str, precision: str, run: str, *more: str) -> list[float]:
    settings = ("epochs=2", f"device={device}", f"precision={precision}", *more)
    order = TrainRequest(
        posts / "posts.loom.json", posts / "data", run=posts / run, settings=settings
    )
    events = [event for _, event in train(order)]
    assert isinstance(events[-1], RunFinished)
    return [event.train["loss"] for event in events if isinstance(event, EpochDone)]


@pytest.mark.parametrize(
    ("precision", "tolerance"), [("float32", 0.02), ("bf16-mixed", 0.1), ("16-mixed", 0.1)]
)
def test_cuda_follows_the_cpu(posts, precision, tolerance):
    expected = losses(posts, "cpu", "float32", f"cpu-{precision}")
    actual = losses(posts, "cuda", precision, f"cuda-{precision}")
    assert actual == pytest.approx(expected, rel=tolerance)
    scores = scores_of(TrainedModel.open(posts / f"cuda-{precision}"), posts / "data" / "test.npz")
    assert np.isfinite(list(scores.values())).all()


@pytest.mark.parametrize("setting", ["prefetch", "gradient_checkpointing", "deterministic"])
def test_settings_of_a_gpu_keep_the_losses(posts, setting):
    expected = losses(posts, "cuda", "float32", f"without-{setting}")
    actual = losses(posts, "cuda", "float32", f"with-{setting}", f"{setting}=true")
    torch.use_deterministic_algorithms(False)
    assert actual == pytest.approx(expected, rel=1e-4)


def test_equal_runs_with_deterministic_algorithms_are_equal(posts):
    runs = [losses(posts, "cuda", "float32", f"same-{n}", "deterministic=true") for n in (1, 2)]
    torch.use_deterministic_algorithms(False)
    assert runs[0] == runs[1]


def test_all_devices_train_as_one_does(posts):
    """At most two devices, which exchange gradients by NCCL."""
    expected = losses(posts, "cuda", "float32", "one-device")
    run, count = posts / "devices", min(2, torch.cuda.device_count())
    words = ["--device", "cuda", "--devices", str(count), "--set", "epochs=2", "--run", str(run)]
    graph, data = str(posts / "posts.loom.json"), str(posts / "data")
    command = [sys.executable, "-m", "engine", "train", graph, "--data", data, *words]
    subprocess.run(command, check=True)
    actual = [e.train["loss"] for e in read_events(run) if isinstance(e, EpochDone)]
    assert actual == pytest.approx(expected, rel=1e-3)


def test_a_benchmark_of_a_card_is_written_into_the_run(posts):
    losses(posts, "cuda", "float32", "measured")
    files = [str(posts / "posts.loom.json"), "--data", str(posts / "data")]
    command = ["bench", *files, "--device", "cuda", "--run", str(posts / "measured")]
    subprocess.run([sys.executable, "-m", "engine", *command], check=True)
    trials = RunFolder.open(posts / "measured").record["bench"][torch.cuda.get_device_name()]
    assert {"prefetch": True} in [trial["fields"] for trial in trials]


def test_auto_takes_the_device():
    assert make_device_context("auto", "float32").device.type == "cuda"


@pytest.mark.parametrize("template", ["sequential", "question-answering", "posts", "penguins"])
def test_forward_passes_agree(template):
    project = parse(read_template(template)).project
    report = check(project)
    ids = {"int32": lambda shape: torch.randint(1, 900, shape, dtype=torch.int32)}
    inputs = {
        name: ids.get(spec.dtype, torch.randn)((4, *(d if isinstance(d, int) else 60
                                                     for d in spec.shape)))
        for name, spec in report.input_specs().items()
    }  # fmt: skip
    network = Network(build_plan(project.graph, report), seed=1).eval()
    expected = network(inputs)
    on_device = network.to("cuda")({name: tensor.cuda() for name, tensor in inputs.items()})
    for name, answer in expected.items():
        torch.testing.assert_close(on_device[name].cpu(), answer, rtol=1e-3, atol=1e-4)
