import heapq
import random

random.seed(3)
numbers = [random.randrange(100) for _ in range(12)]
heap = []
for n in numbers:
    heapq.heappush(heap, n)
print(heap, [heapq.heappop(heap) for _ in range(len(heap))] == sorted(numbers))
heap = list(numbers)
heapq.heapify(heap)
print(heapq.heappushpop(heap, -1), heapq.heapreplace(heap, 50), heap[0], heapq.nlargest(3, numbers), heapq.nsmallest(3, numbers, key=lambda n: -n))
print(list(heapq.merge([1, 4], [2, 3], [0, 9])), list(heapq.merge(["bb", "a"], ["ccc"], key=len, reverse=True)))
top = [3, 1, 2]
heapq.heapify_max(top)
heapq.heappush_max(top, 5)
print(top, heapq.heappop_max(top), heapq.heapreplace_max(top, 0), heapq.heappushpop_max(top, 9))
tasks = [(2, "code"), (1, "spec"), (3, "test"), (1, "plan")]
heapq.heapify(tasks)
print([heapq.heappop(tasks) for _ in range(4)])
for bad in (lambda: heapq.heappop([]), lambda: heapq.heapify((1,)), lambda: heapq.heappush([1], "a"), lambda: heapq.heapreplace([], 1)):
    try:
        bad()
    except (IndexError, TypeError) as error:
        print(type(error).__name__, error)
