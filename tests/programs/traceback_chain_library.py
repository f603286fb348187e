import json


class ConfigError(Exception):
    pass


def load(text):
    try:
        return text["config"]["port"]
    except (KeyError, TypeError) as error:
        raise ConfigError("no port in the configuration") from error


print(load({"config": {"port": 80}}))
print(load({"config": None}))
