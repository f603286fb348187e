import ipaddress

net = ipaddress.ip_network("192.168.0.0/29")
print(net, net.num_addresses, net.netmask, net.broadcast_address, list(net.hosts()), list(net.subnets(new_prefix=30)), net.supernet())
print(ipaddress.ip_address("10.0.0.1") + 5, ipaddress.ip_address("::1").is_loopback, ipaddress.ip_address("2001:db8::1").exploded, ipaddress.ip_address("2001:0db8:0:0::1").compressed, int(ipaddress.ip_address("1.2.3.4")))
print(ipaddress.ip_address("192.168.0.3") in net, net.overlaps(ipaddress.ip_network("192.168.0.4/30")), ipaddress.ip_interface("10.1.2.3/8").network, ipaddress.ip_address("224.0.0.1").is_multicast, ipaddress.ip_address("10.0.0.1").is_private)
print(list(ipaddress.summarize_address_range(ipaddress.ip_address("10.0.0.0"), ipaddress.ip_address("10.0.0.5"))), list(ipaddress.collapse_addresses([ipaddress.ip_network("10.0.0.0/25"), ipaddress.ip_network("10.0.0.128/25")])))
print(list(ipaddress.ip_network("10.0.0.0/30").address_exclude(ipaddress.ip_network("10.0.0.1/32"))), ipaddress.ip_address("::ffff:1.2.3.4").ipv4_mapped, ipaddress.ip_address("1.2.3.4").reverse_pointer, f"{ipaddress.ip_address('1.2.3.4'):#b}")
print(sorted([ipaddress.ip_address("10.0.0.2"), ipaddress.ip_address("9.0.0.1")]), ipaddress.IPv4Address(b"\x01\x02\x03\x04"), ipaddress.ip_network("10.0.0.5/24", strict=False), ipaddress.v6_int_to_packed(1))
for bad in ("1.2.3", "1.2.3.256", "10.0.0.1/24", "::1::2", "1.2.3.04", "x", "10.0.0.0/33"):
    for make in (ipaddress.ip_address, ipaddress.ip_network):
        try:
            print(make(bad))
        except ValueError as error:
            print(type(error).__name__, error)
try:
    ipaddress.ip_address("1.2.3.4") < ipaddress.ip_address("::1")
except TypeError as error:
    print(error)
