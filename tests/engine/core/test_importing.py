"""Imports make no garbage, and whoever looks for some goes on doing so."""

import gc
import sys

import pytest

from engine.core.importing import no_garbage


def test_nobody_looks_for_garbage_during_an_import_and_all_do_after_it():
    assert gc.isenabled()
    with no_garbage():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_search_that_was_switched_off_stays_off():
    gc.disable()
    try:
        with no_garbage():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_the_search_goes_on_after_an_import_that_failed():
    with pytest.raises(ImportError), no_garbage():
        import engine.no_such_room  # noqa: F401
    assert gc.isenabled()


def test_nothing_is_set_apart_where_nothing_was_imported():
    before = gc.get_freeze_count()
    with no_garbage():
        assert "gc" in sys.modules
    assert gc.get_freeze_count() == before
