import heapq


class Task:
    def __init__(self, name):
        self.name = name


heap = [(2, Task("b"))]
heapq.heappush(heap, (1, Task("a")))
print(heapq.heappop(heap)[1].name)
heapq.heappush(heap, (2, Task("c")))
