"""People find a layer by what they remember of it: its name, its capitals, what it does."""

import pytest

from app.text import layer_search
from app.text.fuzzy_match import match_word_prefixes, split_name
from app.text.layer_search import layer_families, layer_infos, nearest_layer_type, search_layers
from engine.layers.catalogue import layer_classes


def found(text, **among):
    return [hit.kind for hit in search_layers(text, **among)]


def test_every_kind_of_the_catalogue_stands_in_one_family_with_a_title():
    listed = [kind for _, title, members in layer_families() for kind in members if title]
    assert sorted(listed) == sorted(layer_classes())
    assert len(set(listed)) == len(listed)


def test_families_come_in_palette_order_and_one_dimension_before_two():
    assert [family for family, _, _ in layer_families()][:3] == ["io", "dense", "recurrent"]
    titles = {family: title for family, title, _ in layer_families()}
    assert titles["io"] == "Input and output"
    pools = {family: members for family, _, members in layer_families()}["pool"]
    assert pools.index("GlobalAveragePooling1D") < pools.index("GlobalAveragePooling2D")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("gap", "GlobalAveragePooling1D"),
        ("c1", "Conv1D"),
        ("conv", "Conv1D"),
        ("CONV2", "Conv2D"),
        ("add", "Add"),
        ("pool", "MaxPooling1D"),
        ("transpose", "Conv1DTranspose"),
        ("lrelu", "LeakyReLU"),
        ("mha", "MultiHeadAttention"),
        ("global max", "GlobalMaxPooling1D"),
        ("fully connected", "Dense"),
        ("residual", "Add"),
        ("loss", "Output"),
        ("softmax", "Activation"),
        ("image", "Conv2D"),
        ("augment", "RandomFlip"),
        ("mirror", "RandomFlip"),
        ("rotat", "RandomRotation"),
    ],
)
def test_what_people_type_finds_what_they_mean_first(text, first):
    assert found(text)[0] == first


def test_a_beginning_beats_a_word_beats_capitals_beats_inside_beats_documentation():
    order = found("add")
    assert order.index("Add") < order.index("ZeroPadding1D") < order.index("GaussianNoise")
    assert found("c1").index("Cropping1D") < found("c1").index("SeparableConv1D")
    assert found("conv").index("Conv2DTranspose") < found("conv").index("SeparableConv1D")


def test_matched_letters_are_those_that_were_typed():
    for text in ("gap", "c1", "pool", "lrelu", "global max", "convtr"):
        hit = search_layers(text)[0]
        letters = "".join(hit.kind[place] for place in hit.matched_indices).casefold()
        assert letters == text.replace(" ", ""), text


def test_a_hit_that_is_not_in_the_name_says_which_word_found_it():
    hit = search_layers("mean")[0]
    assert (hit.kind, hit.matched_indices, hit.term) == ("AveragePooling1D", (), "mean")


def test_recent_kinds_come_first_among_equals_only():
    assert found("pool", recent=["GlobalMaxPooling2D"])[0] == "GlobalMaxPooling2D"
    assert found("add", recent=["ZeroPadding1D"])[0] == "Add"
    assert found("", recent=["Masking", "GRU"])[:2] == ["Masking", "GRU"]


def test_only_kinds_that_are_allowed_are_found():
    assert found("conv", kinds={"Conv2D", "Dense"}) == ["Conv2D"]
    assert found("", kinds={"Dense", "Input"}) == ["Input", "Dense"]


def test_nothing_is_found_for_nonsense_and_the_nearest_name_is_known():
    assert found("xyzzy") == []
    assert (nearest_layer_type("desne"), nearest_layer_type("xyzzy")) == ("Dense", None)


def test_the_shapes_of_a_kind_can_be_told():
    assert layer_infos()["Dense"].shapes == "x (..., features) -> (..., units)."
    assert all(about.summary and about.shapes for about in layer_infos().values())


def test_a_keystroke_splits_no_name_and_no_description_again(monkeypatch):
    search_layers("warm")
    monkeypatch.setattr(layer_search, "split_name", None)
    monkeypatch.setattr(layer_search, "lower_words", None)
    assert found("global average")[0] == "GlobalAveragePooling1D"


def test_a_hostile_name_does_not_make_the_search_of_capitals_explode():
    """An exponential search would take longer than anybody waits."""
    assert match_word_prefixes("a" * 30 + "b", split_name("a_" * 200)) is None
