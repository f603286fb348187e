from graphlib import CycleError, TopologicalSorter

graph = {"app": {"web", "db"}, "web": {"http"}, "db": {"disk"}, "http": {"net"}, "net": set()}
order = list(TopologicalSorter(graph).static_order())
print(all(order.index(a) > order.index(b) for a, needs in graph.items() for b in needs), len(order))
sorter = TopologicalSorter()
sorter.add("c", "b", "a")
sorter.add("b", "a")
sorter.prepare()
while sorter.is_active():
    ready = sorted(sorter.get_ready())
    print(ready)
    sorter.done(*ready)
try:
    TopologicalSorter({"a": ["b"], "b": ["c"], "c": ["a"]}).prepare()
except CycleError as error:
    print(error.args[0], sorted(set(error.args[1])))
for bad in (lambda: sorter.add("x"), lambda: sorter.done("zzz"), lambda: TopologicalSorter().get_ready()):
    try:
        bad()
    except ValueError as error:
        print(error)
