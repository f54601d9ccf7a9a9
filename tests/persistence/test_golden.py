"""Golden files stay what they were when they were written: nobody's tool rewords them."""

from hashlib import sha256

from tests.persistence.program import GOLDEN

SUMS = GOLDEN / "SHA256SUMS"  # made by: sha256sum FILE ...


def test_no_golden_file_was_changed():
    listed = {name: digest for digest, name in map(str.split, SUMS.read_text("utf-8").splitlines())}
    found = {
        path.relative_to(GOLDEN).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in GOLDEN.rglob("*")
        if path.is_file() and path != SUMS
    }
    changed = {name for name in found.keys() | listed if found.get(name) != listed.get(name)}
    assert not changed, "changed, lost or not listed in SHA256SUMS"


def test_they_are_small():
    sizes = [path.stat().st_size for path in GOLDEN.rglob("*") if path.is_file()]
    assert sum(sizes) < 1_500_000
    assert max(sizes) < 200_000
