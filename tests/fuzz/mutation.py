"""Damage as it happens and as somebody makes it: bytes changed, cut off, copied elsewhere; drawn by seed."""

from collections.abc import Iterator

import numpy as np

SPECIAL = (0, 1, 0x7F, 0x80, 0xFF)


def mutations(original: bytes, count: int, seed: int = 0, most: int = 5) -> Iterator[bytes]:
    """`count` damaged copies: flipped bits, special bytes, truncation, a part doubled, removed or put elsewhere.

    most: such damages in one copy.
    """
    random = np.random.default_rng(seed)
    for _ in range(count):
        content = bytearray(original)
        for _ in range(random.integers(1, most + 1)):
            _damage(content, random)
        yield bytes(content)


def _damage(content: bytearray, random: np.random.Generator) -> None:
    if not content:
        return
    start, end = sorted(int(place) for place in random.integers(0, len(content) + 1, 2))
    end = min(end, start + 600)
    place = int(random.integers(len(content)))
    kind = random.integers(7)
    if kind == 0:
        content[place] ^= 1 << int(random.integers(8))
    elif kind == 1:
        content[place] = int(random.choice(SPECIAL))
    elif kind == 2:
        content[place] = int(random.integers(256))
    elif kind == 3:
        del content[max(place, len(content) // 4) :]
    elif kind == 4:
        del content[start:end]
    elif kind == 5:
        content[place:place] = content[start:end]
    else:
        content[start:end] = content[place : place + end - start]
