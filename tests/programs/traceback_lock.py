import threading

lock = threading.Lock()
with lock:
    print(lock.locked())
lock.release()
