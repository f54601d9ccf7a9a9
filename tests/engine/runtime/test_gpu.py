"""On a CUDA device training does what it does on the CPU, to the tolerance of its arithmetic."""

import numpy as np
import pytest
import torch

from engine.check.report import check
from engine.compile.plan import build_plan
from engine.data.samples import write_sample
from engine.events import EpochDone, RunFinished
from engine.graph.serialization.file import parse
from engine.graph.templates import read_template
from engine.runs.request import TrainRequest
from engine.runtime.device import make_device_context
from engine.runtime.inference.trained_model import TrainedModel
from engine.runtime.model.network import Network
from engine.runtime.run.runner import train

pytestmark = pytest.mark.gpu


@pytest.fixture(scope="module")
def posts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("posts")
    (folder / "posts.loom.json").write_bytes(read_template("posts"))
    write_sample("posts", folder / "data", rows=2_000, seed=1)
    return folder


def losses(posts, device: str, precision: str, run: str) -> list[float]:
    settings = ("epochs=2", f"device={device}", f"precision={precision}")
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
    scores = TrainedModel.open(posts / f"cuda-{precision}").evaluate(posts / "data" / "test.npz")
    assert np.isfinite(list(scores.values())).all()


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
