"""posts, drawn with Layerloom."""

from engine import Input, Model, layers

posts = Input(shape=(None,), dtype="int32", name="posts")
words = layers.Embedding(50000, 256, name="words")(posts)
conv = layers.Conv1D(128, 5, activation="relu", name="conv")(words)
pool = layers.MaxPooling1D(5, name="pool")(conv)
conv_2 = layers.Conv1D(256, 5, activation="relu", name="conv_2")(pool)
conv_3 = layers.Conv1D(256, 5, activation="relu", name="conv_3")(conv_2)
peak = layers.GlobalMaxPooling1D(name="peak")(conv_3)
features = layers.Dense(128, activation="relu", name="features")(peak)
age = layers.Dense(1, name="age")(features)
income = layers.Dense(10, activation="softmax", name="income")(features)
gender = layers.Dense(1, activation="sigmoid", name="gender")(features)

model = Model(posts, [age, income, gender], name="posts")
model.compile(
    optimizer="rmsprop",
    loss={"age": "mse", "income": "categorical_crossentropy", "gender": "binary_crossentropy"},
    loss_weights={"age": 0.25, "income": 1.0, "gender": 10.0},
    metrics={"age": ["mae"], "income": ["accuracy"], "gender": ["accuracy"]},
    standardize=["age"],
    schedule="CosineDecay",
    seed=1,
)


def train(inputs, targets):
    """Train on arrays by name, and return the history.

    age: in years.
    """
    return model.fit(inputs, targets, epochs=10, batch_size=64, validation_split=0.2)
