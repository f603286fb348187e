type Pair[T] = tuple[T, undefined_name]
print(Pair.__type_params__)
print(Pair.__value__)
