"""The same models in other libraries, written as their guides recommend."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from tests.bench.moment import Moment, now

Arrays = Mapping[str, Any]
LOSS_WEIGHTS = {"age": 0.25, "income": 1.0, "gender": 10.0}
RATE = 0.001


class Apart:
    """Seconds that the benchmark itself takes, not counted as startup time of a library."""

    seconds = 0.0


def keras(name: str, data: Arrays, batch: int, epochs: int) -> Iterator[Moment]:
    """`Model.fit` with the backend that KERAS_BACKEND names; yields at the end of each epoch."""
    import keras as library

    began = time.perf_counter()
    from tests.engine.runtime import notebook_models as models

    Apart.seconds += time.perf_counter() - began
    model = models.posts("float32") if name == "posts" else models.question_answering("float32")
    losses = {
        "age": "mse", "income": "categorical_crossentropy", "gender": "binary_crossentropy",
        "answer": "categorical_crossentropy",
    }  # fmt: skip
    metrics = {"age": "mae", "income": "accuracy", "gender": "accuracy", "answer": "acc"}
    targets = {key: data[key] for key in losses if key in data}
    model.compile(
        library.optimizers.RMSprop(RATE),
        loss={key: losses[key] for key in targets},
        loss_weights={key: LOSS_WEIGHTS.get(key, 1.0) for key in targets},
        metrics={key: [metrics[key]] for key in targets},
    )
    inputs = {key: value for key, value in data.items() if key not in targets}
    yield now()
    for _ in range(epochs):
        model.fit(inputs, targets, batch_size=batch, verbose=0)
        yield now()


def plain(name: str, data: Arrays, batch: int, epochs: int) -> Iterator[Moment]:
    """A PyTorch training loop over a DataLoader; yields at the end of each epoch."""
    import torch

    model, loss, loader = _torch(name, data, batch)
    optimizer = torch.optim.RMSprop(model.parameters(), lr=RATE, alpha=0.9, eps=1e-7)
    yield now()
    for _ in range(epochs):
        for rows in loader:
            optimizer.zero_grad()
            loss(model, rows).backward()
            optimizer.step()
        yield now()


def lightning(name: str, data: Arrays, batch: int, epochs: int) -> Iterator[Moment]:
    """`Trainer.fit` of a LightningModule; yields at the end of each epoch."""
    import lightning as library
    import torch

    model, loss, loader = _torch(name, data, batch)
    ends: list[Moment] = []

    class Module(library.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def training_step(self, rows: Any, _: int) -> Any:
            return loss(self.model, rows)

        def configure_optimizers(self) -> Any:
            return torch.optim.RMSprop(self.parameters(), lr=RATE, alpha=0.9, eps=1e-7)

        def on_train_epoch_end(self) -> None:
            ends.append(now())

    trainer = library.Trainer(
        max_epochs=epochs, accelerator="cpu", logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    yield now()
    trainer.fit(Module(), loader)
    yield from ends


def _torch(name: str, data: Arrays, batch: int) -> tuple[Any, Any, Any]:
    """Return a module, its loss function and a data loader."""
    import torch
    from torch import nn
    from torch.nn import functional as f
    from torch.utils.data import DataLoader, TensorDataset

    class Posts(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words = nn.Embedding(50_000, 256)
            self.conv, self.conv_2 = nn.Conv1d(256, 128, 5), nn.Conv1d(128, 256, 5)
            self.conv_3, self.features = nn.Conv1d(256, 256, 5), nn.Linear(256, 128)
            self.heads = nn.ModuleList(nn.Linear(128, units) for units in (1, 10, 1))

        def forward(self, posts: Any) -> Any:
            x = self.words(posts).transpose(1, 2)
            x = f.max_pool1d(f.relu(self.conv(x)), 5)
            x = f.relu(self.conv_3(f.relu(self.conv_2(x)))).amax(2)
            x = f.relu(self.features(x))
            return [head(x) for head in self.heads]

    class Answering(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.text, self.question = nn.Embedding(10_000, 64), nn.Embedding(10_000, 32)
            self.story = nn.LSTM(64, 32, batch_first=True)
            self.asked = nn.LSTM(32, 16, batch_first=True)
            self.answer = nn.Linear(48, 500)

        def forward(self, text: Any, question: Any) -> Any:
            story, asked = self.story(self.text(text))[0], self.asked(self.question(question))[0]
            return self.answer(torch.cat([story[:, -1], asked[:, -1]], 1))

    def posts_loss(model: Any, rows: Any) -> Any:
        posts, age, income, gender = rows
        years, money, sex = model(posts)
        return (
            0.25 * f.mse_loss(years, age)
            + f.cross_entropy(money, income)
            + 10 * f.binary_cross_entropy_with_logits(sex, gender)
        )

    def answer_loss(model: Any, rows: Any) -> Any:
        text, question, answer = rows
        return f.cross_entropy(model(text, question), answer)

    tensors = TensorDataset(*(torch.from_numpy(value) for value in data.values()))
    loader = DataLoader(tensors, batch_size=batch, shuffle=True)
    if name == "posts":
        return Posts(), posts_loss, loader
    return Answering(), answer_loss, loader


PEERS = {"keras": keras, "plain": plain, "lightning": lightning}
