"""Codes of findings about how the nodes of a graph are wired, named and shared."""

from engine.core.codes.entry import Code

CODES: dict[str, Code] = {
    "graph-loop": Code(
        "Wires run in a circle",
        "Each node needs what comes before it, so the first step could never be computed. "
        "Recurrent layers hold their loop inside.",
        "a feeds b, b feeds c, c feeds a: take one of the three wires away.",
    ),
    "source-missing": Code(
        "A wire comes from a node that is not there",
        "The node was renamed or deleted outside the editor, or its name was mistyped.",
        '"inputs": {"x": "hiden"}, while the node is called "hidden".',
    ),
    "output-unknown": Code(
        "A wire comes from an output that the node does not have",
        "Most layers have one output and are named without a dot. A few have several, such as an "
        'LSTM with return_state: "lstm.state_h".',
        '"dense.y": write "dense".',
    ),
    "no-such-port": Code(
        "The layer has no such input port",
        "A port is an argument of the layer's shape rule; `engine layers KIND` lists them.",
        'Dense takes its tensor at "x", not at "input".',
    ),
    "port-loose": Code(
        "Nothing is wired to an input port",
        "The layer can't compute anything before all its ports are wired, but the optional ones.",
        "Draw a wire from the layer before it.",
    ),
    "port-takes-one": Code(
        "Several wires end at a port that takes one",
        "Only merging layers, such as Concatenate and Add, take a list of wires.",
        '"inputs": {"x": ["a", "b"]} on a Dense: put a Concatenate in between.',
    ),
    "port-takes-many": Code(
        "A merging port is wired without a list",
        "A merging layer lists its wires in their order, even if there is only one.",
        '"inputs": {"xs": "a"} on an Add: write ["a"].',
    ),
    "output-unreached": Code(
        "No Input reaches this output",
        "Going back from the Output along the wires, the trail ends before any Input. What comes "
        "out would not depend on the data.",
        "A head whose first layer was never wired: draw the wire that is missing.",
    ),
    "output-feeds": Code(
        "An Output feeds another node",
        "An Output ends a head: it says what is trained there. What it passes on is its own input.",
        "Wire the node to the layer before the Output instead.",
    ),
    "input-unused": Code(
        "No output uses this Input",
        "Its column would be read and thrown away. Often a wire is missing.",
        "Two Inputs are drawn and only one is wired into the merge.",
    ),
    "node-unused": Code(
        "What this node computes reaches no Output",
        "It is neither computed nor trained, and it counts in no total; the drawing is sound "
        "without it.",
        "A branch that was tried and left behind: delete it, or end it with an Output.",
    ),
    "no-input": Code(
        "There is no Input",
        "An Input takes one column of the data into the network.",
        "Drag an Input onto the canvas and wire it to the first layer.",
    ),
    "no-output": Code(
        "There is no Output",
        "An Output ends a head and says which loss trains it. Without one there is nothing to "
        "train and nothing to predict.",
        "Put an Output behind the last layer.",
    ),
    "name-illegal": Code(
        "The node's name is no Python name",
        "The name becomes an attribute of the exported network and a key of its weights: letters, "
        "digits and underscores, no digit or underscore in front, no word of the language.",
        '"my conv" becomes "my_conv".',
    ),
    "share-missing": Code(
        "A node shares the weights of a node that is not there",
        "The owner was renamed or deleted outside the editor.",
        '"shares": "encoder", while no node is called so.',
    ),
    "share-self": Code(
        "A node shares its own weights",
        "That says nothing: without sharing, a node uses its own weights anyway.",
        '{"name": "a", "shares": "a"}: remove "shares".',
    ),
    "share-chain": Code(
        "A node shares with one that itself shares",
        "One node owns the weights and all others point at it, so that deleting or editing one has "
        "a plain meaning.",
        "c shares b, b shares a: let c share a.",
    ),
    "share-params": Code(
        "A sharing node has parameters of its own",
        "Kind and parameters belong to the owner of the weights; those written here are ignored.",
        "Change the parameters on the owner, or give this node weights of its own.",
    ),
}
