"""The templates of residual, branched and shared networks learn what is in their samples."""

import numpy as np
import pytest

from engine.data.samples import make_sample


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["residual", "inception", "siamese"])
def test_a_template_comes_near_the_best_that_can_be_reached(name, engine, tmp_path):
    """1,000 rows that it never saw; as many epochs as its recipe says."""
    scores, best = _scores(name, engine)
    assert best, "the sample tells what can be reached"
    for score, value in best.items():
        assert scores[score] >= 0.93 * value, score


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_cameras_tell_how_far_away_a_lamp_is(engine, tmp_path):
    """An eighth of what guessing the middle errs, in metres."""
    scores, _ = _scores("two-cameras", engine)
    distance = make_sample("two-cameras").test["distance"]
    untold = np.abs(distance - np.median(distance)).mean()
    assert scores["distance/mae"] < untold / 8


def _scores(name, engine):
    engine("new", name, "g.loom.json")
    engine("sample", name, "d")
    trained = engine("train", "g.loom.json", "--data", "d", "--json")
    answer = engine("evaluate", trained.json["run"], "--data", "d/test.npz", "--json").json
    assert answer["rows"] == 1000
    return answer["scores"], answer["best"]
