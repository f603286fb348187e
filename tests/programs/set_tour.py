a, b = {1, 2, 3}, {3, 4}
print(a | b, a & b, a - b, a ^ b, a <= {1, 2, 3, 4}, a.isdisjoint({9}), a > {1})
a.add(7); a.discard(99); a.update([8]); print(sorted(a), len(a), 7 in a, frozenset(a) == a, hash(frozenset([1, 2])) == hash(frozenset([2, 1])))
print({x % 3 for x in range(10)}, set('hello') == set('ohell'), set(), frozenset(), {frozenset([1])})
a -= {1}; a &= {2, 3, 7}; a ^= {3, 5}; print(sorted(a))
for bad in (lambda: {[]}, lambda: {1} + {2}, lambda: set().pop(), lambda: {1}.remove(2), lambda: {1} < [1]):
    try: bad()
    except Exception as e: print(type(e).__name__, e)
