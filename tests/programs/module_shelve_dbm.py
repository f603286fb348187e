import dbm.dumb
import os
import shelve
import tempfile

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "store")
    with dbm.dumb.open(path, "c") as db:
        db["k"] = "v"
        db[b"bytes"] = b"\x00\x01"
        print(sorted(db.keys()), db["k"], db.get("no"), "k" in db, len(db))
    with shelve.Shelf(dbm.dumb.open(os.path.join(folder, "shelf"), "c"), writeback=True) as shelf:
        shelf["list"] = [1, 2]
        shelf["list"].append(3)
        shelf["dict"] = {"a": (1, None)}
        shelf["gone"] = 1
        del shelf["gone"]
    with shelve.Shelf(dbm.dumb.open(os.path.join(folder, "shelf"), "r")) as shelf:
        print(sorted(shelf.items()), shelf.get("x", "default"))
    for bad in (lambda: shelf["list"], lambda: dbm.dumb.open(path, "r")["none"], lambda: dbm.dumb.open(path, "z"), lambda: dbm.dumb.open(path, "r").__setitem__("a", "b")):
        try:
            bad()
        except (ValueError, KeyError, OSError) as error:
            print(type(error).__name__, error)
    print(dbm.whichdb(path), sorted(os.listdir(folder)))
