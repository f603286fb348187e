"""zoneinfo: zones read from a file, by transitions and by rules; what is no zone."""
import io
import pickle
import struct
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo


def zone_file(rule, offsets=((0, 0, b"UTC"),), transitions=()):
    """A TZif file: offsets are (seconds, is daylight saving, name), transitions (time in UTC, index of offset)."""
    names = b"".join(name + b"\0" for *_, name in offsets)
    head = b"TZif2" + b"\0" * 15

    def block(code):
        counts = struct.pack(">6l", 0, 0, 0, len(transitions), len(offsets), len(names))
        times = struct.pack(f">{len(transitions)}{code}", *(max(time, -(1 << 31)) if code == "l" else time for time, _ in transitions))
        indices = bytes(index for _, index in transitions)
        at, infos = 0, b""
        for seconds, is_dst, name in offsets:
            infos += struct.pack(">lBB", seconds, is_dst, at)
            at += len(name) + 1
        return counts + times + indices + infos + names

    return io.BytesIO(head + block("l") + head + block("q") + b"\n" + rule + b"\n")


def attempt(what, *args, **kwargs):
    try:
        print("gives", what(*args, **kwargs))
    except Exception as exc:
        print(type(exc).__name__, "|", exc)


def show(zone, *moments):
    for moment in moments:
        for fold in (0, 1):
            local = moment.replace(tzinfo=zone, fold=fold)
            print(local.isoformat(), zone.dst(local), local.tzname(), local.astimezone(timezone.utc).isoformat())
        back = moment.replace(tzinfo=timezone.utc).astimezone(zone)
        print("  from UTC", back.isoformat(), back.fold, back.tzname())


for rule in [b"UTC0", b"AAA4", b"<+01>-1:30", b"AAA4BBB,M3.2.0,M11.1.0", b"AAA4BBB,J60/2,J300/26", b"AAA4BBB3:30,0,365/-10", b"AAA-4BBB-3,M3.5.6/0,M10.5.0"]:
    zone = ZoneInfo.from_file(zone_file(rule), key=rule.decode())
    print(zone, repr(zone), zone.utcoffset(None), zone.tzname(None))
    show(zone, datetime(2024, 3, 10, 2, 30), datetime(2024, 7, 1), datetime(2023, 11, 5, 1, 30), datetime(2024, 2, 29, 1, 59, 59))
table = [(-18000, 0, b"EST"), (-14400, 1, b"EDT"), (-17762, 0, b"LMT")]
moves = [(-2717650800, 0), (1678604400, 1), (1699164000, 0), (1710054000, 1)]
zone = ZoneInfo.from_file(zone_file(b"EST5EDT,M3.2.0,M11.1.0", table, moves), key="made")
show(zone, datetime(1800, 1, 1), datetime(2023, 3, 12, 2, 30), datetime(2023, 11, 5, 1, 30), datetime(2023, 11, 5, 5, 30), datetime(2030, 11, 3, 1, 30), datetime(9999, 1, 1))
zone = ZoneInfo.from_file(zone_file(b"", table, moves))
show(zone, datetime(2023, 11, 5, 6, 30), datetime(2040, 1, 1))
print(repr(zone).split(" at ")[0], zone.key)
for rule in [
    b"AAA", b"AAA25", b"AAA4BBB", b"AAA4BBB25,J1,J2", b"AAA4BBB,M3.2.0", b"AAA4BBB,M13.2.0,M11.1.0", b"AAA4BBB,J0,J3", b"AAA4BBB,J60/200,J300", b"A\xc3\x80C3",
    b"AAA4BBB,J\xd9\xa1,J300/2", b"AAA4BBB,M3.2.0,M11.1.0,x", b"AAA4:3", b"AAA4,M3.2.0,M11.1.0", b"<AAA4", b"AAA4BBB-5x,M3.2.0,M11.1.0",
]:
    attempt(ZoneInfo.from_file, zone_file(rule))
attempt(ZoneInfo.from_file, io.BytesIO(b""))
attempt(ZoneInfo.from_file, zone_file(b"", ()))
attempt(pickle.dumps, zone)
attempt(zone.fromutc, 1)
attempt(zone.fromutc, datetime(2020, 1, 1))
attempt(zone.utcoffset, 1)
attempt(ZoneInfo, "../etc/passwd")
attempt(ZoneInfo, "no/such/zone")


class Own(ZoneInfo):
    pass


print(hasattr(ZoneInfo, "_weak_cache"), type(Own._weak_cache).__name__)
del Own._weak_cache
attempt(Own, "UTC")
attempt(Own.clear_cache)


class Sub(datetime):
    pass


zone = ZoneInfo.from_file(zone_file(b"AAA4BBB,M3.2.0,M11.1.0"))
moved = Sub(2024, 11, 3, 5, 30, tzinfo=timezone.utc).astimezone(zone)
print(type(moved).__name__, moved, moved.fold, (moved + timedelta(hours=1)).fold)
