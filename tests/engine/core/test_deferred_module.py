"""A module that is put off comes as soon as it is missed, once, and ahead of whatever needs it."""

import importlib
import importlib.abc
import importlib.util
import sys

import pytest

from engine.core.deferred_module import DeferredModule, defer_import

FILES = {
    "__init__": "log = []\nimport cake.flour\nfrom cake import _effects\nimport cake.sugar",
    "flour": "import cake\ncake.log.append('flour')",
    "sugar": "import cake\ncake.log.append('sugar')",
    "cream": "import cake\ncake.log.append('cream')",
    "icing": "import cake\ncake.log.append('icing')",
    "butter": "import cake\ncake.log.append('butter')",
    "_effects": "import cake\ncake.log.append('_effects')\nimport cake._deep\nweight = 3",
    # It wants what puts it off, as torch's decompositions want the descriptions of operations.
    "_deep": """
import cake
import cake._effects
cake.log.append('_deep')
import cake.butter
size = 4""",
}
NAME, ALONG = "cake._effects", "cake._deep"
LATE = DeferredModule(NAME, [ALONG], lambda: importlib.import_module("cake.butter"), ["cake.cream"])
BAKED = ["flour", "butter", "sugar"]  # without what is put off


@pytest.fixture(autouse=True)
def shelf(tmp_path, monkeypatch):
    """A package whose modules note that they were executed."""
    (tmp_path / "cake").mkdir()
    for name, source in FILES.items():
        (tmp_path / "cake" / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    finders = list(sys.meta_path)
    yield tmp_path / "cake"
    sys.meta_path[:] = finders
    for name in [name for name in sys.modules if name.partition(".")[0] == "cake"]:
        del sys.modules[name]


def bake():
    with defer_import(LATE):
        import cake
    assert cake.log == BAKED
    return cake


def finders():
    return [
        finder for finder in sys.meta_path if type(finder).__module__ == defer_import.__module__
    ]


def test_a_module_that_is_put_off_is_not_executed():
    bake()
    assert "cake._effects" not in sys.modules


@pytest.mark.parametrize("name", [NAME, ALONG])
def test_an_import_gets_the_module_itself_once(name):
    cake = bake()
    module = importlib.import_module(name)
    assert cake.log == [*BAKED, "_effects", "_deep"]
    assert module is sys.modules[name] is getattr(cake, name.rpartition(".")[2])
    assert module.__spec__.origin == module.__file__
    assert importlib.import_module(name) is module
    assert importlib.reload(module) is module
    assert finders() == []


def test_it_comes_ahead_of_what_is_imported_next_of_its_package():
    cake = bake()
    importlib.import_module("cake.icing")
    assert cake.log == [*BAKED, "_effects", "_deep", "icing"]
    assert finders() == []


def test_what_does_without_it_does_not_bring_it():
    cake = bake()
    importlib.import_module("cake.cream")
    assert cake.log == [*BAKED, "cream"]


def test_another_package_does_not_bring_it(shelf):
    cake = bake()
    (shelf.parent / "cakes.py").write_text("")
    importlib.import_module("cakes")
    del sys.modules["cakes"]
    assert cake.log == BAKED


@pytest.mark.parametrize(("name", "value"), [("_effects.weight", 3), ("_deep.size", 4)])
def test_whoever_finds_it_in_its_package_may_ask_it(name, value):
    cake = bake()
    module, attribute = name.split(".")
    kept = getattr(cake, module)
    assert getattr(kept, attribute) == value
    assert cake.log == [*BAKED, "_effects", "_deep"]
    assert getattr(cake, module) is sys.modules[f"cake.{module}"]
    assert getattr(kept, attribute) == value  # from what was kept of the time before, too


def test_what_it_lacks_is_missed_as_in_any_module():
    cake = bake()
    with pytest.raises(AttributeError, match="no attribute 'colour'"):
        _ = cake._effects.colour


def test_a_placeholder_tells_what_the_module_would():
    cake = bake()
    assert cake._effects.__file__.endswith("_effects.py")
    assert cake.log == [*BAKED, "_effects", "_deep"]


def test_whoever_looks_through_all_modules_meanwhile_does_not_bring_it(shelf):
    (shelf / "sugar.py").write_text(
        f"{FILES['sugar']}\nimport sys\n"
        "for module in list(sys.modules.values()): hasattr(module, '__file__')"
    )
    bake()
    assert "cake._effects" not in sys.modules


def test_whoever_asks_only_where_a_module_is_does_not_bring_it():
    cake = bake()
    for name in (NAME, ALONG, "cake.icing"):
        assert importlib.util.find_spec(name).origin.endswith(f"{name[5:]}.py")
    assert cake.log == BAKED
    assert importlib.import_module(ALONG).__spec__.origin.endswith("_deep.py")
    assert importlib.util.find_spec(ALONG) is cake._deep.__spec__


def test_what_is_there_can_be_reloaded_and_does_not_bring_it():
    cake = bake()
    assert importlib.reload(cake.flour).__spec__.origin.endswith("flour.py")
    assert cake.log == [*BAKED, "flour"]


def test_other_finders_are_asked_as_ever(shelf):
    class Baker(importlib.abc.MetaPathFinder):
        def find_spec(self, fullname, path, target=None):
            if fullname == "cake.topping":
                return importlib.util.spec_from_file_location(fullname, shelf / "icing.py")
            return None

    cake = bake()
    sys.meta_path.insert(1, Baker())
    importlib.import_module("cake.topping")
    assert cake.log == [*BAKED, "_effects", "_deep", "icing"]


def test_as_long_as_its_import_fails_nobody_goes_without_it(shelf):
    (shelf / "_deep.py").write_text("import cake\ncake.log.append('_deep')\n1 / 0")
    cake = bake()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            importlib.import_module("cake.icing")
        with pytest.raises(ZeroDivisionError):
            _ = cake._effects.weight
    (shelf / "_deep.py").write_text(FILES["_deep"])
    importlib.invalidate_caches()
    importlib.import_module("cake.icing")
    assert cake.log[-3:] == ["_effects", "_deep", "icing"]
    assert finders() == []


def test_what_is_done_instead_is_done_though_something_else_failed():
    with pytest.raises(ImportError), defer_import(LATE):
        from cake import butter, no_such_cow  # noqa: F401
    import cake

    assert cake.log == BAKED
    importlib.import_module("cake.icing")
    assert cake.log == [*BAKED, "_effects", "_deep", "icing"]


def test_what_fails_of_what_is_done_instead_is_told(shelf):
    (shelf / "butter.py").write_text("import no_such_cow")
    with pytest.raises(ModuleNotFoundError, match="no_such_cow"), defer_import(LATE):
        import cake  # noqa: F401


@pytest.mark.parametrize("inside", [True, False])
def test_a_second_time_puts_nothing_off_again(inside):
    with defer_import(LATE):
        import cake

        if inside:
            with defer_import(LATE):
                importlib.import_module("cake.cream")
    if not inside:
        with defer_import(LATE):
            importlib.import_module("cake.cream")
    assert cake.log == [*BAKED, "cream"]
    importlib.import_module("cake.icing")
    assert cake.log == [*BAKED, "cream", "_effects", "_deep", "icing"]
    assert finders() == []


def test_whoever_asks_it_meanwhile_gets_it(shelf):
    (shelf / "__init__.py").write_text(f"{FILES['__init__']}\nasked = _effects.weight")
    with defer_import(LATE):
        import cake
    assert cake.asked == 3
    assert cake.log == [*BAKED, "_effects", "_deep"]
    assert finders() == []


def test_nothing_is_put_off_where_something_else_needs_what_it_brings(shelf):
    (shelf / "sugar.py").write_text(f"import cake._deep\n{FILES['sugar']}")
    with defer_import(LATE):
        import cake
    assert cake.log == [*BAKED[:2], "_deep", "sugar", "_effects"]
    assert finders() == []


def test_nothing_is_put_off_that_was_imported_before():
    import cake

    before = list(cake.log)
    with defer_import(LATE):
        import cake.icing
    assert cake.log == [*before, "icing"]
    assert cake._effects is sys.modules["cake._effects"]
    assert finders() == []


def test_nothing_is_left_where_nobody_asked():
    with defer_import(LATE):
        pass
    assert finders() == []
    assert "cake" not in sys.modules


def test_nothing_is_left_of_an_import_that_failed(shelf):
    (shelf / "sugar.py").write_text("1 / 0")
    with pytest.raises(ZeroDivisionError), defer_import(LATE):
        import cake  # noqa: F401
    assert "cake._effects" not in sys.modules
    assert finders() == []
    (shelf / "sugar.py").write_text(FILES["sugar"])
    importlib.invalidate_caches()
    import cake

    assert cake.log == ["_effects", "_deep", "sugar"]
