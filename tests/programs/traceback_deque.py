from collections import deque

queue = deque([1, 2], maxlen=2)
queue.append(3)
print(queue)
while True:
    print(queue.popleft())
