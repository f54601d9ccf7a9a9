"""Sizes have binary units."""

from engine.core.formatting.sizes import format_bytes

SIZES = {
    0: "0 B",
    1023: "1023 B",
    1024: "1.0 KiB",
    5780: "5.6 KiB",
    53_961_776: "51.5 MiB",
    2**30: "1.0 GiB",
    4 * 10**12: "3.6 TiB",
    2**70: "1,048,576.0 PiB",
}


def test_bytes_are_said_in_powers_of_1024():
    assert {count: format_bytes(count) for count in SIZES} == SIZES
