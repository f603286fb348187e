# Sockets: addresses, connections, timeouts, options, messages with ancillary data, lookups of numbers.
import array
import os
import select
import socket
import struct
import tempfile
import threading


def show(label, function, *args, **kwargs):
    try:
        print(label, "->", function(*args, **kwargs))
    except Exception as e:
        print(label, "->", type(e).__name__, e)


# Stream sockets over the loopback.
server = socket.create_server(("127.0.0.1", 0))
host, port = server.getsockname()
print(host, port > 0, server.family, server.type, server.proto, server.gettimeout(), server.getblocking())
received = []


def serve():
    connection, address = server.accept()
    with connection:
        received.append((address[0], connection.getpeername() == address))
        while data := connection.recv(5):
            received.append(data)
            connection.sendall(data.upper())


thread = threading.Thread(target=serve)
thread.start()
with socket.create_connection((host, port), timeout=10) as client:
    print(client.gettimeout(), client.getpeername() == (host, port), client.send(b"hello"), client.recv(100))
    client.sendall(b"world")
    buffer = bytearray(10)
    print(client.recv_into(buffer), buffer)
    client.shutdown(socket.SHUT_WR)
    print(client.recv(10))
thread.join()
print(received)
show("closed", client.recv, 1)
print(client.fileno(), client._closed)
server.settimeout(0.02)
show("accept", server.accept)
server.setblocking(False)
show("accept", server.accept)
server.close()
with socket.socket() as s:
    show("refused", s.connect, (host, port))
    print(s.connect_ex((host, port)) != 0)

# Pairs.
a, b = socket.socketpair()
print(a.family.name, a.type.name, repr(a.getsockname()), a.sendmsg([b"ab", bytearray(b"cd")]), b.recvfrom(10))
a.settimeout(0.02)
show("timeout", a.recv, 1)
a.setblocking(False)
show("blocking", a.recv, 1)
a.setblocking(True)
show("negative", a.recv, -1)
show("too small", a.recv_into, bytearray(2), 5)
show("read-only", a.recv_into, b"abc")
show("str", a.send, "text")
show("str", a.sendall, "text")
read_end, write_end = os.pipe()
a.sendmsg([b"fd"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [write_end]))])
data, ancillary, flags, address = b.recvmsg(10, socket.CMSG_SPACE(4))
level, kind, content = ancillary[0]
copy = struct.unpack("i", content)[0]
print(data, level == socket.SOL_SOCKET, kind == socket.SCM_RIGHTS, flags, address)
os.write(copy, b"through the copy")
print(os.read(read_end, 100))
for fd in (read_end, write_end, copy):
    os.close(fd)
a.send(b"0123456789")
parts = [bytearray(3), bytearray(4)]
print(b.recvmsg_into(parts), parts, b.recv(10, socket.MSG_PEEK), b.recv(10))
show("ancillary", a.sendmsg, [b"x"], [(1, 2)])
show("buffers", a.sendmsg, 5)
print(select.select([b], [b], [], 0)[0], a.fileno() > 0, a.detach() > 0, a.fileno())
b.close()

# Datagrams and Unix sockets.
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as two:
    one.bind(("", 0))
    two.bind(("127.0.0.1", 0))
    target = ("127.0.0.1", one.getsockname()[1])
    print(two.sendto(b"datagram", target), two.sendto(b"flags", 0, target))
    data, address = one.recvfrom(100)
    print(data, address == two.getsockname())
    buffer = bytearray(20)
    print(one.recvfrom_into(buffer)[0], buffer[:5])
    show("address", two.sendto, b"x", 5)
    show("arguments", two.sendto, b"x")
with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
    path = os.path.join(directory, "s")
    server.bind(path)
    server.listen()
    client.connect(path)
    connection, address = server.accept()
    print(server.getsockname() == path, repr(address), client.getpeername() == path)
    connection.close()
with socket.socket(socket.AF_UNIX) as s:
    s.bind(b"\0taipan-test-abstract")
    print(s.getsockname())
    show("long", s.connect, "x" * 200)
    show("missing", s.connect, "/nonexistent/socket")

# Addresses.
with socket.socket() as s:
    for address in [5, "a", ("a",), (5, 5), ("127.0.0.1", "a"), ("127.0.0.1", 70000), ("127.0.0.1", -1), ("a\0b", 1)]:
        show(address, s.bind, address)
    print(s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1), s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR))
    print(s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 4), s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) == socket.SOCK_STREAM)
    print(s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 2)), s.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8))
    show("option", s.setsockopt, 1, 2, "text")
    show("option", s.setsockopt, 1)
    show("option", s.getsockopt, socket.SOL_SOCKET, socket.SO_TYPE, 5000)
    show("timeout", s.settimeout, -1)
    show("timeout", s.settimeout, "x")
    show("peer", s.getpeername)
show("family", socket.socket, 99)
show("fileno", socket.socket, fileno=-1)
print(socket.inet_aton("127.1"), socket.inet_ntoa(b"\x01\x02\x03\x04"), socket.inet_pton(socket.AF_INET6, "::ffff:1.2.3.4"), socket.inet_ntop(socket.AF_INET6, bytes(15) + b"\1"))
for function, argument in [(socket.inet_aton, "x"), (socket.inet_ntoa, b"abc"), (socket.htons, -1), (socket.htons, 1 << 16), (socket.htonl, 1 << 32), (socket.htonl, "x")]:
    show(function.__name__, function, argument)
show("inet_pton", socket.inet_pton, socket.AF_INET, "1.2.3")
show("inet_ntop", socket.inet_ntop, socket.AF_INET6, b"abc")
print(socket.htons(1), socket.ntohs(256), socket.htonl(1), socket.ntohl(1 << 24), socket.CMSG_LEN(4), socket.CMSG_SPACE(5))
print(socket.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM))
print(socket.getaddrinfo("::1", "80", socket.AF_INET6, socket.SOCK_DGRAM, 0, socket.AI_NUMERICHOST | socket.AI_NUMERICSERV))
print(socket.getaddrinfo(None, 0, socket.AF_INET, socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][4])
show("getaddrinfo", socket.getaddrinfo, 5, 80)
show("getaddrinfo", socket.getaddrinfo, "127.0.0.1", 1.5)
show("getaddrinfo", socket.getaddrinfo, "x.y", 80, flags=socket.AI_NUMERICHOST)
print(socket.getnameinfo(("127.0.0.1", 80), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV), socket.gethostbyname("127.0.0.1"))
show("getnameinfo", socket.getnameinfo, ("127.0.0.1",), 0)
show("getnameinfo", socket.getnameinfo, 5, 0)
print(socket.getdefaulttimeout(), socket.setdefaulttimeout(2.5), socket.getdefaulttimeout(), socket.socket().gettimeout())
socket.setdefaulttimeout(None)
print(socket.gaierror.__mro__[1:3], socket.timeout is TimeoutError, socket.error is OSError, socket.has_ipv6)
print(socket.if_nametoindex("lo"), socket.if_indextoname(1), socket.if_nameindex()[0])
show("interface", socket.if_nametoindex, "no-such-interface")
