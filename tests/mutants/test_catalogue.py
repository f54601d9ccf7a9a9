"""The planted mistakes still fit the source."""

from tests.mutants import __main__ as mutants
from tests.mutants.catalogue import DATA, LAYERS_AND_LOSSES, LOOP_AND_OPTIMIZERS, MUTANTS, ROOT


def test_every_planted_mistake_replaces_text_that_occurs_once():
    for mutant in MUTANTS:
        assert mutant.mutated(ROOT) != (ROOT / mutant.file).read_text(encoding="utf-8")
        assert all((ROOT / test).exists() for test in mutant.tests), mutant.name


def test_there_are_twenty_planted_mistakes():
    assert (len(LAYERS_AND_LOSSES), len(DATA), len(LOOP_AND_OPTIMIZERS)) == (10, 5, 5)
    assert len({mutant.name for mutant in MUTANTS}) == 20


def test_a_copy_has_no_caches_and_follows_no_links(tmp_path, monkeypatch):
    monkeypatch.setattr(mutants, "ROOT", tmp_path / "root")
    (tmp_path / "root/.mypy_cache").mkdir(parents=True)
    (tmp_path / "root/link").symlink_to(tmp_path)
    (link,) = mutants.copied(tmp_path / "to").iterdir()
    assert link.is_symlink()
