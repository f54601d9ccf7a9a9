"""Every code of the catalogue has a minimal case and a golden message; edits fix the error."""

from __future__ import annotations

import os
import re
import socket
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
import torch

from engine.check.report import check
from engine.core.codes import CODES
from engine.graph.edits.registry import apply_edit
from engine.graph.serialization.file import dumps, parse
from tests.reliability import (
    findings,
    findings_data,
    findings_hosts,
    findings_python,
    findings_runs,
)
from tests.reliability.tables import found_in
from tests.tiers import noted

GOLDEN = Path(__file__).parents[1] / "golden"
DATA = findings_data.CASES
ACTS = {**findings_runs.ACTS, **findings_python.ACTS, **findings_hosts.ACTS}
VARY = (
    (re.compile(r"process \d+ on [^ ,]+"), "process PID on HOST"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?\S*"), "TIME"),
    (re.compile(r"[\d.,]+ ([kKMGT]i?B|bytes) left"), "SOME left"),
    (re.compile(r"of [\d,]+ bytes"), "of SOME bytes"),
    (re.compile(r"\bport \d+"), "port PORT"),
    (re.compile(r"jobs/\w+-\w{8}"), "jobs/RUN"),
    (re.compile(r"layerloom(==| )\d[\w.]*\d"), r"layerloom\1VERSION"),
    (re.compile(re.escape(f"{Path(__file__).parent}") + r"\S*"), "LINE"),
)


def data_found(code, folder, given=None):
    """Return the diagnostics of a table."""
    case = DATA[code]
    with patch.dict(sys.modules, {case.without: None} if case.without else {}):
        return [f for f in found_in(case, folder, given) if f.code == code]


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The diagnostics of each case, computed once."""
    kept = {}

    def show(code):
        if code not in kept:
            folder = tmp_path_factory.mktemp(code)
            if code in DATA:
                found = data_found(code, folder)
            else:
                found = [each for each in ACTS[code](folder) if each.code == code]
            kept[code] = (found, folder)
        return kept[code]

    return show


def words(found, folder):
    """Return diagnostics as text, without parts that depend on the machine."""
    said = "\n".join(map(str, found)).replace(str(folder), "HERE")
    said = said.replace(f'"{folder.name}"', "HERE")
    said = said.replace(socket.gethostname(), "HOST").replace(torch.__version__, "VERSION")
    said = re.sub(rf"\b{os.getpid()}\b", "PID", said)
    for pattern, instead in VARY:
        said = pattern.sub(instead, said)
    return said


def test_every_code_has_a_case_that_shows_it(figures):
    """Codes of graphs and graph files have their cases in test_findings."""
    cases = [*findings.CASES, *DATA, *ACTS]
    assert sorted(set(cases)) == sorted(CODES)
    figures(codes=len(CODES), shown=len(set(cases)))


def test_a_case_shows_its_code(shown):
    for code in [*DATA, *ACTS]:
        with noted(code):
            check_case(code, shown)


def check_case(code, shown):
    found, _ = shown(code)
    assert found
    for each in found:
        assert each.message
        assert not each.rows or each.rows.count_text not in each.without_rows().message
        assert each.fixes or each.severity == "info"
        text = str(each)
        assert not any(word in text for word in ("Traceback", "<class", "object at 0x", "NoneType"))


@pytest.mark.parametrize(("name", "codes"), [("data", DATA), ("runs", ACTS)])
def test_findings_are_said_in_the_words_that_were_agreed(name, codes, shown):
    """To accept new messages, delete the file in tests/golden and run this test once."""
    golden = GOLDEN / f"findings-{name}.txt"
    said = "\n\n".join(f"# {code}\n{words(*shown(code))}" for code in codes) + "\n"
    if not golden.exists():
        golden.write_text(said, encoding="utf-8")
        pytest.fail(f"wrote {golden.name}; look at it, and run again")
    assert said == golden.read_text(encoding="utf-8")


@pytest.mark.slow
def test_an_edit_that_is_offered_mends_what_it_is_for(shown, tmp_path):
    """The graph is valid, and the same table no longer has the error."""
    for code in DATA:
        with noted(code):
            check_edits(code, shown, tmp_path)


def check_edits(code, shown, tmp_path):
    found, _ = shown(code)
    for each in found:
        for number, fix in enumerate(each.fixes):
            if fix.edit is None:
                continue
            mended = apply_edit(DATA[code].project, fix.edit)
            assert parse(dumps(mended).encode()).project == mended
            assert check(mended, available=1 << 30).errors == [], fix
            again = data_found(code, tmp_path / f"{code}-{number}", mended)
            assert not [other for other in again if other.node == each.node], fix
