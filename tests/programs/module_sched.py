import sched

clock = 0


def wait(seconds):
    global clock
    print("wait", seconds)
    clock += seconds


s = sched.scheduler(lambda: clock, wait)
s.enter(5, 1, print, ("five, first",))
s.enter(5, 0, print, ("five, before it",))
later = s.enter(9, 1, print, ("never",))
s.enterabs(2, 1, lambda: s.enter(1, 1, print, ("nested at", ), {"end": "!\n"}))
print(len(s.queue), s.empty(), later.time, later.priority)
s.cancel(later)
try:
    s.cancel(later)
except ValueError:
    print("gone already")
s.run()
print(clock, s.empty(), s.run(blocking=False))
