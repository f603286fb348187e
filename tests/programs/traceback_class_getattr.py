class Config:
    def __init__(self, **values):
        self.__dict__.update(values)

    def __getattr__(self, name):
        raise AttributeError(f"no setting {name!r}", name=name, obj=self)


config = Config(timeout=5)
print(config.timeout)
print(config.timeot)
