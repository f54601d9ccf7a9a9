"""Project files that a version before wrote are opened, and saved again as the same bytes."""

from pathlib import Path

import pytest

from engine import load
from tests.persistence import current
from tests.persistence.likeness import assert_same
from tests.persistence.program import GOLDEN, RUNS, engine, golden
from tests.tiers import noted

TEMPLATES = sorted(path.name for path in (GOLDEN / "templates").iterdir())
PROJECTS = sorted(GOLDEN.glob("*/*.loom.json")) + sorted(RUNS.glob("*/graph.loom.json"))
FIELDS = golden("fields.json")


def test_saved_again_it_is_the_same_file():
    """Frames, routes, bypassed and sharing nodes, and what only another version knows."""
    for path in PROJECTS:
        with noted(path):
            old = path.read_bytes()
            assert current.rewritten(old) == old


@pytest.mark.filterwarnings("ignore::engine.Notice")
def test_python_opens_and_saves_it(tmp_path: Path):
    """The way of a person who writes Python: the same bytes again."""
    home = (GOLDEN / "home" / f"{name}.loom.json" for name in ("kinds", "encodings", "small-Adam"))
    for path in (*sorted((GOLDEN / "templates").iterdir()), *home):
        with noted(path):
            load(path).save(tmp_path / "saved.loom.json")
            assert (tmp_path / "saved.loom.json").read_bytes() == path.read_bytes()


def test_templates_are_written_as_before(tmp_path: Path):
    for name in TEMPLATES:
        word = name.removeprefix("template-").removesuffix(".loom.json")
        assert engine(tmp_path, "new", word, name).code == 0
        assert (tmp_path / name).read_bytes() == (GOLDEN / "templates" / name).read_bytes()


def test_fields_away_from_their_defaults_are_understood():
    """Each layer, each member of each family, each part of a recipe and of a mapping."""
    for name in FIELDS:
        with noted(name):
            group, _, own = name.partition("/")
            for params, written in FIELDS[name]:
                assert_same(written, current.read_again(group, own, params), near=0)


def test_every_kind_has_a_file():
    """A kind that is new needs a golden file too, from the version that brings it."""
    known = {name.partition("/")[::2] for name in FIELDS}
    assert known >= {("layers", kind) for kind in current.layers()}
    families = {key: family for key, family in current.FAMILIES.items() if key != "encoders"}
    assert known >= {(group, name) for group, family in families.items() for name in family}
