from dataclasses import dataclass
@dataclass
class Point:
    x: int
    y: int
def kind(v):
    match v:
        case 0 | 1: return 'small'
        case int(n) if n > 100: return f'big {n}'
        case -1 | 2.5 | 3+4j: return 'literal'
        case str() as s: return f'text {s}'
        case []: return 'empty'
        case [x]: return f'one {x}'
        case [first, *rest] if len(rest) > 2: return f'many {first} {rest}'
        case (a, b) | [a, b, _]: return f'two {a} {b}'
        case {'type': t, 'value': Point(x=0, y=y)}: return f'{t} on axis {y}'
        case {'k': v, **rest}: return f'map {v} {rest}'
        case Point(x, y): return f'point {x} {y}'
        case None | True: return 'single'
        case _: return 'other'
for v in (0, 500, 7, -1, 2.5, 3+4j, 'hi', [], [1], [1, 2, 3, 4], (1, 2), [1, 2, 3], {'type': 'p', 'value': Point(0, 9)}, {'k': 1, 'z': 2}, Point(1, 2), None, True, {}, b'ab', range(2)):
    print(v, '->', kind(v))
class Cls:
    __match_args__ = ('a', 'b')
    a, b = 1, 2
match Cls():
    case Cls(1, b=z): print('matched', z)
try:
    match 5:
        case int(1, 2): pass
except TypeError as e: print(e)
