"""The command as a whole: every word of it answers, in text and in JSON."""

import json
import re
from pathlib import Path

import pytest

from engine.cli import main
from engine.cli.app import COMMANDS
from engine.core.codes import CODES, ExitCode
from engine.graph.edits.registry import apply_edit
from engine.graph.serialization.file import read, write
from tests.tiers import cases, grid, noted

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder in which `penguins` was trained for two epochs."""
    folder = tmp_path_factory.mktemp("trained")
    for words in (
        ["new", "penguins", folder / "p.loom.json"],
        ["sample", "penguins", folder / "d"],
        ["train", folder / "p.loom.json", "--data", folder / "d", "--epochs", 2],
    ):
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        assert left.value.code == 0
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("template", grid(["penguins", "sequential"], quick=1))
def test_every_command_answers_in_text(template, engine, tmp_path):
    wrote = engine("new", template, "net.loom.json")
    assert wrote.out == "Wrote net.loom.json. Next: engine summary net.loom.json\n"
    assert "test rows" in engine("sample", template, "d").out
    assert engine("check", "net.loom.json", "--data", "d").out.startswith("OK: ")
    assert "Total parameters: " in engine("summary", "net.loom.json").out
    assert "class Net(nn.Module)" in engine("summary", "net.loom.json", "--plan").out
    done = engine("train", "net.loom.json", "--data", "d", "--epochs", 2)
    assert done.code == 0
    assert done.out == ""
    test = next((tmp_path / "d").glob("test.*")).name
    assert done.err.endswith(f"Next: engine evaluate runs/net-001 --data d/{test}\n")
    scored = engine("evaluate", "runs/net-001", "--data", f"d/{test}")
    assert re.search(r"^total +loss +\d", scored.out, re.M)
    assert "Trained on" in scored.out
    out = engine("predict", "runs/net-001", "--data", f"d/{test}", "--out", "p.csv").out
    assert re.match(r"Wrote [\d,]+ rows to p.csv: ", out)
    assert (
        engine("export", "runs/net-001", "--to", "pytorch", "--out", "o").out
    ) == "Wrote o/net.py\nWrote o/net.safetensors\n"
    assert engine("export", "net.loom.json", "--to", "pytorch", "--out", "f").code == 0
    assert re.search(r"^runs/net-001 +finished +2/2 ", engine("runs").out, re.M)
    assert engine("layers", "Dense").out.startswith("Dense (dense)\n")
    assert engine("explain", "graph-loop").out.startswith("graph-loop: ")
    source = engine("summary", "net.loom.json", "--plan", "--json").json["source"]
    assert "class Net(nn.Module)" in source
    assert set(engine("explain", "--json").json) == set(CODES)


def test_events_and_the_outcome_never_share_stdout(engine, trained):
    answer = engine(
        "train", trained / "p.loom.json", "--data", trained / "d", "--run", "both",
        "--events", "-", "--json",
    )  # fmt: skip
    (found,) = answer.json["diagnostics"]
    assert found["code"] == "usage"
    assert not Path("both").exists()


@pytest.mark.slow
def test_the_weights_that_answer_are_named(engine, trained):
    engine("train", trained / "p.loom.json", "--data", trained / "d", "--epochs", 1, "--run", "r")
    Path("r/model.safetensors").unlink()
    said = engine("predict", "r", "--data", trained / "d", "--out", "p.csv").out
    assert said.startswith(
        "The weights of the last checkpoint were used; the final weights do not exist\n"
    )
    assert engine("evaluate", "r", "--data", trained / "d", "--json").json["weights"] == "last"
    assert (
        engine("export", "r", "--to", "pytorch", "--out", "o", "--weights", "best", "--json").json[
            "weights"
        ]
        == "best"
    )


def test_the_events_are_copied_line_by_line(engine, trained):
    done = engine(
        "train", trained / "p.loom.json", "--data", trained / "d", "--epochs", 1,
        "--run", "r", "--events", "-",
    )  # fmt: skip
    assert done.out == Path("r/events.jsonl").read_text(encoding="utf-8")
    kinds = [json.loads(line)["kind"] for line in done.out.splitlines()]
    assert (kinds[0], kinds[-1]) == ("run-started", "run-finished")


def test_one_epoch_is_one_line(engine, trained):
    done = engine(
        "train", trained / "p.loom.json", "--data", trained / "d", "--epochs", 3, "--run", "r"
    )
    titles, *rows = (line for line in done.err.splitlines() if re.match(r" *(Epoch|\d/3) ", line))
    assert titles.split("  ")[-3:] == ["species accuracy", "sex accuracy", "body_mass mae"]
    assert len(rows) == 3
    assert {len(row) for row in rows} == {len(titles)}
    assert len(titles) <= 100


def test_scores_say_their_unit(engine, trained):
    """The target was standardised: its error is told in grams, its loss is not."""
    test = trained / "d" / "test.csv"
    scored = engine("evaluate", trained / "runs" / "p-001", "--data", test)
    assert re.search(r"^body_mass +loss +[\d.]+ +of scaled values$", scored.out, re.M)
    assert re.search(r"^ +mae +\d{3}\.\d{2} +[\d.]+ to [\d.]+ +[\d.]+ +g$", scored.out, re.M)
    assert "standard deviations" not in scored.out, "errors are in grams"
    assert "trained on: the scores say little" not in scored.out
    listed = " ".join(engine("runs", trained / "runs").out.split())
    assert re.search(r"body_mass mae \d{3}\.\d{2} g", listed), "of the data, as after the training"
    again = engine("evaluate", trained / "runs" / "p-001", "--data", trained / "d")
    assert "trained on: the scores say little" in again.out.partition("Output ")[0]


@pytest.mark.slow
def test_scores_stand_beside_the_best_that_can_be_reached(engine):
    engine("new", "sequential", "n.loom.json")
    best = engine("sample", "sequential", "d", "--json").json["best"]["label"]["accuracy"]
    engine("train", "n.loom.json", "--data", "d", "--epochs", 1)
    scored = engine("evaluate", "runs/n-001", "--data", "d/test.npz")
    assert re.search(rf"accuracy +0\.\d{{4}} .* {best:.4f}$", scored.out, re.M)
    assert "Best possible" not in engine("evaluate", "runs/n-001", "--data", "d").out


def test_the_longer_stack_says_how_long_posts_must_be_and_mends_itself(engine, tmp_path):
    """N8: what the notebook's author had to find out by deleting layers."""
    engine("new", "posts-longer", "n8.loom.json")
    engine("sample", "posts", "d", "--rows", 50)
    answer = engine("check", "n8.loom.json", "--data", "d", "--json")
    assert answer.code == ExitCode.DATA
    (found,) = (each for each in answer.json["diagnostics"] if each["severity"] == "error")
    assert (found["code"], found["node"]) == ("length-too-short", "posts")
    assert found["expected"] == "at least 269 steps"
    edits = [fix["edit"] for fix in found["fixes"] if "edit" in fix]
    assert edits
    for edit in edits:
        write(
            tmp_path / "mended.loom.json", apply_edit(read(tmp_path / "n8.loom.json").project, edit)
        )
        assert engine("check", "mended.loom.json", "--data", "d").out.startswith("OK: ")


@pytest.mark.parametrize("template", ["penguins", "posts"])
def test_the_layer_table_looks_as_it_did(template, engine, request):
    """To accept another look, delete the file in tests/golden and run this test once."""
    engine("new", template, "net.loom.json")
    told = engine("summary", "net.loom.json").out
    golden = GOLDEN / f"summary-{template}.txt"
    if not golden.exists():
        golden.write_text(told, encoding="utf-8")
        pytest.fail(f"wrote {golden.name}; look at it, and run again")
    assert told == golden.read_text(encoding="utf-8")


HELP_COMMANDS = [[], ["--help"], ["-h"], *([word, "--help"] for word in COMMANDS)]


@pytest.mark.slow
def test_help_fits_a_terminal(engine):
    for words in HELP_COMMANDS:
        with noted(words):
            answer = engine(*words)
            assert answer.code == (ExitCode.OK if words else ExitCode.USAGE)
            assert answer.out.startswith("Usage: engine ")
            assert "..." not in answer.out.partition("Commands:")[2]
            assert max(map(len, answer.out.splitlines())) <= 100


def test_readme_lists_every_command():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for word in COMMANDS:
        assert f"`engine {word}" in readme


def test_the_readme_s_five_minutes_work_as_they_stand(engine, tmp_path):
    """With fewer rows and one epoch, so that five minutes are a few seconds."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = (
        readme.partition("## Five minutes in the terminal")[2]
        .partition("```sh\n")[2]
        .partition("```")[0]
    )
    lines = [line.partition("#")[0].split() for line in block.splitlines()]
    commands = [words[1:] for words in lines if words[:1] == ["engine"]]
    assert [words[0] for words in commands] == [
        "new", "sample", "check", "summary", "train", "evaluate", "predict",
    ]  # fmt: skip
    for words in commands[: cases(4, 7)]:
        if words[0] == "sample":
            words += ["--rows", "64"]
        if words[0] == "train":
            words[words.index("--epochs") + 1] = "1"
        answer = engine(*words)
        assert answer.code == 0, answer.err
    if words[0] == "predict":
        assert (tmp_path / "predictions.csv").is_file()


def test_the_readme_s_exit_codes_are_those_of_the_program():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = re.search(r"Exit codes: (.*?)\. `engine", readme, re.S)
    assert told
    assert {int(number) for number in re.findall(r"\b\d+\b", told[1])} == {int(e) for e in ExitCode}


def test_every_code_is_explained(engine):
    for code in sorted(CODES)[:: cases(20, 1)]:
        with noted(code):
            answer = engine("explain", code)
            assert answer.code == 0
            assert answer.out.endswith(f"Exit code of an error: {int(CODES[code].exit)}\n")
            assert CODES[code].exit not in (ExitCode.OK, 1)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_can_learn_the_commands(shell, engine, monkeypatch):
    monkeypatch.setattr("shellingham.detect_shell", lambda: (shell, f"/bin/{shell}"))
    answer = engine("--show-completion")
    assert answer.code == 0
    assert "complet" in answer.out


def test_a_shell_without_completion_is_a_usage_error(engine, monkeypatch):
    monkeypatch.setattr("shellingham.detect_shell", lambda: ("sh", "/bin/sh"))
    assert engine("--show-completion").code == ExitCode.USAGE
