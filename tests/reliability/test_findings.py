"""Every diagnostic of a graph has a minimal file, a golden message and fixes that work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.core.codes import graph as graph_codes
from engine.core.codes import heads, params, shapes
from engine.core.codes.file import CODES as FILE_CODES
from engine.core.diagnostic import DiagnosticError
from engine.graph.edits.registry import apply_edit
from engine.graph.serialization.file import dumps, parse
from tests.reliability.findings import CASES, GRAPHS, TEXTS, checked, found_in
from tests.reliability.mutate import odd_json
from tests.reliability.readers import Graphs
from tests.reliability.seed import chances
from tests.tiers import cases, noted

GOLDEN = Path(__file__).parents[1] / "golden" / "findings.txt"
# Diagnostics of disks, commands, data or older files: test_catalogue has their cases.
ELSEWHERE = {
    "file-missing", "file-denied", "file-is-folder", "file-in-the-way", "file-exists", "disk-full",
    "disk-failed", "file-migrated", "template-unknown", "code-unknown", "layer-failed",
    "padding-unmasked",  # depends on the data
}  # fmt: skip
FUZZED = cases(50, 500, 5_000)


def of(code: str):
    return [found for found in found_in(CASES[code]) if found.code == code]


def test_each_finding_has_a_file_that_shows_it():
    for code in CASES:
        with noted(code):
            assert of(code), [found.code for found in found_in(CASES[code])]


def test_no_finding_of_graphs_is_without_such_a_file():
    areas = (FILE_CODES, params.CODES, graph_codes.CODES, shapes.CODES, heads.CODES)
    assert {code for area in areas for code in area} - ELSEWHERE == CASES.keys() & {
        code for area in areas for code in area
    }


def test_findings_are_said_in_the_words_that_were_agreed():
    """To accept new messages, delete the file in tests/golden and run this test once."""
    said = "\n\n".join(f"# {code}\n" + "\n".join(map(str, of(code))) for code in CASES) + "\n"
    if not GOLDEN.exists():
        GOLDEN.write_text(said, encoding="utf-8")
        pytest.fail(f"wrote {GOLDEN.name}; look at it, and run again")
    assert said == GOLDEN.read_text(encoding="utf-8")


def test_a_finding_says_what_is_wrong_where_and_what_to_do():
    for code in CASES:
        with noted(code):
            check_words(code)


def check_words(code):
    for found in of(code):
        text = str(found)
        assert found.message
        assert found.found or found.expected
        assert found.fixes
        assert found.node or found.place or code in ("no-input", "no-output", "key-unknown")
        assert not any(word in text for word in ("Traceback", "<class", "object at 0x", "NoneType"))


def left(project, found, fix, times=5):
    """Return the diagnostics that remain after a fix is applied.

    Two wires of one merge may have the same error; then one may remain, and a cycle that both
    close needs the fix again.
    """
    try:
        mended = apply_edit(project, fix.edit)
    except ValueError as error:
        return [str(error)]
    assert parse(dumps(mended).encode()).project == mended
    again = [each for each in checked(mended) if same(each, found)]
    if len(again) < len([each for each in checked(project) if same(each, found)]):
        return []
    if times == 0 or mended == project:
        return again
    return left(mended, found, fix, times - 1)


def same(one, other):
    place = ("code", "node", "port", "param", "place", "found")
    return all(getattr(one, part) == getattr(other, part) for part in place)


def test_a_fix_that_a_machine_can_apply_mends_what_it_is_for():
    for code in GRAPHS:
        with noted(code):
            project = parse(GRAPHS[code]).project
            for found in of(code):
                for fix in found.fixes:
                    if fix.edit is not None:
                        assert not left(project, found, fix), fix


def test_so_does_every_fix_of_graphs_with_several_faults(tmp_path, figures):
    """For randomly mutated graphs; files that cannot be opened have no edits."""
    assert all(fix.edit is None for code in TEXTS for found in of(code) for fix in found.fixes)
    chosen, whole = chances("fixes"), Graphs(tmp_path)._whole
    tried, codes, unmended = 0, set(), []
    for _ in range(FUZZED):
        data = odd_json(json.loads(chosen.choice(whole)), chosen)
        try:
            project = parse(data).project
        except DiagnosticError:
            continue
        for found in checked(project):
            for fix in found.fixes:
                if fix.edit is None:
                    continue
                tried += 1
                codes.add(found.code)
                if left(project, found, fix):
                    unmended.append(f"{found}\n{fix}")
    figures(
        graphs=FUZZED, fixes_applied=tried, codes_of_them=len(codes), left_unmended=len(unmended)
    )
    assert not unmended, "\n\n".join(unmended[:12])
    assert tried
