b = b'hello \xff\x00'
print(b, b[0], b[1:3], b.hex(), bytes.fromhex('6869 21'), b.find(b'l'), b.upper(), b.split(b' '), b'a,b'.partition(b','), bytes(3), bytes([1, 2]), b'%d-%s' % (5, b'x'))
ba = bytearray(b'abc'); ba[0] = 90; ba += b'de'; ba.insert(1, 33); del ba[2]; print(ba, ba.pop(), ba.decode(), ba[::-1], bytes(ba) == ba)
m = memoryview(bytearray(range(6))); print(m[1:4].tolist(), m.nbytes, m.cast('B', [2, 3]).tolist(), bytes(m[::2])); m[0] = 9; print(m[0], m.readonly, m.format)
print('ünï'.encode('latin-1'), 'ü'.encode('utf-16-le'), b'\xff'.decode('latin-1'), b'\xff\xfe'.decode('utf-8', 'replace'), b'\xff'.decode('utf-8', 'backslashreplace'), 'é'.encode('ascii', 'xmlcharrefreplace'))
import struct, base64, zlib, hashlib, binascii
print(struct.pack('<IhB', 1, -2, 3), struct.unpack('>H', b'\x01\x02'), struct.calcsize('iq'), base64.b64encode(b'data'), zlib.crc32(b'x'), zlib.decompress(zlib.compress(b'abc' * 9)), hashlib.sha256(b'').hexdigest()[:16], binascii.hexlify(b'\x01'))
for bad in (lambda: b'a' + 'b', lambda: b'\xff'.decode(), lambda: 'é'.encode('ascii'), lambda: bytes([256]), lambda: bytearray(b'a').remove(9), lambda: b'ab'[5], lambda: struct.pack('B', 300), lambda: bytes('x'), lambda: memoryview(b'a')[0:1].cast('Q')):
    try: bad()
    except Exception as e: print(type(e).__name__, e)
