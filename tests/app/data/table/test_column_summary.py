"""What stands over a column tells, in a few words, what a person would look for."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.data.table.column_summary import (
    bar_heights,
    column_description,
    missing_text,
    uses_text,
    value_summary,
)
from engine.data.profile.statistics import ColumnStatistics
from engine.data.profile.table_profile import profile_table
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
    return {each.name: each for each in profile_table(open_table(path))}


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
    assert value_summary(facts[name]) == said


def test_missing_cells_are_counted_with_their_share(facts):
    assert missing_text(facts["size"]) == "1 missing (1 %)"
    assert missing_text(facts["kind"]) == "none missing"


def test_bars_are_bins_of_numbers_and_counts_of_labels(facts):
    assert sum(bar_heights(facts["size"])) == 89
    assert bar_heights(facts["kind"]) == [60, 30]
    assert sum(bar_heights(facts["note"])) == 90
    assert sum(bar_heights(facts["day"])) == 90
    assert bar_heights(facts["key"]) == []


def test_the_whole_story_ends_with_what_is_fed(facts):
    lines = column_description(facts["size"], uses_text(["x", "y"])).splitlines()
    assert lines[0] == "size"
    assert lines[-1] == "Assigned to x, y."
    assert column_description(facts["kind"], uses_text([])).endswith("Not used.")


def test_the_whole_story_counts_each_label(facts):
    assert "b 60, a 30." in column_description(facts["kind"], "Not used").splitlines()
