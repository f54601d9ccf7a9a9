"""Codes of diagnostics about the wires, names and shared weights of a graph's nodes."""

from engine.core.codes.entry import DiagnosticCode

CODES: dict[str, DiagnosticCode] = {
    "graph-loop": DiagnosticCode(
        "Wires form a cycle",
        "Each node of a cycle needs the output of the one before it, so none can be computed. "
        "Recurrent layers have their loop inside the layer.",
        "a feeds b, b feeds c, c feeds a: remove one of the three wires.",
        "Remove one of the wires of the cycle.",
    ),
    "source-missing": DiagnosticCode(
        "A wire comes from a node that does not exist",
        "The node was renamed or deleted outside the editor, or its name was mistyped.",
        '"inputs": {"x": "hiden"}, while the node is called "hidden".',
        "Connect the port to an existing node.",
    ),
    "output-unknown": DiagnosticCode(
        "A wire comes from an output that the node does not have",
        "Most layers have one output, which is written without a dot. A few have several, such as "
        'an LSTM with return_state: "lstm.state_h".',
        '"dense.y": write "dense".',
        "Connect the port to an output that the node has.",
    ),
    "no-such-port": DiagnosticCode(
        "The layer has no such input port",
        "`engine layers KIND` lists the input ports of a layer type.",
        'The input port of Dense is "x", not "input".',
        "Connect the wire to a port that the layer has.",
    ),
    "port-loose": DiagnosticCode(
        "An input port is not connected",
        "Every input port that is not optional needs a wire.",
        "Connect it to the output of another node.",
        "Connect a layer to the port.",
    ),
    "port-takes-one": DiagnosticCode(
        "Several wires end at a port that takes one",
        "Only merging layers, such as Concatenate and Add, take a list of wires.",
        '"inputs": {"x": ["a", "b"]} on a Dense: insert a Concatenate.',
        "Insert a merging layer, or keep one wire.",
    ),
    "port-takes-many": DiagnosticCode(
        "The input of a merging layer is not a list",
        "The input of a merging layer is a list of wires in order, even if there is only one.",
        '"inputs": {"xs": "a"} on an Add: write ["a"].',
        "Write the wires as a list.",
    ),
    "output-unreached": DiagnosticCode(
        "No Input reaches this output",
        "No path of wires leads from an Input to the Output, so it would not depend on the data.",
        "The first layer of a head is not connected: draw the missing wire.",
        "Draw the missing wire between an Input and the output.",
    ),
    "output-feeds": DiagnosticCode(
        "An Output feeds another node",
        "An Output ends a branch and defines its training. It passes its input on unchanged.",
        "Connect the node to the layer before the Output instead.",
        "Connect the node to the layer before the Output.",
    ),
    "input-unused": DiagnosticCode(
        "No output uses this Input",
        "Its column would be read without any effect. Often a wire is missing.",
        "There are two Inputs and only one is connected to the merging layer.",
        "Connect the Input to the network, or delete it.",
    ),
    "node-unused": DiagnosticCode(
        "No Output depends on this node",
        "The node is neither computed nor trained nor counted; the network is valid without it.",
        "An abandoned branch: delete it, or add an Output to it.",
        "Delete the node, or add an Output to its branch.",
    ),
    "no-input": DiagnosticCode(
        "There is no Input",
        "An Input reads a column of the data into the network.",
        "Drag an Input onto the canvas and connect it to the first layer.",
        "Add an Input, and connect it to the first layer.",
    ),
    "no-output": DiagnosticCode(
        "There is no Output",
        "An Output defines what is predicted, and the loss. Without one there is nothing to train.",
        "Add an Output after the last layer.",
        "Add an Output after the last layer.",
    ),
    "name-illegal": DiagnosticCode(
        "The node's name is not a valid Python name",
        "The name becomes an attribute of the exported network and a key of its weights: letters, "
        "digits and underscores, no digit or underscore at the start, no Python keyword.",
        '"my conv" becomes "my_conv".',
        "Use the suggested name.",
    ),
    "share-missing": DiagnosticCode(
        "A node shares the weights of a node that does not exist",
        "The owner of the weights was renamed or deleted outside the editor.",
        '"shares": "encoder", while no node has that name.',
        "Use the name of an existing node, or use separate weights for this one.",
    ),
    "share-self": DiagnosticCode(
        "A node shares its own weights",
        "It has no effect: a node that does not share uses its own weights.",
        '{"name": "a", "shares": "a"}: remove "shares".',
        'Remove "shares" from the node.',
    ),
    "share-chain": DiagnosticCode(
        "A node shares the weights of a node that itself shares",
        "One node owns the weights, and all others name it, so that its edits apply to all.",
        "c shares b, b shares a: let c share a.",
        "Share the weights of the node that owns them.",
    ),
    "share-params": DiagnosticCode(
        "A node with shared weights has its own fields",
        "The owner of the weights defines type and fields; those of this node are ignored.",
        "Change the fields of the owner, or use separate weights for this node.",
        "Change the fields of the owner, or use separate weights for the node.",
    ),
}
