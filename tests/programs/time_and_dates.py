import datetime as dt, time, calendar
d = dt.datetime(2024, 2, 29, 13, 5, 7, 123456)
print(d, d.isoformat(), d.strftime('%Y/%m/%d %H:%M:%S.%f %j %a %B'), d.date(), d.time(), d.weekday(), d.replace(year=2023, day=1))
print(d + dt.timedelta(days=1, hours=-2), d - dt.datetime(2024, 1, 1), dt.timedelta(seconds=3661.5), -dt.timedelta(1, 2), dt.timedelta(days=5) / 2, divmod(dt.timedelta(10), dt.timedelta(3)))
u = d.replace(tzinfo=dt.timezone.utc); print(u, u.astimezone(dt.timezone(dt.timedelta(hours=5, minutes=30))), u.timestamp(), dt.datetime.fromtimestamp(0, dt.timezone.utc))
print(dt.date.fromisoformat('2024-12-31').isocalendar(), dt.datetime.fromisoformat('2011-11-04T00:05:23+04:00'), dt.datetime.strptime('21/11/06 16:30', '%d/%m/%y %H:%M'), repr(dt.time(1, 2, tzinfo=dt.timezone.utc)), dt.date.min, dt.datetime.max)
print(calendar.monthrange(2024, 2), calendar.isleap(1900), time.strftime('%Y', time.gmtime(0)), time.gmtime(86400)[:6])
for bad in (lambda: dt.date(2023, 2, 29), lambda: dt.timedelta(days=10 ** 10), lambda: d < u, lambda: dt.datetime.fromisoformat('x'), lambda: d + 1):
    try: bad()
    except Exception as e: print(type(e).__name__, e)
