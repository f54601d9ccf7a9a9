"""Codes of findings about the shapes that flow through a graph."""

from engine.core.codes.entry import Code

CODES: dict[str, Code] = {
    "wrong-rank": Code(
        "The layer wants another number of axes",
        "Each layer works on tensors with a certain number of axes: a sequence has (length, "
        "channels), an image (height, width, channels), a flat vector (features).",
        "Conv1D on a flat vector: put an Embedding or a Reshape in front, or use Dense.",
    ),
    "wrong-dtype": Code(
        "The layer wants another kind of number",
        "Ids are whole numbers (int32), measurements are real numbers (float32). An Embedding "
        "looks up ids; a Dense layer multiplies measurements.",
        'Set the Input\'s dtype to "int32" if the column holds ids.',
    ),
    "window-too-large": Code(
        "A window does not fit",
        "A convolution or a pooling slides a window along an axis. With padding 'valid' the "
        "window has to fit at least once.",
        "A window of 5 on 4 steps: use a smaller kernel_size, padding 'same' or a longer input.",
    ),
    "free-axis": Code(
        "The layer needs to know a size that is left free",
        "A free axis has another length in each batch. A layer whose weights depend on that "
        "length, such as Dense after Flatten, can't be built.",
        "Give the Input a fixed length, or reduce the axis first with a global pooling.",
    ),
    "shapes-differ": Code(
        "Tensors that are merged have different shapes",
        "Element-wise merges need equal shapes (or axes of size 1); Concatenate needs all axes "
        "equal but the one it joins along.",
        "Add on (96, 128) and (96, 64): make the last axis equal with a Dense or Conv1D of 128.",
    ),
    "bad-axis": Code(
        "The layer has no such axis",
        "An axis is counted from 1, since axis 0 is the batch; -1 is the last one.",
        "axis 3 on (batch, 96, 128): use 1, 2 or -1.",
    ),
    "size-mismatch": Code(
        "The number of values does not fit",
        "Reshape keeps every value, so the old and the new shape must hold equally many.",
        "(6, 4) into (5, 5): 24 values do not fill 25 places.",
    ),
    "mask-dropped": Code(
        "A mask is lost here",
        "An Embedding with mask_zero, or a Masking layer, marks the padded steps. This layer can't "
        "carry the mark on, so the layers after it see padding as if it were data.",
        "Move the layer before the mask is made, or pool with GlobalAveragePooling1D, which uses "
        "the mask.",
    ),
    "padding-unmasked": Code(
        "Padding reaches a recurrent layer without a mask",
        "Sequences of different lengths are filled up with zeros. A recurrent layer that is not "
        "told about them reads on through the zeros, so its answer depends on how long the filling "
        "is.",
        'Switch "mask_zero" of the Embedding on, or put a Masking layer in front.',
    ),
    "layer-failed": Code(
        "The layer's rule failed on this input",
        "An error in the program, not in your drawing: the layer's own shape rule broke down. "
        "Please report it with the file.",
        "There is no known example; each one is a defect of Layerloom.",
    ),
    "groups-uneven": Code(
        "Channels can't be split into equal groups",
        "A convolution with groups splits the channels that come in, and its filters, into that "
        "many equal parts, so both have to be multiples of groups.",
        '6 channels and "groups": 4: use 1, 2, 3 or 6 groups.',
    ),
    "too-few-inputs": Code(
        "A merge has fewer than two inputs",
        "Adding, joining or comparing takes at least two tensors.",
        "A Concatenate with one wire: draw the second, or delete the node.",
    ),
    "noise-shape-unfit": Code(
        "The shape of a dropout's draw does not fit",
        "noise_shape has an entry for the batch and one for each axis: 1 where one draw holds for "
        "the whole axis, null or the axis' size where each place is drawn by itself. Batches "
        "differ in size, so the first entry is null or 1.",
        "[null, 1, 128] on (batch, 96, 128) drops whole channels; [32, 1, 128] is refused.",
    ),
    "crop-too-large": Code(
        "Cropping leaves nothing",
        "More steps are cut off the ends of a sequence than it has.",
        "Cropping [3, 3] on 6 steps: cut less, or give it a longer input.",
    ),
}
