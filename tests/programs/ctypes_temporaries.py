# What a pointer's target is reached by keeps the pointer, and that its target.
import gc
from ctypes import POINTER, Structure, c_int, pointer


class Pair(Structure):
    _fields_ = [("first", c_int), ("second", POINTER(c_int))]


values = [POINTER(c_int)(c_int(number)).contents for number in range(200)]
gc.collect()
print([value.value for value in values] == list(range(200)))
items = [POINTER(Pair)(Pair(number, pointer(c_int(-number))))[0] for number in range(200)]
gc.collect()
print(all(item.first == number and item.second[0] == -number for number, item in enumerate(items)))
for kind, wrong in ("c_char_p", 10), ("c_wchar_p", 10), ("c_void_p", 1.5):
    try:
        getattr(__import__("ctypes"), kind).from_param(wrong)
    except TypeError as error:
        print(error)
