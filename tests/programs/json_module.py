# json: decoding, encoding, hooks, exact errors.
import json

print(json.loads('{"a": [1, 2.5, -3e2, true, false, null, "x\\u00e9\\n\\ud83d\\ude00"], "b": {}, "c": []}'))
print(json.loads(' [NaN, Infinity, -Infinity, -0, 1E400, 123456789012345678901234567890] '))
print(json.loads('{"a":1,"a":2}', object_pairs_hook=list), json.loads('{"a":{"b":1}}', object_hook=lambda d: sorted(d)))
print(json.loads("[1, 1.5, NaN]", parse_int=str, parse_float=lambda s: "f" + s, parse_constant=lambda s: "c" + s))
print(json.loads(b'"\xe9"'.decode("latin1")), json.loads('"\u20ac"'), json.loads('"\U0001f600"'), json.loads(b'["\xc3\xa9"]'))
for bad in ["", "{", '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', "{a}", "[", "[1", "[1,", "[1,]", "[1 2]", "nul", '"abc', '"a\nb"', '"\\x"', '"\\u12"',
            '"\\u12G4"', "-", "1.", "01", "[1,\n2 3]", "1 2", '{"a":1,\n "b" 2}', "[,]", '"\\']:
    try:
        print(json.loads(bad))
    except json.JSONDecodeError as error:
        print(repr(bad), "->", error)

data = {"name": "é\u20ac\U0001f600", "list": [1, 2.0, 1e100, -0.0, True, None, "q\"\\/\b\f\n\r\t\x00\x7f"], "nested": {"t": (1, 2), "e": [], "d": {}}}
print(json.dumps(data))
print(json.dumps(data, ensure_ascii=False))
print(json.dumps(data, indent=2, sort_keys=True))
print(json.dumps([1, {"a": 2}], separators=(",", ":")), json.dumps({1: 2, 1.5: 3, None: 4, True: 5}), json.dumps([float("nan"), float("inf")]))
print(json.dumps({(1, 2): 3, "a": 1}, skipkeys=True), json.dumps({"b": 1, "a": [2]}, sort_keys=True, indent="\t"), json.dumps(10**30))

class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

print(json.dumps([Point(1, 2)], default=lambda p: [p.x, p.y]))
loop = []; loop.append(loop)
for call in [lambda: json.dumps(Point(1, 2)), lambda: json.dumps({"k": [Point(1, 2)]}), lambda: json.dumps({(1,): 2}), lambda: json.dumps(loop),
             lambda: json.dumps([float("nan")], allow_nan=False), lambda: json.dumps({1: 1, "a": 2}, sort_keys=True), lambda: json.loads(5),
             lambda: json.loads("[" * 100000), lambda: json.loads("9" * 5000)]:
    try:
        print(call())
    except RecursionError:
        print("RecursionError")
    except Exception as error:
        print(type(error).__name__, error, getattr(error, "__notes__", None))

values = [0, -1, 1.1, "", "a" * 100, [], {}, [[[]]], {"a": {"b": {"c": []}}}, None, True]
print(all(json.loads(json.dumps(v, indent=i)) == v for v in values for i in (None, 0, 3)))
