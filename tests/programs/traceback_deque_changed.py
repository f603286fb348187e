from collections import deque

queue = deque(range(5))
for item in queue:
    if item == 2:
        queue.append(item)
    print(item)
