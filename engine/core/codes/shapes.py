"""Codes of diagnostics about tensor shapes, dtypes and masks in a graph."""

from engine.core.codes.entry import DiagnosticCode

CODES: dict[str, DiagnosticCode] = {
    "wrong-rank": DiagnosticCode(
        "The layer needs a different number of axes",
        "Each layer works on tensors with a certain number of axes: a sequence has (length, "
        "channels), an image (height, width, channels), a flat vector (features).",
        "Conv1D on a flat vector: insert an Embedding or a Reshape before it, or use Dense.",
        "Insert a layer that outputs the required number of axes.",
    ),
    "wrong-dtype": DiagnosticCode(
        "The layer needs a different dtype",
        "An Embedding looks up ids, integers (int32); a Dense layer multiplies floats (float32).",
        'Set the Input\'s dtype to "int32" if the column holds ids.',
        "Set the Input's dtype, or insert an Embedding before layers that need floats.",
    ),
    "window-too-large": DiagnosticCode(
        "A window does not fit",
        "With padding 'valid', the window of a convolution or pooling has to fit at least once.",
        "A window of 5 on 4 steps: use a smaller kernel_size, padding 'same' or a longer input.",
        "Use a smaller window, padding 'same', or a longer input.",
    ),
    "free-axis": DiagnosticCode(
        "The layer needs a fixed size, but the axis is dynamic",
        "A dynamic axis may have another length in each batch. A layer whose weights depend on "
        "that length, such as Dense after Flatten, can't be built.",
        "Set a fixed length in the Input's shape, or reduce the axis first with a global pooling.",
        "Set a fixed size in the Input's shape, or use a global pooling first.",
    ),
    "shapes-differ": DiagnosticCode(
        "Tensors that are merged have different shapes",
        "Element-wise merges need equal shapes; Concatenate all axes equal but the one it joins.",
        "Add on (96, 128) and (96, 64): make the last axis equal with a Dense or Conv1D of 128.",
        "Make the shapes equal before the merging layer.",
    ),
    "bad-axis": DiagnosticCode(
        "The layer has no such axis",
        "An axis is counted from 1, since axis 0 is the batch; -1 is the last one.",
        "axis 3 on (batch, 96, 128): use 1, 2 or -1.",
        "Use an axis that the tensor has.",
    ),
    "size-mismatch": DiagnosticCode(
        "The number of values does not fit",
        "Reshape keeps every value, so the old and the new shape must hold equally many.",
        "(6, 4) into (5, 5): 24 values can't be reshaped to 25.",
        "Choose sizes whose product is the number of input values.",
    ),
    "mask-dropped": DiagnosticCode(
        "The mask is lost here",
        "An Embedding with mask_zero, or a Masking layer, marks the padded steps. This layer can't "
        "pass the mask on, so the layers after it treat padding as data.",
        "Move the layer before the mask is created, or use GlobalAveragePooling1D.",
        "Move the layer before the mask is created, or use one that supports masks.",
    ),
    "padding-unmasked": DiagnosticCode(
        "Padding reaches a recurrent layer without a mask",
        "Sequences of different lengths are padded with zeros. Without a mask a recurrent layer "
        "also processes the padding, so its output depends on the length of the padding.",
        'Enable "mask_zero" of the Embedding, or insert a Masking layer before it.',
        "Enable mask_zero of the Embedding, or insert a Masking layer.",
    ),
    "layer-failed": DiagnosticCode(
        "The layer's shape inference failed on this input",
        "A bug in Layerloom, not a mistake in your graph. Please report it with the file.",
        "There is no known example; each one is a bug in Layerloom.",
        "Change the layer's fields or its input, and report the graph file.",
    ),
    "groups-uneven": DiagnosticCode(
        "Channels can't be split into equal groups",
        "A convolution with groups splits its input channels and its filters into that many equal "
        "groups, so both have to be multiples of groups.",
        '6 channels and "groups": 4: use 1, 2, 3 or 6 groups.',
        "Use a number of groups that divides the channels.",
    ),
    "too-few-inputs": DiagnosticCode(
        "A merging layer has fewer than two inputs",
        "Add, Concatenate, Dot and the like take at least two tensors.",
        "A Concatenate with one wire: connect a second one, or delete the node.",
        "Connect a second wire, or delete the merging layer.",
    ),
    "noise-shape-unfit": DiagnosticCode(
        "noise_shape does not fit the input of the dropout layer",
        "noise_shape has one entry for the batch and one for each axis: 1 if the whole axis is "
        "dropped at once, null or the axis' size if each position is dropped by itself. The batch "
        "size varies, so the first entry is null or 1.",
        "[null, 1, 128] on (batch, 96, 128) drops whole channels; [32, 1, 128] is an error.",
        "Use as many entries as the tensor has axes, each its size or 1.",
    ),
    "crop-too-large": DiagnosticCode(
        "Cropping removes the whole sequence",
        "A Cropping1D layer removes as many steps as the sequence has, or more.",
        "Cropping [3, 3] on 6 steps: crop less, or use a longer input.",
        "Crop less, or use a longer input.",
    ),
}
