from datetime import date, timedelta


def last_day(year, month):
    return date(year, month + 1, 1) - timedelta(days=1)


print(last_day(2024, 2))
print(last_day(2024, 12))
