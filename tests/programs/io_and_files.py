import io, os, tempfile, json
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, 'data.txt')
    with open(path, 'w', encoding='utf-8') as f:
        print(f.write('line one\nzwei\n'), f.writable(), f.readable())
        f.writelines(['drei\n', 'four'])
    with open(path, encoding='utf-8') as f:
        print(f.readline(), [line.rstrip() for line in f], f.read() == '')
    with open(path, 'rb') as f:
        print(f.read(4), f.tell(), f.seek(-4, 2), f.read(), f.seekable())
    with open(path, 'a+') as f:
        f.write('!'); f.seek(0); print(len(f.read()))
    print(os.path.getsize(path), os.listdir(folder), os.path.splitext(path)[1], os.path.exists(path + 'x'))
    try: open(path + 'x')
    except FileNotFoundError as e: print(e.errno, e.strerror, os.path.basename(e.filename))
    try: open(path, 'q')
    except ValueError as e: print(e)
    try: open(path, 'xb')
    except FileExistsError as e: print(type(e).__name__)
s = io.StringIO('a\nb\n'); print(s.readlines(), s.getvalue(), s.tell())
b = io.BytesIO(b'12345'); b.seek(2); b.write(b'XY'); print(b.getvalue(), b.read())
print(json.dumps({'a': [1, 2.5, None, True, 'é"']}, sort_keys=True), json.loads('{"k": [1, {"z": null}]}'), json.dumps([1, {'a': 2}], indent=1))
try: json.loads('{"a": }')
except json.JSONDecodeError as e: print(e)
try: f.read()
except ValueError as e: print(e)
