class Column:
    def __set_name__(self, owner, name):
        if name.startswith("_"):
            raise ValueError(f"bad column name {name!r}")


class Table:
    id = Column()
    _secret = Column()
