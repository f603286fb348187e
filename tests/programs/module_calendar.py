import calendar

print(calendar.month(2024, 2))
print(calendar.TextCalendar(calendar.SUNDAY).formatmonth(2023, 10, w=3, l=1))
print(calendar.calendar(2025, m=4)[:400])
print(calendar.monthrange(2023, 2), calendar.isleap(1900), calendar.leapdays(1900, 2001), calendar.weekday(2024, 7, 14))
print([d.isoformat() for d in calendar.Calendar().itermonthdates(2024, 9)][:8])
print(calendar.Calendar(6).monthdayscalendar(2024, 2))
print(calendar.timegm((2024, 1, 2, 3, 4, 5)), list(calendar.day_abbr), calendar.month_name[1:4], calendar.Month.MARCH, calendar.Day(3))
print(calendar.HTMLCalendar().formatmonth(2024, 2)[:300])
for bad in (lambda: calendar.monthrange(2024, 13), lambda: calendar.setfirstweekday(9)):
    try:
        bad()
    except ValueError as error:
        print(type(error).__name__, error)
