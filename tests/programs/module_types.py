import types
from types import CodeType, FunctionType, GenericAlias, MappingProxyType, MethodType, ModuleType, SimpleNamespace, UnionType, coroutine, new_class, resolve_bases


def f(x):
    return x + 1


copied = FunctionType(f.__code__, {"__builtins__": {}}, "copied", (10,))
print(copied(1), copied(), copied.__name__, MethodType(lambda self, y: (self, y), 5)(6), type(f.__code__) is CodeType)
module = ModuleType("made", "Its doc.")
module.x = 1
print(module, module.__doc__, module.__name__, vars(module)["x"], module.__spec__)
space = SimpleNamespace({"b": 2}, a=1)
space.c = [1]
print(space, space == SimpleNamespace(a=1, b=2, c=[1]), vars(space))
proxy = MappingProxyType({"a": 1})
print(proxy, proxy["a"], proxy | {"b": 2}, list(proxy), "a" in proxy, proxy.copy())
made = new_class("Made", (list,), {}, lambda namespace: namespace.update(y=5))
print(made.y, made([1]), made.__mro__[1].__name__, resolve_bases((list[int],)), types.get_original_bases(type("G", (), {})), types.prepare_class("X", (dict,))[0].__name__)
alias = GenericAlias(dict, (str, int))
print(alias, alias.__origin__, alias.__args__, isinstance(int | str, UnionType), (int | None).__args__, type(None) is types.NoneType, types.EllipsisType(), types.NotImplementedType)


class Lazy:
    @types.DynamicClassAttribute
    def name(self):
        return "instance"


print(Lazy().name)


@coroutine
def generator_based():
    x = yield "asked"
    return x * 2


async def main():
    return await generator_based()


c = main()
print(c.send(None))
try:
    c.send(21)
except StopIteration as end:
    print(end.value)
cell = types.CellType(3)
cell.cell_contents += 1
print(cell.cell_contents, types.CellType() == types.CellType(), isinstance(len, types.BuiltinFunctionType), isinstance(str.join, types.MethodDescriptorType), isinstance(object().__str__, types.MethodWrapperType))
for bad in (lambda: copied(1, 2), lambda: Lazy.name, lambda: proxy.__setitem__("a", 2), lambda: types.CellType().cell_contents, lambda: MethodType(1, 2), lambda: types.NoneType(1), lambda: FunctionType(f.__code__, 5), lambda: SimpleNamespace({1: 2}), lambda: MappingProxyType(5), lambda: new_class("X", (int, str))):
    try:
        bad()
    except (TypeError, AttributeError, ValueError) as error:
        print(type(error).__name__, error)
