"""Every row of `engine/KERAS.md` is pinned by a test that is named here."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.tiers import noted

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"

# By the beginning of a row, the tests that hold it: file and name.
PINS = {
    '`metrics=["acc"]` on several outputs': (
        "end_to_end/test_notebook_faults.py",
        "test_accuracy_asked_of_three_outputs_means_the_one_that_fits_each",
    ),
    "`acc` on a regression": (
        "end_to_end/test_silent_in_keras.py",
        "test_a_misuse_is_told_by_name",
    ),
    "softmax or sigmoid before a cross-entropy": (
        "engine/runtime/model/test_losses.py",
        "test_folded_crossentropy_still_learns_where_probabilities_saturate",
    ),
    "a masked tensor that several MultiHeadAttention": (
        "engine/functional/test_departures.py",
        "test_a_second_attention_still_sees_the_mask_of_its_value",
    ),
    "a target of shape (n,)": (
        "engine/runtime/model/test_losses.py",
        "test_a_last_axis_of_one_may_be_there_or_not",
    ),
    "starting weights": (
        "engine/runtime/model/test_keras_weight_layout.py",
        "test_a_weight_depends_on_seed_and_name_alone",
    ),
    "`validation_split`, `EarlyStopping` of a file": (
        "engine/functional/test_departures.py",
        "test_a_file_holds_a_fifth_back_and_keeps_the_best_epoch_where_fit_does_not",
    ),
    'padding "same" of an average pooling': (
        "engine/layers/test_pool.py",
        "test_an_average_counts_no_padding",
    ),
    "a fully masked row in GlobalAveragePooling1D": (
        "engine/layers/test_pool.py",
        "test_a_row_that_is_all_padding_gives_zeros_and_finite_gradients",
    ),
    "strides and dilation both above 1": (
        "engine/layers/test_conv.py",
        "test_arguments_that_keras_refuses_are_refused_with_a_fix_that_works",
    ),
    "element-wise merges of different ranks": (
        "engine/layers/test_merge.py",
        "test_another_number_of_axes_is_refused_with_the_reshape_that_mends_it",
    ),
    "ids into all that calculates": (
        "engine/layers/test_conformance.py",
        "test_ids_are_refused_by_all_that_calculates",
    ),
    '`auc` with curve "PR"': (
        "engine/runtime/model/test_metrics.py",
        "test_area_under_precision_and_recall_is_the_average_precision",
    ),
    "`f1_score`": (
        "engine/runtime/model/test_metrics.py",
        "test_f1_is_keras_f1_and_scikit_learns",
    ),
    "precision, recall, `auc`": (
        "engine/layers/test_keras_arguments.py",
        "test_metrics_take_keras_arguments_but_for_those_named_here",
    ),
    "masked steps in `auc`": (
        "engine/runtime/model/test_metrics.py",
        "test_every_metric_of_random_targets_is_that_of_keras",
    ),
    "`weighted_metrics`": (
        "engine/functional/test_departures.py",
        "test_weighted_metrics_are_refused_by_name",
    ),
    "weights of rows on an output by steps": (
        "engine/runtime/model/test_losses.py",
        "test_weights_of_rows_reach_every_step",
    ),
    "the cosine of a vector of zeros": (
        "engine/functional/test_departures.py",
        "test_a_vector_of_zeros_has_no_direction_and_no_gradient",
    ),
    "a BatchNormalization called several times": (
        "engine/functional/test_departures.py",
        "test_a_batch_normalization_called_twice_counts_in_the_order_of_the_drawing",
    ),
    "Concatenate, along features": (
        "engine/layers/test_merge.py",
        "test_features_of_masked_and_unmasked_tensors_carry_no_mask",
    ),
    "`activity_regularizer` of SimpleRNN": (
        "engine/functional/test_departures.py",
        "test_a_simple_rnn_pays_for_its_outputs",
    ),
    "OrthogonalRegularizer of a single row": (
        "engine/functional/test_departures.py",
        "test_a_single_row_is_at_right_angles_to_all_others",
    ),
    "the shape of a Bidirectional": (
        "engine/layers/test_bidirectional.py",
        "test_a_backward_layer_of_its_own_is_keras",
    ),
    "where Keras fails on torch": (
        "engine/functional/test_departures.py",
        "test_what_keras_fails_at_on_torch_is_computed",
    ),
    "`use_causal_mask` of attention layers": (
        "engine/layers/test_attention.py",
        "test_masks_of_some_inputs_are_combined_as_in_keras",
    ),
    "arguments without a meaning on a drawing": (
        "engine/layers/test_keras_arguments.py",
        "test_layers_take_keras_arguments_in_keras_order_but_for_those_named_here",
    ),
    "BatchNormalization's `renorm`": (
        "engine/layers/test_keras_arguments.py",
        "test_layers_take_keras_arguments_in_keras_order_but_for_those_named_here",
    ),
    "arguments of optimizers": (
        "engine/layers/test_keras_arguments.py",
        "test_optimizers_take_keras_arguments_but_for_those_named_here",
    ),
    "`validation_split` |": (
        "engine/functional/training/test_fit.py",
        "test_the_split_is_stated",
    ),
    "`Model.save`": (
        "engine/functional/weights/test_weight_file.py",
        "test_a_file_gives_graph_and_training_back_and_weights_come_apart",
    ),
    "`callbacks`": (
        "engine/functional/training/test_fit.py",
        "test_patience_stops_and_gives_the_best_weights_back",
    ),
    "a target of NaN": (
        "engine/functional/test_targets.py",
        "test_nan_targets_are_refused_unless_compile_says_that_they_are_masked",
    ),
    "`class_weight`": (
        "engine/functional/test_follows_keras.py",
        "test_class_weights_count_in_training_only_as_in_keras",
    ),
    "RandomFlip, both ways": (
        "engine/layers/test_augment.py",
        "test_both_flips_are_drawn_apart_so_that_a_picture_is_seen_in_four_ways",
    ),
    "RandomContrast": (
        "engine/layers/test_augment.py",
        "test_amounts_are_drawn_evenly_from_the_range_that_was_asked",
    ),
}


def rows() -> list[str]:
    """Return the rows of the table."""
    text = (ROOT / "engine" / "KERAS.md").read_text(encoding="utf-8")
    lines = [line.removeprefix("| ") for line in text.splitlines() if line.startswith("| ")]
    return lines[1:]  # the first one is the head


def test_every_row_has_a_test_that_holds_it():
    for row in rows():
        with noted(row):
            held = [PINS[begins] for begins in PINS if row.startswith(begins)]
            assert len(held) == 1, "name the test that pins this row"
            file, name = held[0]
            tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
            assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_no_pin_outlives_its_row():
    assert len(rows()) == len(PINS)
