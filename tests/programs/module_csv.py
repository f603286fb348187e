import csv
import io

rows = [["name", "note"], ["Ada", 'said "hi"'], ["Bob", "a,b"], ["Eve", "two\nlines"], ["", None], [1.5, -2]]
out = io.StringIO()
writer = csv.writer(out)
print([writer.writerow(row) for row in rows])
print(out.getvalue())
print(list(csv.reader(io.StringIO(out.getvalue()))))
for quoting in (csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC, csv.QUOTE_STRINGS, csv.QUOTE_NOTNULL):
    out = io.StringIO()
    csv.writer(out, quoting=quoting, delimiter=";", lineterminator="|").writerows(rows[1:])
    print(repr(out.getvalue()))
out = io.StringIO()
with_header = csv.DictWriter(out, ["a", "b"], restval="-", extrasaction="ignore")
with_header.writeheader()
with_header.writerows([{"a": 1}, {"a": 2, "b": 3, "c": 4}])
print(out.getvalue())
print(list(csv.DictReader(["a,b", "1,2,3", "4"], restkey="more", restval="none")))
csv.register_dialect("pipes", delimiter="|", escapechar="\\", quoting=csv.QUOTE_NONE)
print(list(csv.reader(["a|b\\|c"], "pipes")), csv.list_dialects())
print(csv.Sniffer().sniff("a;b;c\n1;2;3\n").delimiter, csv.Sniffer().has_header("name,age\nx,1\ny,2\n"))
print(list(csv.reader(["1, 2", '"3", x'], skipinitialspace=True, quoting=csv.QUOTE_NONNUMERIC)) if False else list(csv.reader(["1, 2"], skipinitialspace=True, quoting=csv.QUOTE_NONNUMERIC)))
for bad in (lambda: csv.writer(io.StringIO(), "pipes").writerow(["a\n" * 0 + "|", None]), lambda: list(csv.reader(['"a"b'], strict=True)), lambda: csv.reader([], delimiter="ab"), lambda: csv.get_dialect("x"), lambda: with_header.writer.writerow(5)):
    try:
        print(bad())
    except (csv.Error, TypeError) as error:
        print(type(error).__name__, error)
