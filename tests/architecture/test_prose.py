"""Code, docstrings, messages and documents use the words of the glossary."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.modules import ROOT, module_paths, syntax_nodes

DOCUMENTS = [
    ROOT / "README.md",
    *sorted((ROOT / "engine").glob("*.md")),
    *sorted((ROOT / "app").glob("*.md")),
    *sorted((ROOT / ".github").glob("*.md")),
]

# What is not written, and the words that replace it.
FORBIDDEN = {
    r'"""(Answer|Say|Says|Tell|Tells|Hand|Hands|Mend|Judge|Bring)\b': "Return, Report, Pass, Fix …",
    r'"""(Is shown|Leads|Knows|Looks out|Hears|Let|Be|Go|Put|Give|Look)\b': "what the object is",
    r"\bway back\b|gone back through": "backward pass",
    r"\bwhat is said\b|\bsaid of\b": "output gradient, prediction, message",
    r"\bno number\b": "not a number, non-finite",
    r"\brows trained on\b": "training rows",
    r"\bfindings?\b": "diagnostic",
    r"\bremed(y|ies)\b": "fix",
    r"\brefusals?\b": "error, DiagnosticError",
    r"\bstopgaps?\b": "placeholder",
    r"\bdials?\b": "live setting",
    r"\bledgers?\b": "epoch metrics",
    r"\blookouts?\b": "curve monitor, curve warning",
    r"\bmend(s|ed|ing)?\b": "fix",
    r"\bjudg(e|es|ed|ing)\b": "check, validate",
    r"\btricks?\b": "acceleration",
    r"\bby heart\b": "overfitting",
    r"\bwhence\b|\bhither\b|\bthence\b": "from where",
    r"\bsomebody\b|\bwhoever\b": "user, caller",
    r"\b(is|are|was|were) told\b": "reported, passed, shown",
    r"\bstands? beside\b|\bstands? behind\b": "is next to, follows",
    r"\bgo(es)? on with\b|\bgone on with\b": "continue, resume",
    r"\bin vain\b": "without effect",
    r"\bwhat becomes of\b": "result",
    r"\bwhat there is\b": "contents",
    r"\banew\b": "again",
    r"\bonce more\b": "again",
    r"\bhangs? on\b": "depends on",
    r"\bled through\b|\bleads? to the\b": "routed, opens",
    r"\bit is grey\b|\bgrey\b": "disabled",
    r"\bbegun\b|\bbegan\b": "started",
    r"\bsurroundings\b": "environment, context",
    r"\bside by side\b": "compared, next to each other",
    r"\bthe very\b": "the same",
    r"\bcolours?\b|[Nn]eighbour|\bcentre[ds]?\b|\b[Ll]icence": "US spelling",
    r"\w+(al|an|ar|ard|en|er|gn|im|nt|on|or)is(e[drs]?|ing|ations?)\b": "US spelling",
    r"\bputs? in(to)?\b|\bput in(to)?\b": "insert",
    r"\btak(e|es|en) out\b": "remove",
    r"\bheld[- _]back\b|\bholds? back\b": "held out, hold out",
    r"\btwo roads\b|\bstrangers?\b|\bcourtesy\b": "plain words",
}
# Names that files, commands, codes or other libraries fix.
FIXED = re.compile(
    r"align-centre|findings-\w+\.txt|findings\*|\"(dials|ledger|began|surroundings|standardised)\""
    r"|\banew\b(?=[:=)]| is )|event\.anew|^ +anew:|column\.mend|\bmend: str|\"mend\"|words = .*"
    r"|held back (at random|as the latest)|none held back"
)


def sources() -> dict[Path, str]:
    """Return the text of modules and documents, without the last column of the glossaries."""
    texts = {}
    for path in [*module_paths().values(), *DOCUMENTS]:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".md":
            text = re.sub(r"^(\|[^|\n]*\|[^|\n]*\|)[^|\n]*\|$", r"\1", text, flags=re.M)
        texts[path] = text
    return texts


@pytest.mark.slow
def test_no_phrase_that_has_to_be_read_twice_occurs():
    assert len(FORBIDDEN) >= 30
    patterns = {re.compile(pattern): instead for pattern, instead in FORBIDDEN.items()}
    found = [
        f"{path.relative_to(ROOT)}:{number}: write {instead!r}, not {hit[0]!r}: {line.strip()}"
        for path, text in sources().items()
        for number, line in enumerate(text.splitlines(), start=1)
        if (words := FIXED.sub("", line))
        for pattern, instead in patterns.items()
        if (hit := pattern.search(words))
    ]
    assert not found, "\n".join(found)


def test_no_docstring_begins_with_answer():
    told = [
        f"{name}: {docstring}"
        for name, path in module_paths().items()
        for node in syntax_nodes(path)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        if (docstring := ast.get_docstring(node) or "").startswith("Answer")
    ]
    assert not told


def glossary() -> list[tuple[str, str]]:
    """Return the rows of the glossaries: words of this project, and words that are not used."""
    rows = []
    for document in (ROOT / "engine" / "README.md", ROOT / "app" / "README.md"):
        text = document.read_text(encoding="utf-8")
        section = text[text.index("## Glossary") :]
        for line in section.splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if line.startswith("|") and len(cells) == 3 and set(cells[1]) != {"-"}:
                rows.append((cells[1], cells[2]))
    return rows


def test_the_glossary_never_forbids_a_word_that_it_uses():
    used = {word.strip() for words, _ in glossary() for word in re.split(r"[,;/]", words)}
    forbidden = {word.strip() for _, words in glossary() for word in words.split(",")}
    assert len(used) > 60
    assert not (used & forbidden) - {"", "not", "–"}


# Words of the last column that also have a meaning in code, which is not the one of their row.
GENERAL_WORDS = {
    "begin", "card", "child", "difference", "document", "encoding", "end", "free", "may", "moving",
    "open", "origin", "part", "picture", "pipe", "place", "room", "round",
    "running", "seen", "share", "side", "wiring",
}  # fmt: skip
# Names that files, commands or sample tables fix.
FIXED_NAMES = {
    "again", "answer", "ANSWER_IDS", "ANSWER_VOCABULARY", "answer_word", "balance", "_set_balance",
    "_balance", "choose_again", "fault", "least", "least_lengths", "spread", "strange",
}  # fmt: skip


def words_in(name: str) -> set[str]:
    """Return the words of an identifier in lower case, also without a final s."""
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]
    return {*words, *(word.removesuffix("s") for word in words)} - {""}


def defined_names(path: Path) -> set[str]:
    """Return the names of all classes, functions, arguments, variables and attributes."""
    names = set()
    for node in syntax_nodes(path):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                names.add(name)
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                names.add(name)
    return names


@pytest.mark.slow
def test_no_name_has_a_word_that_the_glossary_replaces():
    cells = [re.sub(r"\([^)]*\)", "", words) for _, words in glossary()]
    replaced = {word.strip() for cell in cells for word in cell.split(",")} - GENERAL_WORDS
    replaced -= {"", "–", "not"}
    assert {"finding", "remedy", "audit", "ledger", "said"} <= replaced
    found = [
        f"{module}: {name}"
        for module, path in module_paths().items()
        for name in sorted(defined_names(path) - FIXED_NAMES)
        if words_in(name) & replaced
    ]
    assert not found, "\n".join(found)


def modules_named_with(ending: str) -> list[Path]:
    """Return the modules whose name ends so."""
    return [path for path in module_paths().values() if path.stem.endswith(ending)]


def test_modules_are_nouns():
    established = {
        "argument_binding", "arranging", "column_mapping", "data_mapping", "deferred_embedding",
        "early_stopping", "editing", "embedding", "encoding", "fix_routing", "gradient_clipping",
        "loss_weighting", "node_adding", "ordering", "padding", "python_phrasing",
        "python_training", "question_answering", "ranking", "recorded_training", "seeding",
        "training", "wiring",
    }  # fmt: skip
    names = {path.stem for ending in ("ing", "ed") for path in modules_named_with(ending)}
    assert not names - established
