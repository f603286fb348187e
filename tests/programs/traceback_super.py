class Base:
    def run(self):
        return "base"


class Child(Base):
    def run(self):
        return super().run() + super().stop()


Child().run()
