"""The `data` command shows columns to people, and as JSON to programs."""

import json

import pytest

from engine.cli.app import main
from engine.cli.commands.data import sparkline
from engine.core.codes import ExitCode

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
    assert code == ExitCode.OK
    lines = out.splitlines()
    assert lines[0] == "60 rows, 3 columns"
    assert [line.split()[:2] for line in lines[4:7]] == [
        ["name", "text"], ["size", "number"], ["colour", "category"],
    ]  # fmt: skip
    assert "0.5 to 4.5, mean 2.5" in out
    assert "red 40, blue 20" in out
    assert "size: numbers with decimal commas, standardized" in lines
    assert lines[-2:] == [
        "As its target, such as --target colour:",
        "the loss is binary_crossentropy",
    ]
    assert err.count("csv-read-as") == 2
    assert max(map(len, lines)) <= 100


def test_programs_get_all_facts_as_json(file, capsys):
    code, out, _ = ran(capsys, file, "--json")
    told = json.loads(out)
    assert (code, told["ok"], told["rows"]) == (ExitCode.OK, True, 60)
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
        (["--delimiter", "x"], ExitCode.GRAPH),
        (["--encoding", "klingon"], ExitCode.GRAPH),
        (["--decimal", ","], ExitCode.OK),
        (["nothing.csv"], ExitCode.USAGE),
    ],
)
def test_what_can_not_be_is_refused(words, code, file, capsys):
    assert ran(capsys, file, *words)[0] == code


def test_no_file_is_told_with_its_code(tmp_path, capsys):
    code, _, err = ran(capsys, tmp_path / "nothing.csv")
    assert code == ExitCode.DATA
    assert "data-not-found" in err


def test_bars_are_as_high_as_their_counts_and_never_vanish():
    assert sparkline([0, 1, 500, 1000], "utf-8") == " ▂▅█"
    assert sparkline([0, 1, 500, 1000], "ascii") == " :+#"
    assert sparkline([], "utf-8") == ""
    assert sparkline([0, 0], "utf-8") == "  "


@pytest.fixture
def graph(file):
    path = file.with_name("birds.loom.json")
    with pytest.raises(SystemExit):
        main(["new", "--from", str(file), "--target", "size", str(path)])
    return path


def test_people_see_what_the_ports_of_a_graph_receive(file, graph, capsys):
    capsys.readouterr()
    code, out, err = ran(capsys, file, "--graph", graph)
    assert code == ExitCode.OK
    lines = out.splitlines()
    assert "name from name, int32, 4" in lines
    assert "colour from colour, float32, 1" in lines
    assert "size predicts size, float32, 1" in lines
    assert any(line.startswith("Bird 0 of many") and "(bird)" in line for line in lines)
    assert "(blue)" in out
    assert lines[-1] == ("Trained on 54 rows, validated on 6 rows held back at random with seed 0.")
    assert max(map(len, lines)) <= 100
    assert "error" not in err


def test_programs_get_ports_sides_and_findings(file, graph, capsys):
    capsys.readouterr()
    text = file.read_text("utf-8").replace("Bird 7 of many;2,5;red", "Bird 7 of many;2,5;")
    file.write_text(text, "utf-8")
    unfilled = graph.read_text("utf-8").replace("most_frequent", "error")
    graph.write_text(unfilled, "utf-8")
    code, out, _ = ran(capsys, file, "--graph", graph, "--json")
    told = json.loads(out)
    assert (code, told["ok"]) == (ExitCode.DATA, False)
    assert told["sides"] == {"train": 54, "validation": 6, "test": 0}
    ports = {port["port"]: port for port in told["ports"]}
    assert ports["name"]["rows"][0]["words"][0] == "bird"
    faults = [row.get("fault", "") for row in ports["colour"]["rows"]]
    assert faults == [*[""] * 7, "the cell is empty"], "the other rows are sound"
    (found,) = [bad for bad in told["diagnostics"] if bad.get("severity", "error") == "error"]
    assert (found["node"], found["place"].endswith("line 9 of the file")) == ("colour", True)


def test_rows_apart_are_counted(file, graph, capsys):
    capsys.readouterr()
    words = ("--graph", graph, "--validation", file, "--test", file, "--json")
    told = json.loads(ran(capsys, file, *words)[1])
    assert told["sides"] == {"train": 60, "validation": 60, "test": 60}
