"""sqlite3: statements, transactions, types, callbacks, blobs, copies, and what goes wrong."""
import gc
import sqlite3
import sys
import threading


def attempt(what, *args, **kwargs):
    try:
        print("gives", what(*args, **kwargs))
    except Exception as exc:
        print(type(exc).__name__, "|", exc, "|", getattr(exc, "sqlite_errorname", "-"))


con = sqlite3.connect(":memory:")
cur = con.cursor()
cur.execute("create table t(id integer primary key, name text, data blob, x real)")
cur.executemany("insert into t(name, data, x) values(?, ?, ?)", [("a", b"\0\1", 1.5), ("ä", bytearray(b""), None), (None, memoryview(b"xy"), 2)])
print(cur.rowcount, cur.lastrowid, con.in_transaction, con.total_changes)
con.commit()
print(con.in_transaction, cur.execute("select * from t").fetchall(), cur.description)
print([tuple(row) for row in con.execute("select name from t where id > :low", {"low": 1})])
con.row_factory = sqlite3.Row
row = con.execute("select id, name as Name, x from t").fetchone()
print(row.keys(), row["NAME"], row[-1], len(row), tuple(row), row[1:])
attempt(lambda: row["nope"])
con.row_factory = None

# Transactions.
with con:
    con.execute("insert into t(name) values('in')")
try:
    with con:
        con.execute("delete from t")
        raise KeyError("undo")
except KeyError:
    print("kept", con.execute("select count(*) from t").fetchone())
manual = sqlite3.connect(":memory:", autocommit=False)
print(manual.autocommit, manual.in_transaction)
manual.rollback()
manual.autocommit = True
print(manual.autocommit, manual.in_transaction)
manual.close()

# Functions.
con.create_function("twice", 1, lambda value: value * 2, deterministic=True)
print(con.execute("select twice(21), twice('ab'), twice(?)", (2.5,)).fetchone())


class Mean:
    def __init__(self):
        self.values = []

    def step(self, value):
        self.values.append(value)

    def inverse(self, value):
        self.values.remove(value)

    def value(self):
        return sum(self.values) / len(self.values)

    finalize = value


con.create_aggregate("mean", 1, Mean)
print(con.execute("select mean(id) from t").fetchone())
con.create_window_function("wmean", 1, Mean)
print(con.execute("select wmean(id) over (order by id rows between 1 preceding and 1 following) from t").fetchall())
con.create_collation("backward", lambda a, b: (a < b) - (a > b))
print(con.execute("select name from t where name is not null order by name collate backward").fetchall())
con.create_function("fails", 0, lambda: 1 / 0)
attempt(con.execute, "select fails()")
sys.unraisablehook = lambda args: print("unraisable:", args.exc_value, args.err_msg.split(" at ")[0], args.object)
sqlite3.enable_callback_tracebacks(True)
attempt(con.execute, "select fails()")
sqlite3.enable_callback_tracebacks(False)

# Hooks.
seen = []
con.set_trace_callback(seen.append)
con.execute("select ?", (7,)).fetchall()
con.set_trace_callback(None)
print(seen)
con.set_authorizer(lambda action, *rest: sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_DELETE else sqlite3.SQLITE_OK)
attempt(con.execute, "delete from t")
con.set_authorizer(None)
con.set_progress_handler(lambda: True, 1)
attempt(con.execute, "select count(*) from t, t, t")
con.set_progress_handler(None, 0)

# Types.
sqlite3.register_adapter(complex, lambda value: f"{value.real};{value.imag}")
sqlite3.register_converter("complex", lambda data: complex(*map(float, data.split(b";"))))
typed = sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES)
typed.execute("create table c(z complex)")
typed.execute("insert into c values(?)", (1 + 2j,))
print(typed.execute("select z, z as 'again [complex]' from c").fetchone())
typed.text_factory = bytes
print(typed.execute("select 'text', 1, x'00ff', 2.5, null").fetchone())
typed.text_factory = lambda data: data.decode().upper()
print(typed.execute("select 'text'").fetchone())
typed.close()

# Blobs, copies, limits, options.
with con.blobopen("t", "data", 1) as blob:
    blob[0] = 65
    blob.seek(1)
    blob.write(b"B")
    print(len(blob), blob[:], blob.tell())
    attempt(blob.write, b"more")
copy = sqlite3.connect(":memory:")
print(con.in_transaction)
con.commit()
con.backup(copy, pages=1, progress=lambda status, left, total: None)
print(copy.execute("select name from t").fetchall() == con.execute("select name from t").fetchall())
other = sqlite3.connect(":memory:")
other.deserialize(copy.serialize())
print(list(other.iterdump())[2:4])
old = con.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, 20)
attempt(con.execute, "select 'a longer statement'")
con.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, old)
print(con.getconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_FKEY), con.execute("pragma foreign_keys").fetchone())
con.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_FKEY)
print(con.getconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_FKEY))

# What goes wrong.
for statement, parameters in [
    ("select", ()), ("select 1; select 2", ()), ("select ?", ()), ("select :a", {}), ("select ?", (object(),)), ("select ?", (1 << 63,)),
    ("insert into t(id) values(1)", ()), ("select * from missing", ()), ("select ?", 5), ("select '\0'", ()), ("select :a", (1,)),
]:
    attempt(con.execute, statement, parameters)
recursive = con.cursor()
con.create_function("again", 0, lambda: recursive.execute("select 1"))
attempt(recursive.execute, "select again()")


def commit_in_thread():
    try:
        con.commit()
    except sqlite3.ProgrammingError as exc:
        print(str(exc).split(". The object")[0])


thread = threading.Thread(target=commit_in_thread)
thread.start()
thread.join()

# Threads that take turns on one connection.
shared = sqlite3.connect(":memory:", check_same_thread=False)
shared.create_function("plus", 2, lambda a, b: a + b)
shared.execute("create table n(v)")
turn = threading.Lock()


def work(start):
    for v in range(start, start + 50):
        with turn:
            shared.execute("insert into n values(plus(?, 0))", (v,))
            shared.execute("select sum(plus(v, 1)) from n").fetchall()


workers = [threading.Thread(target=work, args=(n * 50,)) for n in range(4)]
[w.start() for w in workers]
[w.join() for w in workers]
print(shared.execute("select count(*), sum(v) from n").fetchone())

con.close()
attempt(con.execute, "select 1")
attempt(next, cur)
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    left = sqlite3.connect(":memory:")
    del left
    gc.collect()
print([str(w.message).split(" at ")[0] for w in caught])
for connection in (copy, other, shared):
    connection.close()
