import io
import logging
import logging.handlers

stream = io.StringIO()
logger = logging.getLogger("app")
logger.setLevel(logging.DEBUG)
logger.propagate = False
handler = logging.StreamHandler(stream)
handler.setFormatter(logging.Formatter("%(levelname)-8s %(name)s:%(funcName)s:%(lineno)d %(message)s"))
logger.addHandler(handler)


def work():
    logger.debug("debug %d", 1)
    logger.info("info %s %r", "a", "b")
    logger.warning("percent 100%%")
    logger.error("dict %(key)s", {"key": "value"})
    logging.getLogger("app.child").critical("from the child")


work()
logger.setLevel("WARNING")
logger.info("hidden")
print(logger.isEnabledFor(logging.INFO), logger.getEffectiveLevel(), logging.getLevelName(35), logging.getLevelNamesMapping()["ERROR"])
try:
    1 / 0
except ZeroDivisionError:
    logger.exception("failed")
print(stream.getvalue().replace(__file__, "FILE"))


class Words(logging.Filter):
    def filter(self, record):
        return "secret" not in record.getMessage()


stream.truncate(0), stream.seek(0)
handler.addFilter(Words())
handler.setFormatter(logging.Formatter("{levelname}/{message}", style="{"))
logger.error("a secret")
logger.error("no such thing")
adapter = logging.LoggerAdapter(logger, {"user": "ada"})
adapter.warning("adapted")
print(stream.getvalue())
memory = logging.handlers.MemoryHandler(10, logging.ERROR, target=handler)
logger.addHandler(memory)
print(logger.handlers[1].__class__.__name__, logger.hasHandlers(), logging.getLogger("app.child").parent.name, logger)
record = logging.makeLogRecord({"msg": "x %s", "args": ("y",), "levelno": 20, "levelname": "INFO"})
print(record.getMessage(), logging.Formatter("$message", style="$").format(record), logging.BufferingFormatter().format([record]))
for bad in (lambda: logger.setLevel("LOUD"), lambda: logging.Formatter("{x", style="{"), lambda: logging.Formatter("a", style="?")):
    try:
        bad()
    except ValueError as error:
        print(error)
