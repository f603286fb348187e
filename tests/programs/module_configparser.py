import configparser
import io

TEXT = """
[DEFAULT]
home = /home/%(user)s
user = nobody

# A comment
[server]
host: localhost
port = 8080
debug = yes
paths =
    /a
    /b

[client]
user = ada
url = http://${server:host}/
empty
"""
config = configparser.ConfigParser(allow_no_value=True)
config.read_string(TEXT)
print(config.sections(), dict(config["DEFAULT"]), config["server"]["home"])
server = config["server"]
print(server.getint("port"), server.getboolean("debug"), server.get("none", "fallback"), server["paths"].split(), config["client"]["empty"])
print("port" in server, config.has_option("client", "host"), config.get("client", "home"), config.get("client", "home", raw=True), sorted(server))
config["new"] = {"a": "1", "b": "%%"}
config.set("new", "c", "x")
config.remove_option("server", "paths")
config.remove_section("client")
out = io.StringIO()
config.write(out)
print(out.getvalue())
extended = configparser.ConfigParser(interpolation=configparser.ExtendedInterpolation(), allow_no_value=True)
extended.read_string(TEXT)
print(extended["client"]["url"])
for text in ("[a]\nx = 1\nx = 2\n", "x = 1\n", "[a]\n[a]\n", "[a\n", "[s]\nx = %(y)s\n"):
    try:
        parser = configparser.ConfigParser()
        parser.read_string(text)
        parser.get("s", "x")
    except configparser.Error as error:
        print(type(error).__name__, str(error).replace("\n", " | "))
