"""Names that files and scripts hold are those of the version before; more may have come."""

import pytest

import engine
from tests.persistence import current, inventory
from tests.persistence.likeness import assert_same, known
from tests.persistence.program import golden
from tests.tiers import noted

SPELLINGS = golden("inventory/spellings.json")
# Their names are imported, so more of them do no harm.
MODULES = (
    "layers", "optimizers", "schedules", "losses", "metrics", "regularizers", "initializers",
)  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return inventory.inventories()


@pytest.mark.parametrize("name", ["codes", "commands", "events", "layers", "families", "records"])
def test_names_and_defaults_are_the_same(found, name: str):
    old = inventory.without_removed(name, golden(f"inventory/{name}.json"))
    assert_same(old, known(found[name], old), near=0)


def test_other_spellings_are_understood():
    """Such as "adam" and "Adam": old files hold either."""
    for group in SPELLINGS:
        with noted(group):
            family = current.FAMILIES[group]
            for name, spelled in SPELLINGS[group].items():
                for each in spelled:
                    assert each in family, each
                    assert family[each] is family[name], each


def test_python_finds_the_names_of_before(found):
    """What scripts import, and arguments that they name; more names may have come."""
    old, new = golden("inventory/python.json"), found["python"]
    assert all(hasattr(engine, name) for name in old.pop("engine"))
    for group in MODULES:
        assert set(old.pop(group)) <= set(new[group])
    assert_same(old, {name: new[name] for name in old}, near=0)
