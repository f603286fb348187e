from datetime import datetime, timezone

now = datetime(2024, 1, 1)
zoned = datetime(2024, 1, 1, tzinfo=timezone.utc)
print(now == zoned)
print(sorted([zoned, now]))
