"""Old files are read in their old meaning, one version after the other."""

import pytest

from engine.graph.serialization.migration import MIGRATIONS, VERSION, migrate
from engine.graph.serialization.parse_error import GraphFileError


def test_there_is_a_migration_from_every_old_version() -> None:
    assert sorted(MIGRATIONS) == list(range(1, VERSION))


def test_today_s_file_is_left_alone() -> None:
    value = {"format": "layerloom", "version": VERSION}
    assert migrate(value) == (value, [])


def test_migrations_run_in_order_and_leave_their_input() -> None:
    migrations = {
        1: lambda value: {**value, "way": [*value["way"], "from 1"]},
        2: lambda value: {**value, "way": [*value["way"], "from 2"]},
    }
    value = {"format": "layerloom", "version": 1, "way": []}
    new, notes = migrate(value, migrations, newest=3)
    assert new == {"format": "layerloom", "version": 3, "way": ["from 1", "from 2"]}
    assert value["way"] == []
    assert [note.code for note in notes] == ["file-migrated"]
    assert not notes[0].is_error


def test_a_newer_file_says_which_version_it_is() -> None:
    with pytest.raises(
        GraphFileError, match="version 9, but this program reads versions up to 3"
    ) as fault:
        migrate({"format": "layerloom", "version": 9}, {}, newest=3)
    assert fault.value.code == "file-newer"
