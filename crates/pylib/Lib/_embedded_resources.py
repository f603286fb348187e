"""``importlib.resources`` over the embedded library."""

import _embedded
import contextlib
import io
from importlib.resources._common import as_file
from importlib.resources.abc import Traversable, TraversableResources


class EmbeddedPath(Traversable):
    """A file or directory of the embedded library, by its path relative to the library's directory."""

    def __init__(self, path):
        self._path = path

    @property
    def name(self):
        return self._path.rpartition('/')[2]

    def iterdir(self):
        for name in _embedded.listdir(self._path):
            yield EmbeddedPath(f'{self._path}/{name}')

    def is_dir(self):
        return bool(_embedded.listdir(self._path))

    def is_file(self):
        return _embedded.read(self._path) is not None

    def read_bytes(self):
        data = _embedded.read(self._path)
        if data is None:
            raise FileNotFoundError(self._path)
        return data

    def read_text(self, encoding=None, errors='strict'):
        with self.open('r', encoding=encoding, errors=errors) as stream:
            return stream.read()

    def joinpath(self, *parts):
        path = self._path
        for part in parts:
            for step in str(part).split('/'):
                if step and step != '.':
                    path = f'{path}/{step}' if path else step
        return EmbeddedPath(path)

    __truediv__ = joinpath

    def open(self, mode='r', *args, **kwargs):
        stream = io.BytesIO(self.read_bytes())
        if 'b' in mode:
            return stream
        return io.TextIOWrapper(stream, *args, **kwargs)


class EmbeddedReader(TraversableResources):
    def __init__(self, path):
        self._path = path

    def files(self):
        return EmbeddedPath(self._path)


@as_file.register(EmbeddedPath)
@contextlib.contextmanager
def _as_file(path):
    """A copy in the file system under the resource's own name: a wheel, for one, is known by it."""
    import pathlib
    import tempfile

    def copy(resource, target):
        if resource.is_dir():
            target.mkdir()
            for item in resource.iterdir():
                copy(item, target / item.name)
        else:
            target.write_bytes(resource.read_bytes())

    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder, path.name)
        copy(path, target)
        yield target
