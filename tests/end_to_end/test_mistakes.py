"""Common mistakes with tables: one diagnostic with the right reason, and a fix that works."""

import json

import pytest

from engine.core.diagnostic import DiagnosticError
from engine.graph.edits.registry import apply_edit
from engine.graph.serialization.file import dumps, parse

NAMES = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)", "kind"]
KINDS = ["setosa", "versicolor", "virginica"]
ROWS = [
    [f"{4 + n % 3 + n % 7 / 10:.1f}", f"{3 + n % 5 / 10:.1f}", f"{1 + n % 3}.{n % 9}",
     f"{n % 3}.{n % 8}", KINDS[n % 3]]
    for n in range(90)
]  # fmt: skip


def table(path, names=NAMES, rows=ROWS):
    lines = [*([names] if names else []), *rows]
    path.write_text("\n".join(map(",".join, lines)) + "\n", encoding="utf-8")


@pytest.fixture
def flowers(tmp_path, engine):
    """A folder with a table and its starter network."""
    table(tmp_path / "iris.csv")
    made = engine("new", "--from", "iris.csv", "--target", "kind", "net.loom.json")
    assert made.code == 0, made.err
    return tmp_path / "net.loom.json"


def changed(file, change):
    """Change the JSON of a graph file."""
    plain = json.loads(file.read_text(encoding="utf-8"))
    change(plain)
    file.write_text(json.dumps(plain), encoding="utf-8")


def only_error(answer):
    (found,) = [each for each in answer.json["diagnostics"] if each["severity"] == "error"]
    return found


def fix(file, found, number=0):
    """Apply a fix of an error to a graph file."""
    edit = found["fixes"][number]["edit"]
    project = parse(file.read_bytes()).project
    file.write_bytes(dumps(apply_edit(project, edit)).encode())


def set_source(**fields):
    def change(plain):
        source = plain["data"]["inputs"]["numbers"]
        source.pop("encode")
        source.update(fields)

    return change


def set_recipe(**fields):
    return lambda plain: plain["recipe"].update(fields)


def set_encode(plain):
    source = {"column": "kind", "encode": {"kind": "category", "params": {"fills": "error"}}}
    plain["data"]["targets"] = {"kind": source}


# The change of the project, what is expected, and what the first fix says.
IN_THE_PROJECT = {
    "a scale of the encoder at a port": (
        set_source(scale="log"),
        "standardize or null",
        'Write "encode": {"kind": "number", "params": {"scale": "log"}} in place of "scale".',
    ),
    "an unknown field of an encoder": (
        set_encode,
        "rare, unknown, ignore_case, fill",
        'Call it "fill".',
    ),
    "an unknown field of a port": (
        set_source(scales="standardize"),
        "column, columns, encode, scale, labels",
        'Call it "scale".',
    ),
    "an unknown field of a monitor": (
        set_recipe(stopping={"monitors": [{"name": "loss", "modes": "min"}]}),
        "name, mode, min_delta, weight",
        'Call it "mode".',
    ),
    "an unknown field of an optimizer": (
        set_recipe(optimizer={"kind": "SGD", "params": {"learning_rates": 0.1}}),
        "learning_rate, momentum, nesterov, weight_decay, clipnorm, clipvalue, global_clipnorm",
        'Call it "learning_rate".',
    ),
}


@pytest.mark.parametrize("case", IN_THE_PROJECT)
def test_a_wrong_field_lists_those_there_are_and_its_fix_works(case, flowers, engine):
    change, expected, advice = IN_THE_PROJECT[case]
    changed(flowers, change)
    found = only_error(engine("check", flowers, "--json"))
    assert found["expected"] == expected
    assert found["fixes"][0]["text"] == advice
    fix(flowers, found)
    assert engine("check", flowers, "--data", "iris.csv").code == 0


def test_the_scale_that_a_fix_sets_is_the_one_that_was_meant(flowers, engine):
    changed(flowers, set_source(scale="log"))
    fix(flowers, only_error(engine("check", flowers, "--json")))
    source = json.loads(flowers.read_text(encoding="utf-8"))["data"]["inputs"]["numbers"]
    assert source["encode"] == {"kind": "number", "params": {"scale": "log"}}
    assert "scale" not in source


@pytest.mark.parametrize(
    ("setting", "meant"),
    [
        ("learning_rate=0.1", "optimizer.learning_rate=0.1"),
        ("patience=3", "stopping.patience=3"),
    ],
)
def test_a_setting_of_an_inner_object_says_where_it_is(flowers, engine, setting, meant):
    words = ("train", flowers, "--data", "iris.csv", "--epochs", 1, "--json", "--set")
    found = only_error(engine(*words, setting))
    assert found["fixes"][0]["text"] == f"Write --set {meant}."
    assert engine(*words, meant).code == 0


def test_a_renamed_column_is_found_and_none_that_is_in_use(flowers, engine, tmp_path):
    table(tmp_path / "test.csv", ["sepal_length", *NAMES[1:]])
    found = only_error(engine("check", flowers, "--data", "test.csv", "--json"))
    assert "did you mean 'sepal_length'" in found["message"]
    fix(flowers, found)
    assert engine("check", flowers, "--data", "test.csv").code == 0


def test_a_column_that_is_left_out_has_no_stand_in(flowers, engine, tmp_path):
    table(tmp_path / "test.csv", NAMES[1:], [row[1:] for row in ROWS])
    found = only_error(engine("check", flowers, "--data", "test.csv", "--json"))
    assert found["code"] == "column-missing"
    assert "did you mean" not in found["message"]
    assert not any("edit" in each for each in found["fixes"])


def test_a_table_without_a_header_says_so(flowers, engine, tmp_path):
    table(tmp_path / "bare.csv", [])
    advice = "Write the column names in the first line of the file, which has none."
    words = ("new", "--from", "bare.csv", "--target", "kind", "n.loom.json", "--json")
    for answer in (engine(*words), engine("check", flowers, "--data", "bare.csv", "--json")):
        assert only_error(answer)["fixes"][0]["text"] == advice


def test_names_that_were_read_as_a_row_become_names(flowers, engine):
    changed(flowers, lambda plain: plain["data"].update(file={"header": False}))
    fix(flowers, only_error(engine("check", flowers, "--data", "iris.csv", "--json")))
    assert engine("check", flowers, "--data", "iris.csv").code == 0


def test_a_name_twice_is_not_to_become_a_row(engine, tmp_path):
    table(tmp_path / "twice.csv", [NAMES[0], *NAMES[:1], *NAMES[2:]])
    found = only_error(engine("data", "twice.csv", "--json"))
    assert [each["text"] for each in found["fixes"]] == [
        f"Rename all but one of the columns '{NAMES[0]}'."
    ]


def test_units_in_an_input_are_not_to_become_classes(flowers, engine, tmp_path):
    table(tmp_path / "test.csv", NAMES, [[f"{row[0]} cm", *row[1:]] for row in ROWS])
    answer = engine("check", flowers, "--data", "test.csv", "--json")
    if answer.code:  # where units are not read as numbers
        assert "plain numbers" in only_error(answer)["fixes"][0]["text"]


def test_a_constant_label_is_named(flowers, engine, tmp_path):
    table(tmp_path / "same.csv", NAMES, [[*row[:-1], "setosa"] for row in ROWS])
    found = only_error(engine("check", flowers, "--data", "same.csv", "--json"))
    assert (found["code"], found["found"]) == ("target-constant", "setosa")


def test_a_target_twice_is_refused(refused, tmp_path):
    table(tmp_path / "iris.csv")
    words = ("new", "--from", "iris.csv", "--target", "kind", "--target", "kind", "n.loom.json")
    assert '"kind" is listed as a target twice' in refused(words, "column-twice", 66)


def test_classes_of_a_column_that_is_no_target_are_refused(refused, engine, tmp_path):
    table(tmp_path / "iris.csv")
    words = ("new", "n.loom.json", "--from", "iris.csv", "--target", "kind", "--classes", NAMES[0])
    assert f"--target {NAMES[0]}" in refused(words, "usage", 2)
    assert not engine(*words, "--target", NAMES[0]).code


# What `engine layers NAME` advises.
NONE = "Use a type that `engine layers` lists, or the version that wrote the file."
LAYERS = {
    "Adam": "See: engine fields Adam",
    "mse": "See: engine fields mse",
    "nonsense": NONE,
    "Conv3D": NONE,
    "UpSampling2D": NONE,
    "Densee": 'Use "Dense".',
    "MaxPool2D": 'Use "MaxPooling2D".',
    "TextVectorization": 'Encode the column in the data block instead: "encode": "text".',
    "StringLookup": 'Encode the column in the data block instead: "encode": "category".',
    "Normalization": 'Scale the column in the data block instead: "scale": "standardize".',
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_name_that_is_no_layer_gets_what_was_meant_or_nothing(refused, name):
    said = refused(("layers", name), "kind-unknown", 65)
    assert f"1. {LAYERS[name]}\n" in said


@pytest.mark.parametrize("name", ["TextVectorization", "Normalization", "Conv3D", "UpSampling2D"])
def test_python_suggests_no_layer_that_is_another_thing(name):
    from engine import layers

    with pytest.raises((AttributeError, DiagnosticError)) as caught:
        getattr(layers, name)
    assert "did you mean" not in str(caught.value)


def test_fields_describes_one_name_and_lists_all(engine):
    assert "recipe.optimizer" in engine("fields").out
    said = engine("fields", "number").out
    choices = "Accepts one of none, standardize, minmax, log, robust, quantile, mean."
    assert choices in " ".join(said.split())
    (plain,) = engine("fields", "Adam", "--json").json
    assert plain["properties"]["learning_rate"]["default"] == 0.001
    assert len(engine("fields", "--json").json) > 50
