"""Runs what is not measured yet: seed by seed, small sets first."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench.real_sets import ours, peers, sources, summary
from tests.bench.real_sets.catalogue import CATALOGUE, SMALL, RealSet
from tests.bench.real_sets.records import Record, Records, cache_folder

ROOT = Path(__file__).parents[3]
SEEDS, SEEDS_OF_SMALL = 3, 10


def tables(
    names: list[str],
    seeds: int | None,
    engine: Path | None,
    largest: int | None = None,
    keep: bool = False,
) -> str:
    """Measure data sets and return a table of all that is known about this engine.

    Args:
        names: the data sets; all if empty.
        seeds: the number of splits; by default, 10 for small sets and 3 for others.
        engine: the checkout whose engine competes; by default, this one.
        largest: only sets with at most as many rows.
        keep: whether results of peers are written into the repository.
    """
    warnings.filterwarnings("ignore")
    checkout, records = (engine or ROOT).resolve(), Records(cache_folder() / "real_sets.jsonl")
    frames = {name: sources.load(CATALOGUE[name]) for name in names or CATALOGUE}
    frames = {n: f for n, f in frames.items() if largest is None or len(f) <= largest}
    by_size = sorted(frames, key=lambda name: len(frames[name]))
    counts = {n: SEEDS_OF_SMALL if len(f) < SMALL else SEEDS for n, f in frames.items()}
    if seeds is not None:
        counts = dict.fromkeys(frames, seeds)
    for seed in range(max(counts.values(), default=0)):
        for name in by_size:
            if seed < counts[name]:
                _measure(CATALOGUE[name], frames[name], seed, checkout, records)
    if keep:
        records.write_peers()
    return summary.table(records, ours.version(checkout), by_size)


def _measure(of: RealSet, frame: Any, seed: int, checkout: Path, records: Records) -> None:
    train, test = sources.split(of, frame, seed)
    key = {"set": of.name, "seed": seed, "rows": sources.digest(train), "of": len(frame)}
    for name in [peer for peer in peers.PEERS if peer not in of.without]:
        record = {**key, "contender": name, "engine": None}
        append(records, record, partial(peers.compete, name, of, train, test))
    home = cache_folder() / "homes" / "engine"
    for name in [ours.JOINT, ours.ALONE][: len(of.targets)]:
        record = {**key, "contender": name, "engine": ours.version(checkout)}
        append(records, record, partial(ours.compete, name, of, train, test, checkout, home))


def append(records: Records, record: Record, work: Callable[[], Record]) -> None:
    """Record the result of `work`, unless there is one; a contender's failure is a result, too."""
    if record in records:
        return
    try:
        record |= work()
    except Exception as error:  # noqa: BLE001  # a failure of any library is a row of the table
        record |= {"error": f"{type(error).__name__}: {error}"}
    records.append(record)
    told = record.get("error") or " ".join(
        f"{target} {scores['score']:.3f}" for target, scores in record["scores"].items()
    )
    print(time.strftime("%H:%M"), record["set"], record["seed"], record["contender"], told,
          flush=True)  # fmt: skip
