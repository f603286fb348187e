class Stop(Exception):
    def __init__(self, reason):
        super().__init__(reason)


try:
    raise Stop("enough")
except Stop as stop:
    print(stop)
raise Stop
