import operator as op

print(op.add(1, 2), op.floordiv(7, 2), op.matmul.__name__, op.pow(2, 5), op.neg(3), op.inv(5), op.not_([]), op.truth([1]), op.is_(None, None), op.contains("abc", "b"), op.countOf([1, 2, 1], 1), op.indexOf("abc", "c"))
print(op.itemgetter(1)("abc"), op.itemgetter(0, -1)([1, 2, 3]), op.itemgetter(slice(1, 3))("abcd"), op.attrgetter("real", "imag")(3 + 4j), op.attrgetter("__class__.__name__")(1), op.methodcaller("replace", "a", "b")("cat"))
print(op.itemgetter(1, 2), op.attrgetter("a.b"), op.methodcaller("f", 1, x=2))
numbers = [1, 2]
print(op.iadd(numbers, [3]), numbers, op.iconcat([1], (2,)), op.imul([0], 2), op.length_hint(iter([1, 2, 3])), op.concat("a", "b"), op.index(True), op.setitem({}, 1, 2), op.call(len, "abc"), op.is_none(None), op.is_not_none(1))
import pickle
print(pickle.loads(pickle.dumps(op.itemgetter(1)))([5, 6]), pickle.loads(pickle.dumps(op.methodcaller("upper")))("x"))
for bad in (lambda: op.add(1, "a"), lambda: op.itemgetter(), lambda: op.attrgetter(1), lambda: op.methodcaller(1), lambda: op.indexOf([1], 2), lambda: op.index(1.5), lambda: op.concat(1, 2), lambda: op.attrgetter("x")(1), lambda: op.length_hint([], "a")):
    try:
        bad()
    except (TypeError, ValueError, AttributeError) as error:
        print(type(error).__name__, error)
