"""The Input that columns get on the empty canvas takes these columns."""

import pyarrow as pa
import pytest

from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.data.encoding_choice.compatibility import incompatibility_reason
from engine.data.ports.port_columns import PortColumns
from engine.data.preprocessing.transform import transform_port
from engine.data.profile.table_profile import profile_table
from engine.data.starter.new_input import suggest_input
from engine.data.table.table import table_from_arrays
from engine.recipe.data_mapping import Source
from engine.recipe.encoding import Boolean, Category
from tests.engine.data.mixed_columns import STATISTICS, TABLE

TAGS = pa.array([["a"], ["b", "other"], []], pa.large_list(pa.large_string()))


@pytest.mark.parametrize(
    "names", [*STATISTICS, "height count", "height kind", "kind day flag", "same height"]
)
def test_a_new_input_takes_its_columns(names):
    statistics = [STATISTICS[name] for name in names.split()]
    params, source = suggest_input(statistics)
    assert source.column_names == tuple(names.split())
    shape = tuple(DynamicLength("port", 0) if dim is None else dim for dim in params["shape"])
    spec = TensorSpec(shape, params.get("dtype", "float32"))
    assert incompatibility_reason(statistics, spec, "port") == ""
    assert len(transform_port(PortColumns(TABLE, source, "float32"), "port", spec).values)


def test_listed_labels_keep_the_width_of_an_input():
    params, source = suggest_input([STATISTICS["kind"]], ("a", "b", "c"))
    assert params == {"shape": [3]}
    assert source == Source(
        column="kind",
        encode=Category(unknown="ignore", fill="most_frequent"),
        labels=("a", "b", "c"),
    )
    assert suggest_input([STATISTICS["flag"]])[1].encode == Boolean(fill="most_frequent")


def test_a_label_of_lists_named_other_has_a_column_of_its_own():
    (lists,) = profile_table(table_from_arrays({"tags": TAGS}))
    assert suggest_input([lists], ("a", "b", "other"))[0] == {"shape": [3]}
