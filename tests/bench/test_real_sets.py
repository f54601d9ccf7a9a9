"""The table of gaps pairs scores by seed, and results are measured once."""

import pytest

from tests.bench.real_sets import summary
from tests.bench.real_sets.ours import JOINT
from tests.bench.real_sets.peers import BASELINE
from tests.bench.real_sets.records import Records
from tests.bench.real_sets.runner import append


def record(contender, seed, score, engine=None, rows="a"):
    return {
        "set": "iris", "seed": seed, "rows": rows, "of": 150, "contender": contender,
        "engine": engine, "scores": {"target": {"score": score}}, "wall": 2.0, "cpu": 3.0,
    }  # fmt: skip


def rows_of(*records):
    return list(summary._rows(list(records)))


def test_the_gap_is_a_mean_of_differences_at_equal_seeds_to_the_rival_with_the_best_mean():
    scores = {
        JOINT: (0.8, 0.6, 0.7),
        "linear": (0.9, 0.8, 0.7),
        "HistGradientBoosting": (1.0, 0.5, 0.5),
        BASELINE: (1.0, 1.0, 1.0),
    }
    (row,) = rows_of(*(record(n, seed, s) for n, all_ in scores.items()
                       for seed, s in enumerate(all_)))  # fmt: skip
    assert row.rival == "linear"
    assert row.gap == pytest.approx(-0.1)
    assert row.error == pytest.approx(0.1 / 3**0.5)
    assert summary.is_level(row.gaps)


def test_seeds_that_only_a_peer_has_do_not_count():
    (row,) = rows_of(
        record(JOINT, 0, 0.8), record("linear", 0, 0.9), record("linear", 1, 0.1),
        record("HistGradientBoosting", 0, 0.7),
        record("HistGradientBoosting", 1, 1.0),
    )  # fmt: skip
    assert (row.rival, row.gap) == ("linear", pytest.approx(-0.1))
    assert not summary.is_level(row.gaps)


def test_an_interrupted_benchmark_goes_on_where_it_was(tmp_path):
    def fail():
        raise ValueError("no such column")

    peers = tmp_path / "peers.csv"
    peers.touch()

    def records():
        return Records(tmp_path / "real_sets.jsonl", peers)

    done = record(JOINT, 0, 0.8, "abc")
    append(records(), dict(done), lambda: {})
    append(records(), dict(done), fail)  # is not called
    for other in ({"seed": 1}, {"rows": "b"}, {"engine": "def"}):
        append(records(), {k: v for k, v in (done | other).items() if k != "scores"}, fail)
    assert len(records().by_key) == 4
    table = summary.table(records(), "abc", ["iris"])
    assert "Failures: 2" in table
    assert "no such column" in table


def test_results_of_peers_are_read_back_from_the_repository(tmp_path):
    def scores(*values):
        return {target: {"score": v, "loss": 0.5} for target, v in zip("ab", values, strict=True)}

    peers = tmp_path / "peers.csv"
    peers.touch()
    measured = Records(tmp_path / "here.jsonl", peers)
    found = [record("linear", seed, 0) | {"scores": scores(seed / 4, -2.5)} for seed in (0, 1)]
    for each in [*found, record(JOINT, 0, 0.8, "abc"), record("CatBoost", 0, 0) | {"error": "no"}]:
        measured.append(each)
    measured.write_peers(peers)
    assert list(Records(tmp_path / "elsewhere.jsonl", peers).by_key.values()) == found
