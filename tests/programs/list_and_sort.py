l = [5, 3, 8, 1]
l.sort(); print(l); l.sort(key=lambda x: -x); print(l); l.sort(reverse=True); print(l)
l[1:3] = [10, 20, 30]; print(l); del l[::3]; print(l); l *= 2; l.extend('ab'); l.insert(1, 'z'); print(l, l.pop(), l.pop(0), l.index(10), l.count(10))
l.remove('z'); l.reverse(); print(l, l[-2:], l[::-1][:2], l.copy() == l, [] < [1], [1, 2] < [1, 3])
words = ['banana', 'Apple', 'cherry', 'apple']
print(sorted(words), sorted(words, key=str.lower), sorted(words, key=len, reverse=True), min(words, key=len), max([], default='none'))
print([(x, y) for x in range(3) if x for y in 'ab'], [[j * i for j in range(3)] for i in range(3)], list(map(lambda a, b: a + b, [1, 2], [3, 4])), list(filter(None, [0, 1, '', 'x'])))
a, *b, c = range(6); print(a, b, c); (x, (y, *z)) = 1, (2, 3, 4); print(x, y, z)
print(list(zip('abc', range(2))), list(enumerate('ab', 5)), list(reversed([1, 2])), any([0, 1]), all([]), sum([[1], [2]], []))
class Bad:
    def __lt__(self, o): raise ValueError('no order')
try: sorted([Bad(), Bad()])
except ValueError as e: print(e)
m = [1, 2, 3]
def grow(x): m.append(x); return x
try: m.sort(key=grow)
except ValueError as e: print(e)
for bad in (lambda: [1][5], lambda: [].pop(), lambda: [1].remove(2), lambda: [1, 'a'].sort(), lambda: list(zip([1], [1, 2], strict=True)), lambda: [1] + (2,), lambda: [1]['a']):
    try: bad()
    except Exception as e: print(type(e).__name__, e)
r = [1]; r.append(r); print(r, r == r)
