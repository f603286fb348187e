# The parser bounds the memory that it takes, in proportion to the document; handlers show in tracebacks as CPython's functions.
import traceback
from xml.parsers import expat

document = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "%s"><!ENTITY b "&a;&a;">]><d>&b;</d>' % (b"x" * 500)


def parse(threshold, factor):
    parser = expat.ParserCreate()
    print(parser.SetAllocTrackerActivationThreshold(threshold), parser.SetAllocTrackerMaximumAmplification(factor))
    try:
        print(parser.Parse(document, True))
    except expat.ExpatError as error:
        print(error.code, str(error).partition(":")[0])


parse(0, 1.0)
parse(0, 10000.0)
parse(1 << 30, 1.0)
parser = expat.ParserCreate()
for attempt in [
    lambda: parser.SetAllocTrackerMaximumAmplification(0.9),
    lambda: parser.SetAllocTrackerMaximumAmplification(float("nan")),
    lambda: parser.SetAllocTrackerMaximumAmplification("x"),
    lambda: parser.SetAllocTrackerActivationThreshold(-1),
    lambda: parser.SetAllocTrackerActivationThreshold(1 << 64),
    lambda: parser.ExternalEntityParserCreate(None).SetAllocTrackerActivationThreshold(1),
]:
    try:
        print(attempt())
    except Exception as error:
        print(type(error).__name__, error)


def start(name, attributes):
    raise ValueError(name)


parser.StartElementHandler = start
try:
    parser.Parse("<doc/>", True)
except ValueError as error:
    print([(entry.name, entry.lineno) for entry in traceback.extract_tb(error.__traceback__)][1:2])
