"""Strings instead of annotations."""
from __future__ import annotations

x: dict[str, int | None] = {}


def f(a: int, /, b: list[a.b] = [], *c: (lambda: 0), d: "quoted" = f"{1}", **e: x[1:2, ...]) -> a if b else not c: ...


class C[T]:
    y: T
    z: -1 + ~2 ** 3 = 1

    def m(self, p: {1: 2, **q}, *r: *Ts) -> [i for i in x if i]: return self


if x:
    conditional: yes = 1
