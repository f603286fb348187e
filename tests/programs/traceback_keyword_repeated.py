def connect(host, *, port=80):
    return host, port


options = {"port": 8080}
print(connect("a", **options))
connect("a", port=1, **options)
