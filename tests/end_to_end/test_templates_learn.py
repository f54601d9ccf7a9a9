"""The templates learn what is in their samples: 1,000 rows that they never saw are the measure."""

import numpy as np
import pytest

from engine.data.samples import make_sample

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]
LARGE = ("--epochs", 10)


@pytest.mark.parametrize(
    ("name", "options", "share"),
    [
        ("residual", (), 0.93),
        ("inception", (), 0.93),
        ("siamese", (), 0.93),
        ("question-answering", LARGE, 0.9),
        ("posts", LARGE, 0.9),
    ],
)
def test_a_template_comes_near_the_best_that_can_be_reached(name, options, share, engine):
    """What the generator of the sample knows is the limit: nearly all answers can be right."""
    scores, best = _scores(name, engine, *options)
    assert best, "the sample tells what can be reached"
    for score, value in best.items():
        if score.endswith("/mae"):
            assert scores[score] <= 1.25 * value, score
        else:
            assert scores[score] >= share, score


def test_two_cameras_tell_how_far_away_a_lamp_is(engine):
    """An eighth of what guessing the middle errs, in metres."""
    scores, _ = _scores("two-cameras", engine)
    distance = make_sample("two-cameras").test["distance"]
    untold = np.abs(distance - np.median(distance)).mean()
    assert scores["distance/mae"] < untold / 8


def _scores(name, engine, *options):
    engine("new", name, "g.loom.json")
    engine("sample", name, "d")
    trained = engine("train", "g.loom.json", "--data", "d", "--json", *options)
    answer = engine("evaluate", trained.json["run"], "--data", "d/test.npz", "--json").json
    assert answer["rows"] == 1000
    return answer["scores"], answer["best"]
