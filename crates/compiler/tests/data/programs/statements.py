"""Statements: loops, jumps, imports, deletion, assertions."""
from __future__ import division
import os, sys as system, xml.dom.minidom, os.path as path
from os import (getcwd, sep as separator)
from . import sibling
from .. import *

counter: int = 0
(unpacked): "str"
a = b = c = d = e = 1, 2
a, *b, (c, d[0]), e.attribute = 1, 2, 3, (4, 5), 6
[a, b] = b, a
a, b, c = c, b, a
del a, (b, [c]), d[0], e.attribute, d[1:2]

while True:
    if counter > 10:
        break
    elif counter == 5:
        counter += 2
        continue
    else:
        counter **= 1
else:
    never = "here"

while counter and not a or b:
    counter -= 1

while 0:
    dead = code

while 1: pass


def loops(limit, *items, **options):
    """Docstring."""
    global counter
    for index, (first, *rest) in enumerate(items):
        if not first:
            continue
        for item in rest:
            if item is None:
                break
            if item is not None and item != limit:
                return item, index
        else:
            yield_later = [first]
            continue
        break
    else:
        return
    for x in []: pass
    for x in (1, 2, 3): counter = x
    for x in [a, b]: counter += x
    assert limit > 0, f"limit {limit}"
    assert (limit, )
    del limit, options
    if __debug__:
        print("debug")
    return counter


def many_locals():
    a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = a8 = a9 = b0 = b1 = b2 = b3 = b4 = b5 = b6 = b7 = b8 = b9 = 0
    c0 = c1 = c2 = c3 = c4 = c5 = c6 = c7 = c8 = c9 = d0 = d1 = d2 = d3 = d4 = d5 = d6 = d7 = d8 = d9 = 0
    e0 = e1 = e2 = e3 = e4 = e5 = e6 = e7 = e8 = e9 = f0 = f1 = f2 = f3 = f4 = f5 = f6 = f7 = f8 = f9 = 0
    if a0:
        g0 = g1 = g2 = g3 = g4 = g5 = g6 = g7 = 1
        del g3
    print(g0, g1, g2, g3, g4, g5, g6, g7, f9)
    while a0:
        g7 = a1
        print(g7, g6)
    return g7


if counter: pass
elif a is None: b
elif a is not None: c
elif not (a and b): d
elif a < b < c != d in e: e
lambda: (yield)
