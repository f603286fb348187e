import warnings

warnings.simplefilter("error", DeprecationWarning)


def old():
    warnings.warn("use new() instead", DeprecationWarning)


old()
