import pickle
import uuid

a = uuid.UUID("12345678-1234-5678-1234-567812345678")
print(a, repr(a), a.hex, a.int, a.bytes, a.bytes_le, a.fields, a.time_low, a.urn, a.variant, a.version, a.node, a.clock_seq)
for text in ("{12345678123456781234567812345678}", "urn:uuid:12345678-1234-5678-1234-567812345678"):
    print(uuid.UUID(text) == a)
print(uuid.uuid3(uuid.NAMESPACE_DNS, "python.org"), uuid.uuid5(uuid.NAMESPACE_URL, "http://python.org/"), uuid.uuid5(uuid.NAMESPACE_OID, b"x"), uuid.uuid8(1, 2, 3), uuid.NIL, uuid.MAX)
print(uuid.uuid4().version, uuid.uuid1(5, 6).node, uuid.uuid6(5, 6).version, uuid.uuid7().version, sorted([uuid.MAX, a, uuid.NIL])[0], hash(a) == hash(uuid.UUID(int=a.int)), pickle.loads(pickle.dumps(a)) == a, uuid.UUID(bytes=b"\x01" * 16), uuid.UUID(fields=(1, 2, 3, 4, 5, 6)), uuid.UUID(int=1, version=4), a == 5)
for bad in (lambda: uuid.UUID("x"), lambda: uuid.UUID(), lambda: uuid.UUID(int=-1), lambda: uuid.UUID(bytes=b"x"), lambda: setattr(a, "x", 1), lambda: a < 5, lambda: uuid.UUID(int=1, version=9), lambda: uuid.UUID(fields=(1, 2))):
    try:
        bad()
    except (ValueError, TypeError, AttributeError) as error:
        print(type(error).__name__, error)
