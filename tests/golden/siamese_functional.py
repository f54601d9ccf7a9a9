"""siamese, drawn with Layerloom."""

from engine import Input, Model, layers, optimizers

left = Input(shape=(None,), dtype="int32", name="left")
right = Input(shape=(None,), dtype="int32", name="right")
left_words_layer = layers.Embedding(30, 16, mask_zero=True, name="left_words")
left_words = left_words_layer(left)
left_meaning_layer = layers.LSTM(32, name="left_meaning")
left_meaning = left_meaning_layer(left_words)
right_words = left_words_layer(right, name="right_words")
right_meaning = left_meaning_layer(right_words, name="right_meaning")
gap = layers.subtract([left_meaning, right_meaning], name="gap")
square = layers.multiply([gap, gap], name="square")
same = layers.Dense(1, activation="sigmoid", name="same")(square)

model = Model([left, right], same, name="siamese")
model.compile(
    optimizer=optimizers.Adam(learning_rate=0.003),
    loss="binary_crossentropy",
    metrics=["accuracy"],
    schedule="CosineDecay",
    seed=1,
)


def train(inputs, targets):
    """Train on arrays by name, and return the history."""
    return model.fit(inputs, targets, epochs=15, batch_size=64, validation_split=0.2)
