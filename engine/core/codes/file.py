"""Codes of findings about files: what can't be opened, and what can't be written."""

from engine.core.codes.entry import Code, Exit

CODES: dict[str, Code] = {
    "file-missing": Code(
        "There is no such file or folder",
        "The path leads nowhere. A relative path starts at the folder in which the command runs.",
        "engine check net.loom.json, while the file lies in examples/: give the path from here.",
        Exit.IO,
    ),
    "file-denied": Code(
        "Reading or writing is not allowed there",
        "The system refuses the file or folder to this user, or the disk may only be read.",
        "Saving into /usr/share: choose a folder of your own.",
        Exit.PERMISSION,
    ),
    "file-is-folder": Code(
        "That is no file",
        "A folder, a device or a pipe stands where a file was expected.",
        "engine check examples: name the file in it, examples/net.loom.json.",
        Exit.IO,
    ),
    "file-in-the-way": Code(
        "A file stands where a folder is needed",
        "A folder of that name can't be made beside a file of the same name, and the file is not "
        "replaced, since it may be worth keeping.",
        "engine sample posts d, while d is a file: choose another name.",
        Exit.IO,
    ),
    "file-exists": Code(
        "The file is there already",
        "A graph that was drawn is not overwritten without being asked.",
        "engine new posts p.loom.json twice: choose another name, or add --force.",
        Exit.IO,
    ),
    "disk-full": Code(
        "The disk is full",
        "A file is first written whole beside the old one, then takes its place. There was no room "
        "for the new one, so the old one stands unchanged.",
        "Free some space, or save to another disk.",
        Exit.IO,
    ),
    "disk-failed": Code(
        "The disk did not do what it was asked",
        "Reading or writing failed for a reason that the system names. An old file, if there was "
        "one, stands unchanged.",
        "A network drive that went away: connect it again, or save elsewhere.",
        Exit.IO,
    ),
    "file-empty": Code(
        "The file is empty",
        "Nothing is in it, not even an empty graph. A copy or a download may have broken off.",
        "Take the file from where it came from again.",
    ),
    "not-utf8": Code(
        "The file is no UTF-8 text",
        "A graph file is text in UTF-8. Other programs may have saved it in another encoding, or "
        "it is another sort of file.",
        'A file saved as "Unicode" (UTF-16) by an old editor: save it as UTF-8.',
    ),
    "not-json": Code(
        "The file is no JSON",
        "A bracket, a comma or a quote is missing or too much at the place that is named, or the "
        "file was cut off.",
        '{"format": "layerloom",} has a comma before the closing brace.',
    ),
    "duplicate-key": Code(
        "A key stands twice in one object",
        "JSON readers disagree about which of the two counts, so neither is taken.",
        '{"units": 8, "units": 16}: keep one of them.',
    ),
    "duplicate-name": Code(
        "Two nodes have one name",
        "A node is known by its name: wires, columns and weights would not know which is meant.",
        'Two nodes called "dense": call the second "dense_2" and mend the wires that mean it.',
    ),
    "number-unfit": Code(
        "A number can't be kept exactly",
        "JSON knows no NaN and no Infinity, a float ends near 1.8e308, and whole numbers of more "
        "than 19 digits fit into no tensor.",
        '"units": 1e999 would silently become infinity.',
    ),
    "text-unfit": Code(
        "A text holds half a character",
        "An escape such as \\ud800 is one half of a pair; alone it is no character and can't be "
        "written as UTF-8.",
        '"\\ud83d" without its second half: remove it.',
    ),
    "name-unfit": Code(
        "A name holds characters that can't be shown, or nothing",
        "Control characters, and marks that turn the direction of writing, make two names look "
        "alike that are not, or a list look other than it is.",
        'A node called "dense\\u202e": give it a plain name.',
    ),
    "limit-passed": Code(
        "The file is larger than this program takes",
        "A graph file holds at most 32 MiB, 5000 nodes, 20000 wires, 500000 values, 32 levels of "
        "brackets and 200 characters in a name, so that no file can stall the program.",
        "A graph of 6000 nodes: share blocks, or write it in Python.",
    ),
    "other-format": Code(
        "This is no Layerloom file",
        'Every graph file begins with "format": "layerloom" and a version. This one is JSON, but '
        "another program's.",
        "A notebook or a package.json was opened by mistake.",
    ),
    "file-newer": Code(
        "A newer version of Layerloom wrote this file",
        "The version counts up when the meaning of a file changes. Reading on would give another "
        "network than the one that was drawn.",
        "Install the newest Layerloom; the file is left as it is.",
    ),
    "file-migrated": Code(
        "The file was written by an older version",
        "It was read in its old meaning and will be saved in today's form. Nothing is lost.",
        "Save it to make the change last, or leave it as it is.",
    ),
    "key-missing": Code(
        "A key that must be there is missing",
        "A node can't be drawn without a name and a kind.",
        '{"name": "hidden"} says not what it is: add "kind": "Dense".',
    ),
    "wrong-type": Code(
        "A value is of the wrong type",
        "The frame of a file has fixed types: nodes are a list, a name is a text, inputs map a "
        "port to a name or to a list of names.",
        '"nodes": {} should be "nodes": [].',
    ),
    "key-unknown": Code(
        "This version does not know that key",
        "Another version or another program wrote it. It means nothing here and is kept when the "
        "file is saved.",
        '"paramz" on a node is kept, but is it "params"?',
    ),
    "template-unknown": Code(
        "There is no template of that name",
        "`engine new` without a name lists the templates that come with the program.",
        "engine new post net.loom.json: the template is called posts.",
        Exit.USAGE,
    ),
}
