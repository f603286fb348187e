"""TLS between threads over loopback, and over memory BIOs: certificates, names, sessions, callbacks, errors."""
import _ssl
import asyncio
import os
import socket
import ssl
import tempfile
import threading

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tls_certificates")
AUTHORITY, SERVER, OTHER, CLIENT = (os.path.join(HERE, name + ".pem") for name in ("authority", "server", "other", "client"))


def contexts(certificate=SERVER):
    client = ssl.create_default_context(cafile=AUTHORITY)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    return client, server


def shown(error):
    text = str(error)
    return f"{type(error).__name__}: {text[:text.rfind(' (_ssl.c')] if ' (_ssl.c' in text else text}"


def attempt(call, *args):
    try:
        print("  ", call(*args))
    except Exception as error:
        print("  ", shown(error), getattr(error, "reason", None), getattr(error, "library", None))


def threads(client_context, server_context, talk, host="localhost"):
    """Runs talk(connection) against a server that sends back what it gets, in capitals."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen = []

    def serve():
        connection, _ = listener.accept()
        try:
            with server_context.wrap_socket(connection, server_side=True) as connection:
                seen.append((connection.version(), connection.getpeercert()))
                while data := connection.recv(65536):
                    connection.sendall(data.upper())
        except (ssl.SSLError, OSError) as error:
            seen.append(shown(error))
            connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with socket.create_connection(listener.getsockname()) as raw:
            with client_context.wrap_socket(raw, server_hostname=host) as connection:
                talk(connection)
    finally:
        thread.join()
        listener.close()
    return seen


print("over sockets")
for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
    client, server = contexts()
    client.maximum_version = client.minimum_version = version

    def talk(connection):
        print("  ", connection.version(), connection.cipher()[1:], connection.server_hostname, connection.session_reused)
        certificate = connection.getpeercert()
        print("  ", certificate["subject"], certificate["notAfter"], certificate["subjectAltName"])
        connection.sendall(b"hello")
        print("  ", connection.recv(3), connection.pending(), connection.recv(100))
        big = b"abcdefgh" * 50_000
        sender = threading.Thread(target=connection.sendall, args=(big,))
        sender.start()
        got = bytearray()
        while len(got) < len(big):
            got += connection.recv(65536)
        sender.join()
        print("  ", len(got), got == big.upper())
        buffer = bytearray(4)
        connection.send(b"into")
        print("  ", connection.recv_into(buffer), buffer)
        connection.settimeout(0.01)
        attempt(connection.recv, 1)
        connection.setblocking(False)
        attempt(connection.recv, 1)
        connection.settimeout(None)

    print("  ", threads(client, server, talk)[0])

print("certificates that will not do")
client, server = contexts(OTHER)
attempt(threads, client, server, print)
client, server = contexts()
attempt(threads, client, server, print, "www.example.com")
print("  ", threads(client, server, lambda connection: print("  ", connection.version()), "www.example.org")[0][0])
print("  ", threads(client, server, lambda connection: print("  ", connection.version()), "127.0.0.1")[0][0])
attempt(threads, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), server, print)
try:
    threads(client, server, print, "x.invalid")
except ssl.SSLCertVerificationError as error:
    print("  ", error.verify_code, error.verify_message, isinstance(error, ValueError), error.errno)


def bios(client_context, server_context, host="localhost", **options):
    a, b = ssl.MemoryBIO(), ssl.MemoryBIO()
    return (client_context.wrap_bio(a, b, server_hostname=host, **options), server_context.wrap_bio(b, a, server_side=True))


def handshake(*sides):
    todo = list(sides)
    while todo:
        for side in todo[:]:
            try:
                side.do_handshake()
                todo.remove(side)
            except ssl.SSLWantReadError:
                pass


print("over memory")
client, server = contexts()
server.verify_mode = ssl.CERT_REQUIRED
server.load_verify_locations(AUTHORITY)
client.load_cert_chain(CLIENT)
client.set_alpn_protocols(["h2", "http/1.1"])
server.set_alpn_protocols(["http/1.1", "spdy/2"])
c, s = bios(client, server)
attempt(c.read)
attempt(c.getpeercert)
handshake(c, s)
print("  ", c.selected_alpn_protocol(), s.selected_alpn_protocol(), s.shared_ciphers()[0][0] == c.cipher()[0])
print("  ", s.getpeercert()["subjectAltName"], [certificate[:2] for certificate in c.get_verified_chain()])
print("  ", [certificate for certificate in c._sslobj.get_verified_chain()])
print("  ", c.write(b"data"), s.read(), c.pending())
session = c.session
s.write(b"x")
c.read()
session = c.session
print("  ", session.has_ticket, len(session.id), session.timeout)
c2, s2 = bios(client, server, session=session)
handshake(c2, s2)
print("  ", c2.session_reused, s2.session_reused, client.session_stats()["hits"])
attempt(lambda: setattr(c2, "session", session))
attempt(c.unwrap)
print("  ", s.read())
s.unwrap()
attempt(c.write, b"late")

listener = socket.create_server(("127.0.0.1", 0))
near = socket.create_connection(listener.getsockname())
far, _ = listener.accept()
listener.close()


def pour():
    with server_plain.wrap_socket(far, server_side=True) as connection:
        try:
            while True:
                connection.sendall(bytes(100_000))
        except ConnectionError as error:
            print("  ", "the reader is gone")


client_plain, server_plain = contexts()
thread = threading.Thread(target=pour)
thread.start()
near = client_plain.wrap_socket(near, server_hostname="localhost")
near.recv(10)
near.close()
thread.join()

print("names and messages")
client, server = contexts()
second = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
second.load_cert_chain(OTHER)


def choose(sock, name, context):
    print("  ", type(sock).__name__, name, context is server)
    if name == "refused.example.org":
        return ssl.ALERT_DESCRIPTION_ACCESS_DENIED
    if name == "other.example.net":
        sock.context = second


server.sni_callback = choose
for host in ("localhost", "other.example.net", "refused.example.org"):
    c, s = bios(client, server, host)
    attempt(lambda: handshake(c, s))
    if c.version():
        print("  ", c.getpeercert()["subject"][-1], s.context is second)
    else:
        attempt(c.do_handshake)
client.maximum_version = ssl.TLSVersion.TLSv1_2
messages = []
client._msg_callback = lambda connection, direction, version, content, message, data: messages.append((direction, version.name, content.name, message.name))
handshake(*bios(client, server))
print("  ", messages[0], messages[-1])
client._msg_callback = lambda *args: 1 / 0
attempt(lambda: handshake(*bios(client, server)))
with tempfile.TemporaryDirectory() as folder:
    client, server = contexts()
    client.keylog_filename = os.path.join(folder, "keys")
    handshake(*bios(client, server))
    with open(client.keylog_filename) as file:
        print("  ", sorted(line.split()[0] for line in file))

print("keys that both sides know")
client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
for context in (client, server):
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("PSK")
client.set_psk_client_callback(lambda hint: (print("  ", hint), ("me", b"secret"))[1])
server.set_psk_server_callback(lambda identity: (print("  ", identity), b"secret")[1], "a hint")
c, s = bios(client, server)
handshake(c, s)
print("  ", c.version(), c.getpeercert(True))

print("errors")
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
attempt(context.load_cert_chain, __file__)
attempt(context.load_cert_chain, os.path.join(HERE, "nothing.pem"))
attempt(context.load_cert_chain, CLIENT, SERVER)
attempt(context.load_verify_locations, None, None, "no certificate")
attempt(context.set_ciphers, "nonsense")
attempt(_ssl.txt2obj, "nonsense")
attempt(_ssl.nid2obj, 129)
attempt(ssl.MemoryBIO().write, "text")
c, s = bios(*contexts())
s._sslobj = None
bio = ssl.MemoryBIO()
bio.write(b"this is no TLS at all")
attempt(contexts()[1].wrap_bio(bio, ssl.MemoryBIO(), server_side=True).do_handshake)


async def main():
    client, server = contexts()

    async def answer(reader, writer):
        writer.write((await reader.readline()).upper())
        writer.close()

    listener = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=server)
    port = listener.sockets[0].getsockname()[1]

    async def ask(number):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname="localhost")
        writer.write(b"task %d\n" % number)
        line = await reader.readline()
        writer.close()
        await writer.wait_closed()
        return line

    print("  ", await asyncio.gather(*(ask(number) for number in range(5))))
    listener.close()
    await listener.wait_closed()


print("asyncio")
asyncio.run(main())
