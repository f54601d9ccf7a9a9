"""The passes over a plan: what they change, what they leave, and that they say so."""

from engine.check.report import check
from engine.compile.optimization import (
    CHANNELS_LAST,
    DEFERRED_CONV,
    DEFERRED_LOOKUP,
    FUSED_MAX_POOLING,
    LOOKUP_FUSED,
    ROW_GRADIENTS,
    describe_optimizations,
    optimize_plan,
)
from engine.compile.plan import build_plan
from tests.engine.runtime.small import node, project


def both(*nodes):
    """Return the plan of a chain from x to y, before and after."""
    given = project(*nodes)
    report = check(given)
    assert not report.errors, report.errors
    before = build_plan(given.graph, report)
    return before, optimize_plan(before)


def ways(planned):
    return {step.node: (step.implementation, step.activation) for step in planned.steps}


def chain(*layers, shape=(20, 4), head="mse"):
    """Return nodes in a row, an Input before and an Output after them."""
    nodes, last = [node("x", "Input", shape=list(shape))], "x"
    for name, kind, params in layers:
        nodes.append(node(name, kind, last, **params))
        last = name
    return [*nodes, node("y", "Output", last, loss=head)]


CONV = ("conv", "Conv1D", {"filters": 3, "kernel_size": 3, "activation": "relu"})
POOL = ("pool", "MaxPooling1D", {"pool_size": 2})


def test_the_largest_is_taken_before_a_curve_that_never_falls():
    before, after = both(*chain(CONV, POOL))
    assert ways(before) == {"conv": ("", "relu"), "pool": ("", "linear")}
    assert ways(after) == {"conv": (DEFERRED_CONV, "linear"), "pool": (FUSED_MAX_POOLING, "relu")}
    assert list(describe_optimizations(before, after)) == [
        "conv: channels last, without transposing",
        "pool: fused with the convolution before it, backward pass of maxima only",
        "pool: pooling before relu",
    ]


def test_curves_that_may_fall_stay_where_they_are():
    for curve in ("silu", "tanh", "softmax"):
        conv = ("conv", "Conv1D", {"filters": 3, "kernel_size": 3, "activation": curve})
        _, after = both(*chain(conv, POOL))
        assert ways(after) == {"conv": (CHANNELS_LAST, curve), "pool": (CHANNELS_LAST, "linear")}


def test_a_mean_is_never_taken_before_a_curve():
    mean = ("pool", "AveragePooling1D", {"pool_size": 2})
    _, after = both(*chain(CONV, mean))
    assert ways(after) == {"conv": (CHANNELS_LAST, "relu"), "pool": (CHANNELS_LAST, "linear")}


def test_what_is_read_by_others_or_penalised_keeps_its_curve():
    nodes = [*chain(CONV, POOL), node("z", "Output", "conv", loss="mse")]
    assert ways(both(*nodes)[1])["conv"] == (CHANNELS_LAST, "relu")
    penalised = (CONV[0], CONV[1], CONV[2] | {"activity_regularizer": "l2"})
    assert ways(both(*chain(penalised, POOL))[1])["conv"] == (CHANNELS_LAST, "relu")


def test_padding_that_torch_can_not_do_by_itself_takes_the_layers_own_way():
    for padding, more in (("causal", {}), ("same", {"strides": 2}), ("same", {"kernel_size": 4})):
        conv = ("conv", "Conv1D", CONV[2] | {"padding": padding} | more)
        assert ways(both(*chain(conv))[1])["conv"][0] == ""
    same = ("pool", "MaxPooling1D", {"pool_size": 2, "padding": "same"})
    assert ways(both(*chain(CONV, same))[1])["pool"] == ("", "relu")


def test_nodes_order_and_weights_stay():
    before, after = both(*chain(CONV, POOL))
    assert [step.node for step in before.steps] == [step.node for step in after.steps]
    assert list(before.weights()) == list(after.weights())


IDS = {"shape": [20], "dtype": "int32"}
WORDS = {"input_dim": 50, "output_dim": 8}
LOOKED_UP = "words: the lookup is deferred to the next layer"


def reading(*more, layer="LSTM", **params):
    """Return the ways of words that a recurrence reads, and what is said of them."""
    before, after = both(
        node("x", "Input", **IDS),
        node("words", "Embedding", "x", **WORDS),
        node("story", layer, "words", units=4, **params),
        node("y", "Output", "story", loss="mse"),
        *more,
    )
    return {name: way for name, (way, _) in ways(after).items() if way}, list(
        describe_optimizations(before, after)
    )


def test_a_recurrence_looks_up_the_words_that_it_alone_reads():
    for layer in ("LSTM", "GRU", "SimpleRNN"):
        found, said = reading(layer=layer)
        assert found == {"words": DEFERRED_LOOKUP, "story": LOOKUP_FUSED}
        assert said == [LOOKED_UP]


def test_a_convolution_that_goes_back_through_winners_looks_up_the_words_that_it_alone_reads():
    before, after = both(
        node("x", "Input", **IDS),
        node("words", "Embedding", "x", **WORDS),
        node("conv", "Conv1D", "words", filters=16, kernel_size=3),
        node("pool", "GlobalMaxPooling1D", "conv"),
        node("y", "Output", "pool", loss="mse"),
    )
    found = {name: way for name, (way, _) in ways(after).items() if way}
    assert found == {"words": DEFERRED_LOOKUP, "conv": DEFERRED_CONV, "pool": FUSED_MAX_POOLING}
    assert LOOKED_UP in list(describe_optimizations(before, after))


def test_a_recurrence_with_a_penalty_on_its_outputs_reads_words_all_the_same():
    found, _ = reading(activity_regularizer="l2")
    assert found == {"words": DEFERRED_LOOKUP, "story": LOOKUP_FUSED}


def test_words_that_others_see_too_are_looked_up_where_they_stand():
    two = (node("more", "LSTM", "words", units=4), node("z", "Output", "more", loss="mse"))
    seen = (node("z", "Output", "words", loss="mse"),)
    mean = (node("m", "GlobalAveragePooling1D", "words"), node("z", "Output", "m", loss="mse"))
    for more in (two, seen, mean):
        found, said = reading(*more)
        assert found["words"] == ROW_GRADIENTS
        assert found.get("story", "") == ""
        assert said[0] == "words: gradients are accumulated per row"


def test_a_shared_table_is_looked_up_for_each_of_its_readers():
    found, _ = reading(
        node("x2", "Input", **IDS),
        node("again", "Embedding", "x2", shares="words"),
        node("other", "LSTM", "again", shares="story"),
        node("z", "Output", "other", loss="mse"),
    )
    assert found == {
        "words": DEFERRED_LOOKUP,
        "story": LOOKUP_FUSED,
        "again": DEFERRED_LOOKUP,
        "other": LOOKUP_FUSED,
    }
