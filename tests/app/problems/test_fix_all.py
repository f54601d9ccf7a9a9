"""Mending all at once makes a network better or leaves it as it is."""

from __future__ import annotations

from dataclasses import replace

from app.problems.fix_all import FixResult, apply_fixes, can_fix
from engine.check.report import check
from engine.core.diagnostic import Diagnostic, Fix
from engine.graph import templates
from engine.graph.edits import field_edits
from engine.graph.model import Project
from engine.graph.serialization.file import parse


def posts() -> Project:
    return parse(templates.read_template("posts")).project


def test_each_error_with_a_fix_is_mended():
    """What the fixes bring to light is fixed, too."""
    project = field_edits.set_params(posts(), "posts", {"shape": [20]})
    project = field_edits.set_recipe(project, {"unheard": 1})
    result = apply_fixes(check(project))
    assert len(result.fixes) >= 2
    assert result.remaining_count == 0
    assert check(result.project).errors == []
    text = str(result)
    assert text.startswith(f"Fixed {len(result.fixes)} errors; none left. ")
    assert all(fix in text for _, fix in result.fixes[:3]), "it says what was changed"


def test_equal_fixes_are_named_once():
    """A window on too few steps, twice."""
    fixes = (("a", "Set padding."), ("b", "Set padding."), ("", "Use a list."))
    assert str(FixResult(posts(), fixes, 1)) == (
        "Fixed 3 errors; 1 left. a, b: Set padding. Use a list."
    )


def test_a_fix_that_does_not_help_is_not_kept():
    """An edit that leaves more errors than before is dropped, and the mending ends."""
    report = check(posts())
    useless = Diagnostic(
        "param-invalid",
        "it is wrong",
        node="conv",
        fixes=(
            Fix(
                "Empty it.",
                {
                    "do": "set_params",
                    "node": "conv",
                    "params": {"filters": 0, "kernel_size": 0},
                },
            ),
        ),
    )
    result = apply_fixes(replace(report, diagnostics=(useless,)))
    assert (result.fixes, result.project) == ((), report.project)


def test_a_fix_that_can_not_be_done_ends_it():
    """A fix that fits the document no more raises nothing."""
    stale = Diagnostic(
        "param-invalid",
        "it is wrong",
        node="gone",
        fixes=(Fix("Bypass it.", {"do": "set_off", "node": "gone"}),),
    )
    assert not apply_fixes(replace(check(posts()), diagnostics=(stale,))).fixes


def test_time_runs_out_with_a_word():
    """On a huge network the window answers in time and says how to go on."""
    report = check(field_edits.set_recipe(posts(), {"unheard": 1}))
    assert can_fix(report)
    result = apply_fixes(report, seconds=-1)
    assert (result.fixes, result.remaining_count) == ((), 1)
    assert str(result).endswith("Press again to continue.")
