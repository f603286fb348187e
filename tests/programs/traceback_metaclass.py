class Registry(type):
    known = {}

    def __new__(meta, name, bases, namespace):
        if name in meta.known:
            raise TypeError(f"class {name} exists already")
        meta.known[name] = cls = super().__new__(meta, name, bases, namespace)
        return cls


class Base(metaclass=Registry):
    pass


class Base(metaclass=Registry):
    pass
