from datetime import MAXYEAR, date, datetime, time, timedelta, timezone, tzinfo

d, t, dt, delta = date(2024, 2, 29), time(12, 30, 15, 123456), datetime(2024, 2, 29, 23, 59, 59, 999999), timedelta(days=1, hours=-1, microseconds=5)
print(d, t, dt, delta, repr(d), repr(t), repr(dt), repr(delta), str(-delta), delta.total_seconds(), delta // 2, delta / 7, delta % timedelta(hours=5), divmod(delta, timedelta(hours=1)), abs(timedelta(-1)), delta * 1.5)
print(d + timedelta(366), dt - timedelta(microseconds=1), dt - datetime(2000, 1, 1), d.replace(year=2028), d.weekday(), d.isoweekday(), d.isocalendar(), d.toordinal(), d.timetuple()[:8], date.fromordinal(738000), date.fromisocalendar(2024, 9, 4))
for text in ("2024-02-29", "20240229", "2024-W09-4"):
    print(date.fromisoformat(text), end=" ")
for text in ("2024-02-29T12:30", "2024-02-29 12:30:15.123+05:30", "20240229T123015Z", "2024-02-29T12:30:15,5-08:00:30"):
    print(repr(datetime.fromisoformat(text)))
print(dt.isoformat(" ", "minutes"), t.isoformat("milliseconds"), dt.strftime("%Y/%m/%d %H-%M-%S.%f %j %U %a %b %p %% %G-%V"), f"{d:%d.%m.%y}", datetime.strptime("3 Jan 2021 04:05 PM +0200", "%d %b %Y %I:%M %p %z"), dt.ctime(), time.fromisoformat("T04:05:06.7"))
east = timezone(timedelta(hours=5, minutes=30), "EAST")
z = datetime(2024, 1, 1, tzinfo=timezone.utc)
print(z.astimezone(east), z == z.astimezone(east), east, repr(east), timezone.utc, z.timestamp(), datetime.fromtimestamp(0, east), z.utcoffset(), east.tzname(None), hash(z) == hash(z.astimezone(east)), z.timetz(), datetime.combine(d, t, east))


class Zone(tzinfo):
    def utcoffset(self, when): return timedelta(hours=1) + self.dst(when)
    def dst(self, when): return timedelta(hours=1) if when and 3 < when.month < 11 else timedelta(0)
    def tzname(self, when): return "SUMMER" if self.dst(when) else "WINTER"


for month in (1, 7):
    when = datetime(2024, month, 1, 12, tzinfo=Zone())
    print(when, when.tzname(), when.dst(), when.astimezone(timezone.utc), when.strftime("%Z%z"))
print(datetime(2024, 1, 1, fold=1).fold, datetime.min, datetime.max, timedelta.max, timedelta.resolution, MAXYEAR, sorted([d, date(2020, 1, 1)]), d < date(2025, 1, 1), datetime(2024, 2, 29) == d, timedelta(1) > timedelta(hours=23), bool(timedelta(0)))
for bad in (lambda: date(2023, 2, 29), lambda: datetime(2024, 13, 1), lambda: time(25), lambda: date.max + timedelta(1), lambda: dt - z, lambda: dt < z, lambda: d < dt, lambda: date.fromisoformat("2024-2-9"), lambda: datetime.strptime("x", "%Y"), lambda: datetime.strptime("2020 x", "%Y"), lambda: timedelta(10**10), lambda: timezone(timedelta(days=1)), lambda: timedelta(1) / 0, lambda: d + 1, lambda: date.fromordinal(0), lambda: dt.replace(hour=99), lambda: date("x"), lambda: timedelta("1"), lambda: datetime.fromtimestamp(1e20)):
    try:
        print(bad())
    except (ValueError, TypeError, OverflowError, ZeroDivisionError) as error:
        print(type(error).__name__, error)
