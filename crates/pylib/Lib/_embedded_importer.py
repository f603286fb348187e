"""Imports from the library that is part of the executable.

The embedded library stands at one place of ``sys.path`` (its directory need not exist) and in the packages below it.
A path hook answers for these places with a finder that asks the native module ``_embedded``; everything else is left
to the finders behind it.
"""

import _frozen_importlib as _bootstrap
import _frozen_importlib_external as _external
import _embedded
import sys

_root = None
# Debuggers know the import system by the names of its modules.
__name__ = "importlib._embedded"


class EmbeddedSourceFileLoader(_external.SourceFileLoader):
    """Loads a module of the embedded library; its code was compiled when the executable was built."""

    # What loads the same module from the same place is equal.
    def __eq__(self, other):
        return type(other) in (EmbeddedSourceFileLoader, _external.SourceFileLoader) and self.__dict__ == other.__dict__

    def __hash__(self):
        return hash(self.name) ^ hash(self.path)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        _bootstrap._call_with_frames_removed(exec, self.get_code(module.__name__), module.__dict__)

    def get_code(self, fullname):
        return _embedded.code(self.name, self.path)

    def get_source(self, fullname):
        data = _embedded.read(_relative(self.path))
        if data is None:
            raise ImportError(f'no source of {fullname!r}', name=fullname, path=self.path)
        return _external.decode_source(data)

    def is_package(self, fullname):
        return _embedded.find(self.name)[0]

    def get_data(self, path):
        relative = _relative(path)
        data = None if relative is None else _embedded.read(relative)
        if data is None:
            return _external.FileLoader.get_data(self, path)
        return data

    def path_stats(self, path):
        raise OSError(f'{path!r} is in the executable')

    path_mtime = path_stats

    def get_resource_reader(self, name):
        from _embedded_resources import EmbeddedReader
        return EmbeddedReader(_relative(self.path.rpartition('/')[0]))


class EmbeddedFinder:
    """Finds the modules in one directory of the embedded library."""

    def __init__(self, path, package):
        self.path = path
        self._prefix = package
        self._files = None

    def find_spec(self, fullname, target=None):
        name = self._prefix + fullname.rpartition('.')[2]
        found = _embedded.find(name)
        if found is None:
            return self._find_file(fullname, target)
        is_package, relative = found
        location = f'{_root}/{relative}'
        spec = _bootstrap.ModuleSpec(fullname, EmbeddedSourceFileLoader(name, location), origin=location, is_package=is_package)
        spec.has_location = True
        if is_package:
            spec.submodule_search_locations.append(location.rpartition('/')[0])
        return spec

    def _find_file(self, fullname, target):
        """A module that only the directory has, where there is one."""
        if self._files is None:
            try:
                details = _external._get_supported_file_loaders()
                self._files = _external.FileFinder.path_hook(*details)(self.path)
            except ImportError:
                self._files = False
        return self._files.find_spec(fullname, target) if self._files else None

    def invalidate_caches(self):
        self._files = None

    def iter_modules(self, prefix=''):
        """For ``pkgutil.iter_modules``: names and whether they are packages."""
        modules = dict(_embedded.children(self._prefix))
        if self._files is None:
            self._find_file('', None)
        if self._files:
            from pkgutil import iter_importer_modules
            for name, is_package in iter_importer_modules(self._files):
                modules.setdefault(name, is_package)
        return [(prefix + name, modules[name]) for name in sorted(modules)]

    def __repr__(self):
        return f'{type(self).__name__}({self.path!r})'


def _relative(path):
    """The path below the library's directory, or None."""
    if path == _root:
        return ''
    if path.startswith(_root + '/'):
        return path[len(_root) + 1:]
    return None


def path_hook(path):
    relative = _relative(path)
    if relative is None:
        raise ImportError('not in the embedded library', path=path)
    if relative and _embedded.find(relative.replace('/', '.')) is None:
        raise ImportError('not a package of the embedded library', path=path)
    return EmbeddedFinder(path, relative.replace('/', '.') + '.' if relative else '')


def install():
    global _root
    _root = sys._stdlib_dir
    sys.path_hooks.insert(0, path_hook)
