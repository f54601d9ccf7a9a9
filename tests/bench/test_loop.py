"""The table of a benchmark replaces the one that was measured before."""

from tests.bench import loop, written


def test_a_table_of_other_rounds_replaces_the_one_before(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "CONTENDERS", {"plain PyTorch": lambda _: iter([0.0] * loop.EPOCHS)})
    (tmp_path / "README.md").write_text("<!-- figures -->\n<!-- end of figures -->")
    for rounds in (1, 2):
        written.write([loop.loop(rounds, tmp_path)], "facts", tmp_path / "README.md")
    assert (tmp_path / "README.md").read_text().count("### Loop") == 1
