"""The user settings remember a database, and not its password."""

from pathlib import Path

from app.documents.recent_data import load_data_path, save_data_path


def test_a_password_is_not_remembered(tmp_path):
    save_data_path(tmp_path / "n.loom.json", Path("postgresql://ada:pass123@host/shop#select a"))
    found = load_data_path(tmp_path / "n.loom.json")
    assert found == Path("postgresql://ada@host/shop#select a")
