"""Valid files made wrong: seeded changes of a few bytes, of lengths, and of order."""

from collections.abc import Callable, Iterator, Sequence
from random import Random

INTERESTING = (  # numbers at the edges of what lengths, counts and offsets are kept in
    *(0, 1, 0x7F, 0x80, 0xFF),
    *(0x7FFF, 0x8000, 0xFFFF),
    *(0x7FFFFFFF, 0x80000000, 0xFFFFFFFF),
    *(0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF),
)
LONGEST_INSERTION = 64
MOST_CHANGES = 4  # in one file, unless told otherwise
NEAR = 512  # bytes: where headers lie, and half of all changes are made
Mutation = Callable[[bytes, Random], bytes]


def mutations(content: bytes, count: int, seed: int, most: int = MOST_CHANGES) -> Iterator[bytes]:
    """So many copies of `content`, each after one to `most` changes."""
    for index in range(count):
        yield mutate(content, [], Random(f"{seed}/{index}"), most)


def mutate(content: bytes, others: Sequence[bytes], random: Random, most: int = MOST_CHANGES) -> bytes:
    """`content` after one to `most` changes, among them a splice with one of the `others`."""

    def splice(content: bytes, random: Random) -> bytes:
        other = random.choice(others) if others else content
        return content[: _place(content, random)] + other[_place(other, random) :]

    mutations: tuple[Mutation, ...] = (_flip_bit, _set_byte, _set_integer, _insert, _duplicate, _delete, _cut, splice)
    for _ in range(random.randint(1, most)):
        content = random.choice(mutations)(content, random)
    return content


def _place(content: bytes, random: Random) -> int:
    return random.randrange(1 + (min(len(content), NEAR) if random.random() < 0.5 else len(content)))


def _length(random: Random) -> int:
    return random.randint(1, LONGEST_INSERTION)


def _replace(content: bytes, place: int, by: bytes) -> bytes:
    return content[:place] + by + content[place + len(by) :]


def _flip_bit(content: bytes, random: Random) -> bytes:
    place = _place(content, random)
    return _replace(content, place, bytes(byte ^ (1 << random.randrange(8)) for byte in content[place : place + 1]))


def _set_byte(content: bytes, random: Random) -> bytes:
    return _replace(content, _place(content, random), random.randbytes(1))


def _set_integer(content: bytes, random: Random) -> bytes:
    width = random.choice((1, 2, 4, 8))
    number = random.choice(INTERESTING) % 256**width
    return _replace(content, _place(content, random), number.to_bytes(width, random.choice(("little", "big"))))


def _insert(content: bytes, random: Random) -> bytes:
    place = _place(content, random)
    return content[:place] + random.randbytes(_length(random)) + content[place:]


def _duplicate(content: bytes, random: Random) -> bytes:
    start, place = _place(content, random), _place(content, random)
    return content[:place] + content[start : start + _length(random)] * random.choice((1, 2, 100)) + content[place:]


def _delete(content: bytes, random: Random) -> bytes:
    place = _place(content, random)
    return content[:place] + content[place + _length(random) :]


def _cut(content: bytes, random: Random) -> bytes:
    return content[: _place(content, random)]
