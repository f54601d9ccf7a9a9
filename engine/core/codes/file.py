"""Codes of diagnostics about files: what can't be opened, parsed or written."""

from engine.core.codes.entry import DiagnosticCode, ExitCode, io_code, usage_code

CODES: dict[str, DiagnosticCode] = {
    "file-missing": io_code(
        "There is no such file or folder",
        "The path does not exist. A relative path starts at the folder in which the command runs.",
        "engine check net.loom.json, while the file is in examples/: examples/net.loom.json.",
        "Check the spelling of every folder in the path, and the working directory.",
    ),
    "file-denied": DiagnosticCode(
        "Permission denied",
        "This user may not read or write the file or folder, or the disk is read-only.",
        "Saving to /usr/share: choose a folder of your own.",
        "Choose a folder of your own, or change the permissions.",
        ExitCode.PERMISSION,
    ),
    "file-is-folder": io_code(
        "This is not a file",
        "The path is a folder, a device or a pipe, where a file was expected.",
        "engine check examples: name the file in it, examples/net.loom.json.",
        "Name a file in that folder.",
    ),
    "file-in-the-way": io_code(
        "A file exists where a folder is needed",
        "A folder can't have the name of an existing file, and the file is not replaced.",
        "engine sample posts d, while d is a file: choose another name.",
        "Choose another name, or move the file away.",
    ),
    "file-exists": io_code(
        "The file exists already",
        "A graph file is not overwritten unless --force is given.",
        "engine new posts p.loom.json twice: choose another name, or add --force.",
        "Choose another name, or replace the file with --force.",
    ),
    "disk-full": io_code(
        "The disk is full",
        "A new file is written before it replaces the old one, which is therefore unchanged.",
        "Free some space, or save to another disk.",
        "Free as much space as the diagnostic names, then try again.",
    ),
    "disk-failed": io_code(
        "The disk failed to read or write",
        "The system's error is named in the diagnostic. An existing file is unchanged.",
        "A disconnected network drive: connect it again, or save elsewhere.",
        "Try again; if it fails again, save to another disk and check this one.",
    ),
    "file-empty": DiagnosticCode(
        "The file is empty",
        "It contains nothing, not even an empty graph. A copy or a download may be incomplete.",
        "Copy or download the file again.",
        "Copy or download the file again.",
    ),
    "not-utf8": DiagnosticCode(
        "The file is not UTF-8 text",
        "A graph file is UTF-8 text. This one has another encoding, or is of another type.",
        'A file saved as "Unicode" (UTF-16) by an old editor: save it as UTF-8.',
        "Save the file as UTF-8, or open another one.",
    ),
    "not-json": DiagnosticCode(
        "The file is not valid JSON",
        "A bracket, comma or quote is missing or extra, or the file is truncated.",
        '{"format": "layerloom",} has a comma before the closing brace.',
        "Look for a bracket, comma or quote just before the named position.",
    ),
    "duplicate-key": DiagnosticCode(
        "An object has the same key twice",
        "JSON readers differ in which of the two values they use, so the file is not accepted.",
        '{"units": 8, "units": 16}: keep one of them.',
        "Remove one of the two.",
    ),
    "duplicate-name": DiagnosticCode(
        "Two nodes have the same name",
        "Wires, columns and weights refer to a node by its name, which has to be unique.",
        'Two nodes called "dense": rename the second to "dense_2" and correct its wires.',
        "Rename one of the nodes, and correct its wires.",
    ),
    "number-unfit": DiagnosticCode(
        "A number can't be represented exactly",
        "JSON has no NaN or Infinity, floats are below 1.8e308, integers have at most 19 digits.",
        '"units": 1e999 would silently become infinity.',
        "Write a finite number; integers may have at most 19 digits.",
    ),
    "text-unfit": DiagnosticCode(
        "A string contains half of a surrogate pair",
        "An escape such as \\ud800 is half of a surrogate pair, and alone not a character.",
        '"\\ud83d" without its second half: remove it.',
        "Remove the escape, or write both of its halves.",
    ),
    "name-unfit": DiagnosticCode(
        "A name is empty or contains invisible characters",
        "With control characters or marks of writing direction, different names may look the same.",
        'A node called "dense\\u202e": use a name without invisible characters.',
        "Use a name of letters, digits and underscores.",
    ),
    "limit-passed": DiagnosticCode(
        "The file exceeds a limit",
        "A graph file has at most 32 MiB, 5000 nodes, 20000 wires, 500000 values, 32 levels of "
        "brackets and 200 characters in a name, so that no file can block the program.",
        "A graph of 6000 nodes: share blocks, or write it in Python.",
        "Split the network, share blocks of it, or write it in Python.",
    ),
    "other-format": DiagnosticCode(
        "This is not a Layerloom file",
        'A graph file begins with "format": "layerloom" and a version; this one does not.',
        "A notebook or a package.json was opened by mistake.",
        "Open a file that ends in .loom.json.",
    ),
    "file-newer": DiagnosticCode(
        "The file was written by a newer version of Layerloom",
        "The version increases when the meaning of a file changes; reading it could go wrong.",
        "Install the newest Layerloom; the file is not changed.",
        "Install the newest Layerloom.",
    ),
    "file-migrated": DiagnosticCode(
        "The file was written by an older version",
        "It was converted to the current format, in which it will be saved. Nothing is lost.",
        "Save it to keep the current format, or leave it as it is.",
        "Nothing, or save it to keep the current format.",
    ),
    "key-missing": DiagnosticCode(
        "A required key is missing",
        "A node needs a name and a kind, its layer type.",
        '{"name": "hidden"} has no layer type: add "kind": "Dense".',
        "Add the named key.",
    ),
    "wrong-type": DiagnosticCode(
        "A value has the wrong type",
        "Nodes are a list, a name is a string, inputs map a port to a name or a list of names.",
        '"nodes": {} should be "nodes": [].',
        "Write a value of the named type.",
    ),
    "key-unknown": DiagnosticCode(
        "This version does not know that key",
        "Another version or another program wrote it. It has no effect, but is kept.",
        '"paramz" of a node is kept; "params" was probably intended.',
        "Keep it, remove it, or rename it to the intended key.",
    ),
    "template-unknown": usage_code(
        "There is no template with that name",
        "`engine new` without a name lists the templates.",
        "engine new post net.loom.json: the template is called posts.",
        "Use a name that `engine new` lists.",
    ),
}
