class ConfigError(Exception):
    pass

def load(table, key):
    try:
        return table[key]
    except KeyError as error:
        raise ConfigError(f'no setting {key!r}') from error

try:
    load({}, 'x')
except ConfigError as error:
    print(type(error.__cause__), error.__suppress_context__)
load({'a': 1}, 'b')
