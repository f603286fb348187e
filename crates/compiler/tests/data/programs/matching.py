"""Structural pattern matching."""


def match_all(subject, *args):
    match subject:
        case 0 | -1 | 1.5 | -2.5j | 1 + 2j | "text" "joined" | b"bytes": return "value"
        case None | True | False: return "singleton"
        case a.b | a.b.c: return "dotted"
        case []: return "empty"
        case [x]: return x
        case [1, y, *_]: return y
        case (first, *middle, last) if first < last: return middle
        case [*_, [inner, *_]]: return inner
        case {}: return "mapping"
        case {"key": value, -1: other, **rest}: return value, other, rest
        case {a.b: str() | int() as both}: return both
        case Point(): return "class"
        case Point(x, 0) | Point(0, x): return x
        case Point(x=0, y=[1, 2] as pair): return pair
        case (Point(a, b, c=c) as whole) | [Point(a, b, c), whole]: return a, b, c, whole
        case str(text) if text: return text
        case [[[a, b], c], d]: return a, b, c, d
        case captured if captured: return captured
        case _: return "default"


match (1, 2):
    case 1, x: print(x)
    case x, 2 if x: pass

match x:
    case 1: pass

match x:
    case {"a": 1, "b": {"c": [z]}}:
        pass
    case int(real=r) | float(real=r):
        while r:
            match r:
                case 1: break
                case 2: continue
            r -= 1

match = case = 1
match[case]
match(case)
