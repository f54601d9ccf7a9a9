"""What stands over a column tells, in a few words, what a person would look for."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.data.table.column_summary import (
    bars_of,
    fed_in_words,
    missing_in_words,
    statistics,
    whole_story,
)
from engine.data.profile import profile
from engine.data.profile.statistics import ColumnStatistics
from engine.data.readers.table_file import open_table


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ColumnStatistics]:
    path = Path(tmp_path_factory.mktemp("telling")) / "t.csv"
    lines = ["size,kind,day,note,key,same,tags,empty"]
    for n in range(90):
        size = "" if n == 7 else n / 4
        words = " ".join(["word"] * (2 + n % 5) + [f"w{n}"])
        tags = ("red|blue", "blue|green", "red|green")[n % 3]
        lines.append(f"{size},{'ab'[n % 3 > 0]},2024-02-{n % 28 + 1:02},{words},id{n:03},x,{tags},")
    path.write_text("\n".join(lines))
    return {each.name: each for each in profile(open_table(path))}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("size", "0 to 22.25, mean 11.23"),
        ("kind", "2 labels: b 67%, a 33%"),
        ("day", "2024-02-01 to 2024-02-28"),
        ("note", "3 to 7 words, median 5"),
        ("key", "such as id000"),
        ("same", "always x"),
        ("tags", "3 labels: red 33%, blue 33%, …"),
        ("empty", "all cells are empty"),
    ],
)
def test_a_line_says_how_a_column_is_spread(facts, name, said):
    assert statistics(facts[name]) == said


def test_missing_cells_are_counted_with_their_share(facts):
    assert missing_in_words(facts["size"]) == "1 missing (1 %)"
    assert missing_in_words(facts["kind"]) == "none missing"


def test_bars_are_bins_of_numbers_and_counts_of_labels(facts):
    assert sum(bars_of(facts["size"])) == 89
    assert bars_of(facts["kind"]) == [60, 30]
    assert sum(bars_of(facts["note"])) == 90
    assert sum(bars_of(facts["day"])) == 90
    assert bars_of(facts["key"]) == []


def test_the_whole_story_ends_with_what_is_fed(facts):
    lines = whole_story(facts["size"], fed_in_words(["x", "y"])).splitlines()
    assert lines[0] == "size"
    assert lines[-1] == "Assigned to x, y."
    assert whole_story(facts["kind"], fed_in_words([])).endswith("Not used.")


def test_the_whole_story_counts_each_label(facts):
    assert "b 60, a 30." in whole_story(facts["kind"], "Not used").splitlines()
