import struct

for value in (0, 255, 256):
    print(struct.pack("B",
                      value))
