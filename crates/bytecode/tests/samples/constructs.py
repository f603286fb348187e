"""Constructs whose code exercises tables, verifier and listing. Only ever compiled."""
import os.path as path, sys
from math import pi

LIMIT: int = 1_000_000_007
BIG = -0x1234567890ABCDEF1234567890ABCDEF
NUMBERS = (1.5, -0.0, 2e300, 3j, True, None, ..., b"\x00\xffbytes", "naïve ☃ \ud800")


class Account[T](object):
    "A class with a docstring."
    __slots__ = ("owner", "_balance")

    def __init__(self, owner: str, balance: T = 0, *history, limit=LIMIT, **extra) -> None:
        super().__init__()
        self.owner, self._balance = owner, balance

    @property
    def balance(self):
        return f"{self.owner!r}: {self._balance:>{10}.2f} ({self.owner=})"

    async def transfer(self, other, *, amounts):
        async with self as locked, other:
            async for amount in amounts:
                if amount < 0 or amount is None:
                    continue
                await locked.move(amount)
            else:
                yield [a async for a in amounts if a not in {1}]


def control(items, flag, /, key=None):
    total = 0
    with open(path.join("a", "b")) as stream, flag:
        for index, item in enumerate(items[1:-1]):
            try:
                total += item @ index if item else ~index
            except (ValueError, KeyError) as error:
                raise RuntimeError from error
            else:
                del item
            finally:
                total -= 1
    return total


def groups(work):
    try:
        work()
    except* OSError as group:
        print(group)
    except* (TypeError, ValueError):
        raise


def patterns(value):
    match value:
        case {"kind": "point", "at": (x, y), **rest} if x != y:
            return rest
        case Account(owner=str() as owner) | [owner, *_]:
            return owner
        case -1 | 2.5 | "text":
            return value[::2], value[1:2, ...]
        case _:
            assert value, "nothing"


def generators(source):
    received = yield from (lambda: (x for x in source))()
    table = {k: [v for v in row if v] for k, row in received.items()}
    numbers = {n for n in range(300) if n % 2 == 1 <= n < 250}
    first, *middle, last = [*table, *numbers, 1]
    yield {**table, "first": first}, print(*middle, sep="", **last)

    def closure(step=first, *, other: "annotated" = last):
        nonlocal received
        received = [step for step in (other, source) if step]
        return lambda: (received, step)

    while (received := closure()) is not None:
        if received:
            break
    else:
        return template(t"{first:>3} and {last!s}")


type Pairs[K: int, *V] = dict[K, tuple[*V]]


def long_jumps(a):
    for a in a:
        if a:
            a.b0 = a.c0[1000]
            a.b1 = a.c1[1001]
            a.b2 = a.c2[1002]
            a.b3 = a.c3[1003]
            a.b4 = a.c4[1004]
            a.b5 = a.c5[1005]
            a.b6 = a.c6[1006]
            a.b7 = a.c7[1007]
            a.b8 = a.c8[1008]
            a.b9 = a.c9[1009]
            a.b10 = a.c10[1010]
            a.b11 = a.c11[1011]
            a.b12 = a.c12[1012]
            a.b13 = a.c13[1013]
            a.b14 = a.c14[1014]
            a.b15 = a.c15[1015]
            a.b16 = a.c16[1016]
            a.b17 = a.c17[1017]
            a.b18 = a.c18[1018]
            a.b19 = a.c19[1019]
            a.b20 = a.c20[1020]
            a.b21 = a.c21[1021]
            a.b22 = a.c22[1022]
            a.b23 = a.c23[1023]
            a.b24 = a.c24[1024]
            a.b25 = a.c25[1025]
            a.b26 = a.c26[1026]
            a.b27 = a.c27[1027]
            a.b28 = a.c28[1028]
            a.b29 = a.c29[1029]
            a.b30 = a.c30[1030]
            a.b31 = a.c31[1031]
            a.b32 = a.c32[1032]
            a.b33 = a.c33[1033]
            a.b34 = a.c34[1034]
            a.b35 = a.c35[1035]
            a.b36 = a.c36[1036]
            a.b37 = a.c37[1037]
            a.b38 = a.c38[1038]
            a.b39 = a.c39[1039]
    return a
