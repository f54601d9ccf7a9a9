"""penguins, drawn with Layerloom."""

from engine import Input, Model, layers, regularizers

measures = Input(shape=(3,), name="measures")
island = Input(shape=(3,), name="island")
both = layers.concatenate([measures, island], name="both")
hidden = layers.Dense(
    32, activation="relu", kernel_regularizer=regularizers.L2(0.001), name="hidden"
)(both)
hidden_2 = layers.Dense(
    32, activation="relu", kernel_regularizer=regularizers.L2(0.001), name="hidden_2"
)(hidden)
species = layers.Dense(3, activation="softmax", name="species")(hidden_2)
sex = layers.Dense(1, activation="sigmoid", name="sex")(hidden_2)
body_mass = layers.Dense(1, name="body_mass")(hidden_2)

model = Model([measures, island], [species, sex, body_mass], name="penguins")
model.compile(
    optimizer="adam",
    loss={"species": "categorical_crossentropy", "sex": "binary_crossentropy", "body_mass": "mse"},
    metrics={"species": ["accuracy"], "sex": ["accuracy"], "body_mass": ["mae"]},
    standardize=["body_mass"],
    schedule="CosineDecay",
    seed=1,
)


def train(inputs, targets):
    """Train on arrays by name, and return the history.

    measures: from bill_length_mm, bill_depth_mm, flipper_length_mm.
    measures: standardize it, (value - mean) / std of the training rows.
    body_mass: from body_mass_g.
    species: classes in this order: Adelie, Chinstrap, Gentoo.
    sex: classes in this order: female, male.
    body_mass: in g.
    """
    return model.fit(inputs, targets, epochs=60, batch_size=16, validation_split=0.2)
