import binascii

print(binascii.unhexlify("00ff"))
print(binascii.unhexlify("00fg"))
