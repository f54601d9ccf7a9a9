"""The `data` command shows columns to people, and as JSON to programs."""

import json
import os
import subprocess
import sys

import pytest

from engine.cli.app import main
from engine.cli.columns import bars
from engine.core.codes import Exit

TABLE = "name;size;colour\n" + "".join(
    f"Bird {row} of many;{row % 5},5;{'red' if row % 3 else 'blue'}\n" for row in range(60)
)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "birds.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def ran(capsys, *words):
    with pytest.raises(SystemExit) as leaving:
        main(["data", *map(str, words)])
    said = capsys.readouterr()
    return leaving.value.code, said.out, said.err


def test_people_see_a_line_for_each_column(file, capsys):
    code, out, err = ran(capsys, file)
    assert code == Exit.OK
    lines = out.splitlines()
    assert lines[0] == (
        "60 rows, 3 columns; semicolons between cells, utf-8, decimal commas, named by line 1"
    )
    assert [line.split()[:2] for line in lines[4:7]] == [
        ["name", "text"], ["size", "number"], ["colour", "category"],
    ]  # fmt: skip
    assert "0.5 to 4.5, mean 2.5" in out
    assert "red 40, blue 20" in out
    assert err.count("csv-read-as") == 2
    assert max(map(len, lines)) <= 100


def test_programs_get_all_facts_as_json(file, capsys):
    code, out, _ = ran(capsys, file, "--json")
    told = json.loads(out)
    assert (code, told["ok"], told["rows"]) == (Exit.OK, True, 60)
    assert told["dialect"] == {
        "delimiter": ";", "decimal": ",", "encoding": "utf-8", "header": True,
    }  # fmt: skip
    assert [column["kind"] for column in told["columns"]] == ["text", "number", "category"]
    assert {note["code"] for note in told["notes"]} == {"csv-read-as"}


def test_what_is_detected_can_be_said_instead(file, capsys):
    words = ("--delimiter", "tab", "--no-header", "--encoding", "latin-1", "--json")
    told = json.loads(ran(capsys, file, *words)[1])
    assert [column["name"] for column in told["columns"]] == ["column_1"]
    assert (told["rows"], told["notes"]) == (61, [])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--delimiter", "x"], Exit.GRAPH),
        (["--encoding", "klingon"], Exit.GRAPH),
        (["--decimal", ","], Exit.OK),
        (["nothing.csv"], Exit.USAGE),
    ],
)
def test_what_can_not_be_is_refused(words, code, file, capsys):
    assert ran(capsys, file, *words)[0] == code


def test_no_file_is_told_with_its_code(tmp_path, capsys):
    code, _, err = ran(capsys, tmp_path / "nothing.csv")
    assert code == Exit.DATA
    assert "data-not-found" in err


def test_bars_are_as_high_as_their_counts_and_never_vanish():
    assert bars([0, 1, 500, 1000], "utf-8") == " ▂▅█"
    assert bars([0, 1, 500, 1000], "ascii") == " :+#"
    assert bars([], "utf-8") == ""
    assert bars([0, 0], "utf-8") == "  "


def test_torch_is_not_loaded(file):
    code = "import sys; from engine.cli import main\ntry: main(['data', sys.argv[1]])\n"
    code += "except SystemExit: print({'torch', 'PySide6'} & set(sys.modules))"
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    words = [sys.executable, "-c", code, str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=env)
    assert done.stdout.splitlines()[-1] == "set()"
