# tracemalloc: where blocks come from, sizes, peaks, limits.
import linecache
import tracemalloc

print(tracemalloc.is_tracing(), tracemalloc.get_traced_memory())
for wrong in (0, -1, 65536):
    try:
        tracemalloc.start(wrong)
    except ValueError as e:
        print(e)
tracemalloc.start(3)
print(tracemalloc.is_tracing(), tracemalloc.get_traceback_limit())


def make(n):
    return bytearray(n)


def outer(n):
    return make(n)


block = outer(100_000)
at = tracemalloc.get_object_traceback(block)
print([(frame.filename == __file__, linecache.getline(frame.filename, frame.lineno).strip()) for frame in at])
snapshot = tracemalloc.take_snapshot()
big = [trace for trace in snapshot.traces if trace.size >= 100_000]
print(len(big), len(big[0].traceback), big[0].domain, big[0].traceback.total_nframe)
tracemalloc.clear_traces()
block = make(10_000_000)
current, peak = tracemalloc.get_traced_memory()
print(10_000_000 <= current <= peak)
del block
print(tracemalloc.get_traced_memory()[0] < 5_000_000, tracemalloc.get_traced_memory()[1] >= 10_000_000)
tracemalloc.reset_peak()
print(tracemalloc.get_traced_memory()[1] < 5_000_000)
first = tracemalloc.take_snapshot()
kept = [bytearray(1000) for _ in range(100)]
second = tracemalloc.take_snapshot()
here = tracemalloc.Filter(True, __file__)
stats = second.filter_traces([here]).compare_to(first.filter_traces([here]), "lineno")
top = max(stats, key=lambda s: s.size_diff)
print(linecache.getline(__file__, top.traceback[0].lineno).strip(), top.size_diff >= 100_000)
made = object()
print(tracemalloc.get_object_traceback(made) is not None, tracemalloc.get_tracemalloc_memory() > 0)
tracemalloc.clear_traces()
print(tracemalloc.get_object_traceback(made))
tracemalloc.stop()
print(tracemalloc.is_tracing(), tracemalloc.get_traced_memory(), tracemalloc.get_object_traceback(made))
