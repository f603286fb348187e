# Sets: the visible order, operations, hashes, errors.
import sys

def error(f, *args):
    try:
        print('no error:', f(*args))
    except BaseException as e:
        print(type(e).__name__, e)

print(set(range(20)), {8, 0, 16, 24, 1}, set([100, 3, 50, 7, 1000, -5]))
print(set(range(0, 1000, 37)))
print({x * 1021 % 503 for x in range(60)})
s = set(range(50))
for i in range(0, 50, 2): s.discard(i)
s |= {1000, 2000, 64, 128}
print(s)
print([sys.getsizeof(set(range(n))) for n in (0, 1, 4, 5, 6, 20, 77, 78, 400, 100000)])
s = {5, 3, 9, 70}
print([s.pop() for _ in range(4)], s)
s = set(range(10)); s.pop(); s.pop(); s.add(0); print(s, s.pop())

print(hash(frozenset()), hash(frozenset([1])), hash(frozenset(range(100))), hash(frozenset([frozenset(), frozenset([1, 2])])))
f = frozenset(range(30)) - {4, 9}
print(hash(f), hash(f) == hash(frozenset(sorted(f, reverse=True))), frozenset(f) is f, f.copy() is f)

a, b = {1, 2, 3, 4}, {3, 4, 5, 64}
print(a | b, a & b, a - b, a ^ b, a < b, a <= {1, 2, 3, 4, 5}, a == {4, 3, 2, 1}, a > {1}, a.isdisjoint([9]), a.isdisjoint(b))
print(a.union([7, 8], (9,)), a.intersection([1, 2, 99], {2}), a.difference([1], [2]), a.symmetric_difference([1, 50]))
print(a.issubset(range(10)), a.issuperset([1, 2]), a.issuperset([1, 20]), frozenset(a) | b, a | frozenset(b), type(frozenset(a) & b).__name__)
c = set(a); c |= b; c -= {1}; c &= range(100).__class__(100) and set(range(5)); c ^= {2, 77}; print(c)
c.update([1], 'ab' and [2]); c.difference_update([1], {2: 0}); c.intersection_update({3, 4, 77}, [77, 4]); c.symmetric_difference_update({4: 1, 5: 2}); print(c)
print({frozenset([1])} == {frozenset([1])}, {1} in {frozenset([1])}, {1, 2}.__contains__({1}))
s = {frozenset([1]), 5}; s.remove({1}); s.discard({9}); print(s)

error(lambda: {[]}); error(lambda: [] in {1}); error({1}.add, {}); error(set().pop); error({1}.remove, 2); error({1}.remove, (1, 2))
error(set, 5); error(set, 1, 2); error(lambda: {1} | [1]); error(lambda: {1} < [1]); error(hash, set()); error({1}.union, 3); error({1}.remove, {3})
def grow():
    s = {1, 2}
    for x in s: s.add(x + 100)
error(grow)
class E:
    def __hash__(self): return 3
    def __eq__(self, o): target.clear(); return False
target = {E(), 10}
print(3 in target, target)
print({1}, frozenset([1]), set(), frozenset(), {1}.__reduce__(), iter({1, 2}).__length_hint__(), iter({7}).__reduce__())
class Sub(set): pass
class FSub(frozenset): pass
print(Sub([1]), FSub([1]), type(Sub([1]) | {2}), type(FSub([1]).copy()), type(Sub([1]).copy()), Sub([1]) == {1}, FSub([1]) is FSub([1]))
r = Sub(); r.x = 1; print(r.__reduce__(), r.x)
rec = {1}
class R:
    def __repr__(self): return repr(rec)
rec.add(R()); print(repr(rec).count('set(...)'))
