"""Pickles as nobody's `dump` writes them, put together from opcodes."""

START, STOP = b"\x80\x02", b"."
EMPTY_ARRAY = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"


def text(value: bytes) -> bytes:
    return b"T" + len(value).to_bytes(4, "little") + value


def integer(value: int) -> bytes:
    return b"J" + value.to_bytes(4, "little", signed=True)


def type_of(code: bytes, order: bytes = b"|", fields: bytes = b"NN", size: int = -1, flags: int = 0) -> bytes:
    """A numpy.dtype and its state. fields: opcodes of its names and of where they lie."""
    state = b"(K\x03" + text(order) + b"N" + fields + integer(size) + integer(-1) + integer(flags) + b"t"
    return b"cnumpy\ndtype\n" + text(code) + b"K\x00K\x01\x87R" + state + b"b"


def array_of(kind: bytes, shape: bytes, values: bytes) -> bytes:
    """A numpy.ndarray and its state. shape, values: opcodes."""
    return EMPTY_ARRAY + b"(K\x01" + shape + kind + b"\x89" + values + b"tb"


OBJECTS_OF_RAW_BYTES = START + array_of(type_of(b"O8"), b"K\x02\x85", text(b"A" * 16)) + STOP
FIELD_OUTSIDE = (  # a structure of 8 bytes with a field that lies a billion bytes behind it
    START
    + array_of(
        type_of(b"V8", fields=text(b"a") + b"\x85}" + text(b"a") + type_of(b"f8") + integer(10**9) + b"\x86s", size=8),
        b"K\x02\x85",
        text(b"A" * 16),
    )
    + STOP
)
DEEP_TUPLE = START + b")" + b"\x85" * 100_000 + STOP
DEEP_LIST = START + b"]" * 100_000 + b"a" * 99_999 + STOP
LIST_IN_ITSELF = START + b"]q\x00h\x00a" + STOP
BILLION = START + b"]q\x00" + b"(" + b"K\x01" * 1000 + b"e" + b"]" + b"(" + b"h\x00" * 1000 + b"e" + STOP
MANY_CONTAINERS = START + b"(" + b"}" * 100_000 + b"t" + STOP
MANY_STEPS = START + b"(" + b"N" * 1_000_000 + b"t" + STOP
LONG_INTEGER = START + b"\x8b" + (10**6).to_bytes(4, "little") + b"\xff" * 10**6 + STOP
GIANT_BYTES = b"\x80\x04\x8e" + b"\xff" * 7 + b"\x7f" + STOP
GIANT_FRAME = b"\x80\x04\x95" + b"\xff" * 7 + b"\x7f"
CALL_OF_NDARRAY = START + b"cnumpy\nndarray\n" + b"K\x05\x85\x85R" + STOP
STATE_OF_A_LIST = START + b"]Nb" + STOP
ESCAPE_IN_A_NAME = b"\x80\x04\x8c\x05a\n\x1b[1\x8c\x01b\x93."

HOSTILE = {
    name.lower(): value
    for name, value in list(globals().items())
    if isinstance(value, bytes) and name not in ("START", "STOP", "EMPTY_ARRAY")
}
