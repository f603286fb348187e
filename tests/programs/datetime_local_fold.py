# Local times that were shown twice, in the first day of the count too.
import os
import time
from datetime import datetime

# Summer ends on the first of January at noon.
os.environ["TZ"] = "AAA0BBB-1,J300,J1/12"
time.tzset()
for stamp in [36000, 37800, 41400, 45000, 946721400, 946724400 + 1800]:
    local = datetime.fromtimestamp(stamp)
    print(local, local.fold, local.timestamp() == stamp)
