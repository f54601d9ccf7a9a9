"""The projects and rows that the golden files were made of, as plain JSON."""

from __future__ import annotations

import random
from typing import Any

Json = dict[str, Any]


def node(name: str, kind: str, inputs: Any = None, params: Json | None = None, **more: Any) -> Json:
    """Return a node as a file says it; a text as input stands for the port x."""
    wired = {"x": inputs} if isinstance(inputs, str) else inputs
    return {
        "name": name,
        "kind": kind,
        **({"inputs": wired} if wired else {}),
        **({"params": params} if params else {}),
        **more,
    }


def project(nodes: list[Json], **parts: Json) -> Json:
    """Return a whole file."""
    return {"format": "layerloom", "version": 1, "graph": {"nodes": nodes}, **parts}


def chain(source: str, *steps: tuple[str, str, Json]) -> list[Json]:
    """Return nodes that follow one another, each given by name, kind and parameters."""
    nodes = []
    for name, kind, params in steps:
        nodes.append(node(name, kind, source, params))
        source = name
    return nodes


SEQUENCE = chain(
    "seq",
    ("masked", "Masking", {"mask_value": -1.0}),
    ("lstm", "LSTM", {"units": 2, "return_sequences": True, "recurrent_dropout": 0.1}),
    ("gru", "GRU", {"units": 2, "return_sequences": True, "reset_after": False}),
    ("both", "Bidirectional", {
        "layer": {"kind": "SimpleRNN", "params": {"units": 2, "return_sequences": True}},
        "merge_mode": "sum",
    }),
    ("rnn", "SimpleRNN", {"units": 2, "go_backwards": True}),
)  # fmt: skip

SIGNAL = chain(
    "seq",
    ("padded", "ZeroPadding1D", {"padding": [1, 2]}),
    ("conv", "Conv1D", {"filters": 2, "kernel_size": 3, "padding": "causal", "dilation_rate": 2}),
    ("leaky", "LeakyReLU", {"negative_slope": 0.1}),
    ("separable", "SeparableConv1D", {"filters": 2, "kernel_size": 2, "depth_multiplier": 2}),
    ("slopes", "PReLU", {"shared_axes": [1]}),
    ("dropped", "SpatialDropout1D", {"rate": 0.1}),
    ("pooled", "MaxPooling1D", {"pool_size": 2, "strides": 1, "padding": "same"}),
    ("averaged", "AveragePooling1D", {"pool_size": 2}),
    ("grown", "UpSampling1D", {"size": 2}),
    ("back", "Conv1DTranspose", {"filters": 2, "kernel_size": 2, "strides": 2}),
    ("cropped", "Cropping1D", {"cropping": [1, 0]}),
    ("normed", "LayerNormalization", {"epsilon": 1e-4}),
    ("turned", "Permute", {"dims": [2, 1]}),
    ("turned_back", "Permute", {"dims": [2, 1]}),
)
SIGNAL += [
    node("most", "GlobalMaxPooling1D", "turned_back"),
    node("mean", "GlobalAveragePooling1D", "turned_back"),
]

PICTURE = chain(
    "pic",
    ("flip", "RandomFlip", {"mode": "vertical", "seed": 3}),
    ("shift", "RandomTranslation", {"height_factor": [-0.1, 0.2], "width_factor": 0.1}),
    ("turn", "RandomRotation", {"factor": 0.1, "fill_mode": "constant", "fill_value": 0.5}),
    ("zoom", "RandomZoom", {"height_factor": 0.1, "interpolation": "nearest"}),
    ("contrast", "RandomContrast", {"factor": [0.1, 0.2], "value_range": [0.0, 1.0]}),
    ("windows", "Conv2D", {"filters": 2, "kernel_size": [2, 3], "padding": "same"}),
    ("batch", "BatchNormalization", {"momentum": 0.9}),
    ("curve", "Activation", {"activation": "mish"}),
    ("smaller", "MaxPooling2D", {"pool_size": [2, 1]}),
    ("thinner", "AveragePooling2D", {"pool_size": [1, 2], "strides": [1, 1]}),
    ("larger", "Conv2DTranspose", {"filters": 2, "kernel_size": [2, 2], "strides": [1, 2]}),
)
PICTURE += [
    node("top", "GlobalMaxPooling2D", "larger"),
    node("middle", "GlobalAveragePooling2D", "larger"),
]

MERGED = [
    node("vectors", "Embedding", "ids", {"input_dim": 7, "output_dim": 2, "mask_zero": True}),
    node("looks", "MultiHeadAttention", {"query": "vectors", "value": "vectors"},
         {"num_heads": 2, "key_dim": 2, "value_dim": 1, "use_causal_mask": True}),
    node("sees", "Attention", {"query": "looks", "value": "vectors", "key": "vectors"},
         {"use_scale": True}),
    node("flat", "Flatten", "sees"),
    node("few", "Dense", "flat", {"units": 2, "activation": "tanh"}),
    node("sum", "Add", {"xs": ["rnn", "most", "few"]}),
    node("gap", "Subtract", {"a": "mean", "b": "top"}),
    node("half", "Average", {"xs": ["sum", "middle"]}),
    node("product", "Multiply", {"xs": ["half", "gap"]}),
    node("high", "Maximum", {"xs": ["product", "few"]}),
    node("low", "Minimum", {"xs": ["product", "rnn"]}),
    node("cosine", "Dot", {"a": "high", "b": "low"}, {"axes": -1, "normalize": True}),
    node("noisy", "GaussianNoise", "table", {"stddev": 0.05}),
    node("again", "RepeatVector", "noisy", {"n": 2}),
    node("shaped", "Reshape", "again", {"target_shape": [-1]}),
    node("joined", "Concatenate", {"xs": ["cosine", "shaped", "high", "low"]}),
    node("thin", "Dropout", "joined", {"rate": 0.2, "seed": 5}),
]  # fmt: skip

ENDS = [
    node("wide", "Dense", "thin", {
        "units": 3, "activation": "relu", "kernel_initializer": "he_normal",
        "kernel_regularizer": {"kind": "l2", "params": {"l2": 0.001}},
    }),
    node("skipped", "Dense", "wide", {"units": 3}, off=True),
    node("same", "Dense", "few", shares="number_end"),
    node("number_end", "Dense", "middle", {"units": 1}),
    node("sort_end", "Dense", "skipped", {"units": 3, "activation": "softmax"}),
    node("flag_end", "Dense", "skipped", {"units": 1, "activation": "sigmoid"}),
    node("number", "Output", "number_end", {
        "loss": {"kind": "huber", "params": {"delta": 0.5}}, "loss_weight": 0.25,
        "metrics": ["mae", "root_mean_squared_error"], "unit": "m",
    }),
    node("twin", "Output", "same"),
    node("sort", "Output", "sort_end", {
        "loss": "sparse_categorical_crossentropy", "metrics": ["acc", {
            "kind": "top_k_categorical_accuracy", "params": {"k": 2},
        }], "class_weight": {"0": 2.0, "1": 1.0, "2": 0.5}, "labels": ["a", "b", "c"],
    }),
    node("flag", "Output", "flag_end", {
        "loss": "binary_crossentropy", "metrics": ["acc", "auc", "f1_score", "precision"],
        "class_weight": "balanced", "labels": ["no", "yes"],
    }),
]  # fmt: skip


def kinds() -> Json:
    """Return a network that trains, with every kind of layer in it."""
    inputs = [
        node("table", "Input", params={"shape": [3]}),
        node("ids", "Input", params={"shape": [4], "dtype": "int32"}),
        node("seq", "Input", params={"shape": [6, 2]}),
        node("pic", "Input", params={"shape": [4, 4, 1]}),
    ]
    nodes = [*inputs, *SEQUENCE, *SIGNAL, *PICTURE, *MERGED, *ENDS]
    recipe = {
        "optimizer": {"kind": "Adam", "params": {"learning_rate": 0.01, "amsgrad": True}},
        "schedule": {"kind": "cosine", "params": {"warmup_steps": 3, "alpha": 0.1}},
        "epochs": 3, "batch_size": 10, "seed": 7, "validation_split": 0.25,
        "device": "cpu", "threads": 1,
        "stopping": {"monitors": ["sort/loss"], "patience": 4},
    }  # fmt: skip
    view = {
        "nodes": {"table": {"at": [0, 0]}, "flip": {"at": [40, -320], "collapsed": True}},
        "frames": [
            {"title": "picture", "nodes": ["flip", "shift", "turn"], "tint": "conv"},
            {"title": "ends", "nodes": ["number", "sort"], "collapsed": True},
        ],
        "routes": [{"from": "pic", "to": "flip", "port": "x", "points": [[10, 20], [30.5, -4]]}],
    }
    return project(nodes, recipe=recipe, view=view)


def table_rows(count: int = 40) -> list[Json]:
    """Return rows of a table with a column for each encoding."""
    chance = random.Random(11)
    rows = []
    for at in range(count):
        size, mass = chance.uniform(1, 9), chance.gauss(50, 12)
        rows.append({
            "size": round(size, 2), "mass": "?" if at == 6 else round(mass, 1),
            "colour": ["red", "green", "blue", "red", "green"][at % 5],
            "fresh": "yes" if at % 3 else "no",
            "say": ["one two three", "two two", "four one", "five"][at % 4],
            "list": f"{at % 5} {at % 3} 4", "tags": ["x|y", "y", "z|x", ""][at % 4],
            "day": f"2024-{at % 12 + 1:02}-{at % 28 + 1:02}", "picture": f"{at % 2}.png",
            "group": f"g{at % 8}", "weight": at % 2 + 1,
            "price": "" if at == 9 else round(3 * size + 0.1 * mass, 2),
            "ripe": "ripe" if size > 5 else "raw",
            "side": ["train", "train", "val", "exam"][at % 4],
        })  # fmt: skip
    return rows


def encodings() -> Json:
    """Return a network for that table, with every encoding in its mapping."""
    shapes: dict[str, tuple[list[int | None], str]] = {
        "size": ([2], "float32"), "colour": ([4], "float32"), "fresh": ([1], "float32"),
        "say": ([3], "int32"), "list": ([3], "int32"), "tags": ([3], "float32"),
        "day": ([4], "float32"), "picture": ([2, 2, 1], "float32"),
    }  # fmt: skip
    nodes = [
        node(name, "Input", params={"shape": shape, "dtype": dtype})
        for name, (shape, dtype) in shapes.items()
    ]
    nodes += [
        node("said", "Embedding", "say", {"input_dim": 12, "output_dim": 2}),
        node("listed", "Embedding", "list", {"input_dim": 6, "output_dim": 2}),
        node("said_flat", "Flatten", "said"),
        node("listed_flat", "Flatten", "listed"),
        node("picture_flat", "Flatten", "picture"),
        node("all", "Concatenate", {"xs": [
            "size", "colour", "fresh", "said_flat", "listed_flat", "tags", "day", "picture_flat",
        ]}),
        node("body", "Dense", "all", {"units": 4, "activation": "relu"}),
        node("price_end", "Dense", "body", {"units": 1}),
        node("ripe_end", "Dense", "body", {"units": 1, "activation": "sigmoid"}),
        node("price", "Output", "price_end", {
            "loss": "mse", "metrics": ["mae", "r2_score"], "unit": "EUR", "missing": "mask",
        }),
        node("ripe", "Output", "ripe_end", {"loss": "binary_crossentropy", "metrics": ["acc"]}),
    ]  # fmt: skip
    data = {
        "file": {"delimiter": ";", "decimal": ",", "encoding": "utf-8", "header": True,
                 "missing": ["?"]},
        "weights": {"price": {"column": "weight"}},
        "split": {"kind": "group",
                  "params": {"column": "group", "validation": 0.25, "test": 0.125}},
        "inputs": {
            "size": {"columns": ["size", "mass"], "encode": [
                {"kind": "number", "params": {"scale": "robust"}},
                {"kind": "number", "params": {"scale": "minmax", "fill": "median"}}]},
            "colour": {"column": "colour", "encode": {
                "kind": "category", "params": {"unknown": "other", "fill": "other"}}},
            "fresh": {"column": "fresh", "encode": "boolean"},
            "say": {"column": "say", "encode": {
                "kind": "text", "params": {"vocabulary": 12, "length": 3, "pad": "start"}}},
            "list": {"column": "list", "encode": {"kind": "ids", "params": {"length": 3}}},
            "tags": {"column": "tags", "encode": {
                "kind": "multilabel", "params": {"separator": "|"}}},
            "day": {"column": "day", "encode": {
                "kind": "date", "params": {"parts": ["month", "weekday"]}}},
            "picture": {"column": "picture", "encode": {
                "kind": "image", "params": {"scale": "symmetric"}}},
        },
        "targets": {
            "price": {"column": "price", "encode": {
                "kind": "number", "params": {"scale": "standardize"}}},
            "ripe": {"column": "ripe", "labels": ["raw", "ripe"]},
        },
    }  # fmt: skip
    recipe = {"optimizer": "RMSprop", "epochs": 3, "batch_size": 8, "seed": 2, "device": "cpu",
              "threads": 1, "balance": "uncertainty"}  # fmt: skip
    return project(nodes, recipe=recipe, data=data)


OPTIMIZERS: dict[str, Json] = {
    "SGD": {"learning_rate": 0.02, "momentum": 0.8, "nesterov": True, "clipnorm": 1.0},
    "RMSprop": {"rho": 0.8, "momentum": 0.1, "centered": True, "clipvalue": 2.0},
    "Adam": {"beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-6, "amsgrad": True},
    "AdamW": {"weight_decay": 0.01, "global_clipnorm": 1.5},
    "Nadam": {"learning_rate": 0.003, "weight_decay": 0.001},
    "Adagrad": {"learning_rate": 0.05, "initial_accumulator_value": 0.2},
    "Adadelta": {"learning_rate": 0.5, "rho": 0.9},
    "Adamax": {"learning_rate": 0.004, "beta_1": 0.85},
    "Lion": {"learning_rate": 0.0005, "beta_2": 0.95},
}
SCHEDULES: list[Any] = [
    "constant",
    {"kind": "step", "params": {"every": 1, "factor": 0.5}},
    {"kind": "exponential", "params": {"decay_steps": 3, "decay_rate": 0.9, "staircase": True}},
    {"kind": "cosine", "params": {"decay_steps": 20, "alpha": 0.2, "warmup_steps": 2}},
    {"kind": "plateau", "params": {
        "monitor": "a/mae", "factor": 0.5, "patience": 1, "mode": "min", "min_delta": 0.5,
        "cooldown": 1, "min_lr": 0.0001,
    }},
]  # fmt: skip
BALANCES: list[Any] = [
    None,
    {"kind": "uncertainty", "params": {"start": 0.5, "learning_rate": 0.01}},
    {"kind": "gradnorm", "params": {"alpha": 1.0, "learning_rate": 0.05, "layer": "body"}},
]


def small(optimizer: str) -> Json:
    """Return a network of two outputs, trained by one of the optimizers."""
    at = list(OPTIMIZERS).index(optimizer)
    balance = BALANCES[at % 3]
    recipe = {
        "optimizer": {"kind": optimizer, "params": OPTIMIZERS[optimizer]},
        "schedule": SCHEDULES[at % 5], "epochs": 4, "batch_size": 8, "seed": at,
        **({"accumulate": 2} if at % 2 else {}), **({"balance": balance} if balance else {}),
        "shuffle": at != 3, "validation_split": 0.2, "device": "cpu", "threads": 1,
        "precision": "float64" if at == 2 else "float32",
        "stopping": {"monitors": [{"name": "a/mae", "mode": "min", "min_delta": 0.001}, "b/loss"],
                     "combine": ["any", "all", "weighted"][at % 3], "patience": 9,
                     "restore_best": at % 2 == 0, "start_from_epoch": 1},
        "best": {"monitors": ["b/loss"]},
        "checkpoint_every": {"epochs": 2, "steps": 4},
    }  # fmt: skip
    nodes = [
        node("x", "Input", params={"shape": [3]}),
        node("body", "Dense", "x", {"units": 2, "activation": "tanh"}),
        node("drop", "Dropout", "body", {"rate": 0.1}),
        node("a_end", "Dense", "drop", {"units": 1}),
        node("b_end", "Dense", "drop", {"units": 1, "activation": "sigmoid"}),
        node("a", "Output", "a_end", {"loss": "mse", "metrics": ["mae"]}),
        node("b", "Output", "b_end", {"loss": "binary_crossentropy", "loss_weight": 0.5}),
    ]
    return project(nodes, recipe=recipe)


def wrong() -> Json:
    """Return a file with mistakes, and with parts that only another version knows."""
    nodes = [
        node("x", "Input", params={"shape": [None, 3]}, colour="blue"),
        node("strange", "FromTheFuture", "x", {"depth": {"a": [1, 2.0, None, True]}}),
        node("dense", "Dense", "strange", {"units": 0, "unitz": 4, "activation": "reluu"}),
        node("Dense 2", "Dense", {"y": "gone"}, {"units": 2}),
        node("lstm", "LSTM", "x", {"units": 2, "return_state": True}),
        node("carried", "Dense", "lstm.state_h", {"units": 1}),
        node("caf\u00e9", "Output", "carried", {"loss": "mse", "loss_weight": 1}),
        node("joined", "Concatenate", {"xs": ["x", "lstm", "lstm.state_c"]}),
        node("tied", "Dense", "joined", shares="carried", off=True),
    ]
    value = project(
        nodes,
        recipe={"optimizer": "Adamm", "epochs": 0, "later": {"than": "now"}},
        data={"inputs": {"z": {"column": "z", "labels": ["\u00e4"]}}, "strange": [1]},
        view={"nodes": {"x": {"at": [1.5, -2], "tint": 7}}, "zoom": 2,
              "frames": [{"title": "<b>", "nodes": ["nobody", "dense"], "more": 1}],
              "routes": [{"from": "gone", "to": "x", "port": "x", "points": []}]},
        plugins={"a": {"b": [1, "x"]}},
    )  # fmt: skip
    value["graph"]["order"] = ["x"]
    return value


def fields(every: Json) -> Json:
    """Return a file with a node for each kind, whose parameters are away from their defaults."""
    nodes = [
        node(f"{kind.lower()}_{at}", kind, params=params)
        for kind, sets in every["layers"].items()
        for at, params in enumerate(sets)
    ]
    recipe: Json = {}
    for params in reversed(every["records"]["recipe"]):
        recipe |= params
    data: Json = {}
    for params in reversed(every["records"]["data"]):
        data |= params
    return project(nodes, recipe=recipe, data=data)
