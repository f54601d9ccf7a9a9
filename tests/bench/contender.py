"""One contender of a benchmark, run in a process of its own; prints one JSON line."""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

EPOCHS = 4  # the first one warms up and is not counted

BEGAN = time.perf_counter()


def table(name: str, rows: int) -> Path:
    """Answer a template's sample, written once a benchmark."""
    from engine.data.samples import write_sample

    folder = Path(os.environ["BENCH_FOLDER"]) / f"{name}-{rows}"
    if not folder.exists():
        write_sample(name, folder, rows=rows, seed=1)
    return folder


def layerloom(name: str, rows: int) -> dict[str, float]:
    """Train as `engine train` does, without the run folder."""
    from engine.events import EpochDone
    from engine.graph.file import parse
    from engine.graph.templates import read_template
    from engine.runtime.feed import Feed
    from engine.runtime.loop import fit
    from engine.runtime.prepare import checked, prepare_data
    from engine.runtime.runner import training_of

    report = checked(parse(read_template(name)).project, [f"epochs={EPOCHS}", "validation_split=0"])
    prepared = prepare_data(report, table(name, rows), None)
    training = training_of(prepared)
    ready = time.perf_counter()
    epochs = [event.seconds for event in fit(training) if isinstance(event, EpochDone)]
    feed = Feed(prepared.train.inputs, {}, 256)

    def predict() -> None:
        import torch

        training.network.eval()
        with torch.no_grad():
            for batch in feed.batches():
                training.network(batch.inputs)

    return measured(epochs, ready, predict)


def keras_torch(name: str, rows: int) -> dict[str, float]:
    """Train the same network with `keras.Model.fit`."""
    import keras

    from engine.check.report import check
    from engine.data.examine import dataset_of
    from engine.data.tables import open_table
    from engine.graph.file import parse
    from engine.graph.templates import read_template
    from tests.engine.runtime import notebook_models as models

    report = check(parse(read_template(name)).project)
    data = dataset_of(report, open_table(table(name, rows)))
    make = {"sequential": models.sequential, "posts": models.posts,
            "question-answering": models.question_answering}[name]  # fmt: skip
    model = make("float32")
    model.compile(
        optimizer=keras.optimizers.RMSprop(),
        loss={n: h.loss_name.replace("mse", "mean_squared_error") for n, h in report.heads.items()},
        loss_weights={n: h.loss_weight for n, h in report.heads.items()},
        metrics={n: [m for m, _ in h.metrics] for n, h in report.heads.items()},
    )
    inputs = data.inputs if len(data.inputs) > 1 else next(iter(data.inputs.values()))
    ready = time.perf_counter()
    epochs = []
    for _ in range(EPOCHS):
        start = time.perf_counter()
        model.fit(inputs, dict(data.targets), batch_size=report.recipe.batch_size, verbose=0)
        epochs.append(time.perf_counter() - start)
    return measured(epochs, ready, lambda: model.predict(inputs, batch_size=256, verbose=0))


def measured(epochs: list[float], ready: float, predict: Callable[[], object]) -> dict[str, float]:
    """Answer the figures of a contender.

    Units: seconds; megabytes.
    """
    times = []
    for _ in range(3):
        start = time.perf_counter()
        predict()
        times.append(time.perf_counter() - start)
    return {
        "epoch": statistics.median(epochs[1:]),
        "predict": statistics.median(times[1:]),
        "import": ready - BEGAN,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    who, template, count = sys.argv[1:]
    contenders = {"layerloom": layerloom, "keras-torch": keras_torch}
    print(json.dumps(contenders[who](template, int(count))))
