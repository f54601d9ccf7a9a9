"""Tables are read with pyarrow; what needs no table does without it."""

import subprocess
import sys

import numpy as np

TRAIN = """
import sys
from engine import Input, Model, layers
from engine.data.table.lazy_arrow import pa
import numpy as np

x = Input((3,), name="x")
model = Model(x, layers.Dense(1, name="y")(x))
model.compile(loss="mse")
model.fit(np.eye(8, 3, dtype="float32"), np.arange(8, dtype="float32"), epochs=1, verbose=0)
print("pyarrow" in sys.modules)
"""
COMMAND = """
import sys
from engine.cli.app import main

try:
    main(sys.argv[1:])
except SystemExit as end:
    print(end.code, "pyarrow" in sys.modules)
"""


def last_line(code, *words):
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stderr
    return done.stdout.splitlines()[-1]


def test_a_training_on_arrays_does_without_pyarrow(tmp_path):
    assert last_line(TRAIN) == "False"
    graph, data = tmp_path / "posts.loom.json", tmp_path / "data"
    for words in (["new", "posts", graph], ["sample", "posts", data, "--rows", "200"]):
        subprocess.run([sys.executable, "-m", "engine", *map(str, words)], check=True)
    train = ["train", graph, "--data", data, "--epochs", "1", "--run", tmp_path / "run"]
    assert last_line(COMMAND, *map(str, train)) == "0 False"


def test_a_late_module_is_the_module_itself():
    import pyarrow
    import pyarrow.compute

    from engine.data.table.lazy_arrow import pa, pc

    assert pa.Array is pyarrow.Array
    assert pc.sum is pyarrow.compute.sum
    assert pc.sum(pa.array(np.arange(4))).as_py() == 6
