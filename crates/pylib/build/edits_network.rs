//! Edits that bring event loops, pools, network clients and archives to what programs see of CPython 3.14.8.
//!
//! Paths are those of `edits::EDITS`, and come after it.

use crate::edits::{Edit, all, cut, once};

pub const EDITS: &[(&str, &[Edit])] = &[
    (
        "asyncio/__main__.py",
        &[
            cut("    for key in {'__name__'", "    console = Async"),
            once(
                "    repl_locals = {'asyncio': asyncio}\n",
                "    repl_locals = dict(asyncio=asyncio, __name__=__name__, __package__=None, __loader__=__loader__, __spec__=None,
                       __builtins__=__builtins__)

",
            ),
        ],
    ),
    (
        "asyncio/base_events.py",
        &[
            once(
                "                self.close()\n                await self.wait_closed()\n            finally:",
                "                self.close()\n                self.close_clients()\n                await self.wait_closed()\n            finally:",
            ),
            cut("        sock.setblocking(False)\n\n        protocol = protocol_factory()\n        waiter", "        try:\n            await waiter\n"),
            once(
                "            server_hostname, server_side=False,
            ssl_handshake_timeout=None,
            ssl_shutdown_timeout=None):

        try:
            await waiter\n",
                CREATE_TRANSPORT,
            ),
        ],
    ),
    (
        "asyncio/base_subprocess.py",
        &[
            once("self._exit_waiters = []", "self._exit_waiters = set()"),
            once("        self._pipes_connected = False\n", ""),
            once("            self._pipes_connected = True\n", ""),
            once(
                "            self._check_proc()
            try:
                os.kill(",
                "            self._check_proc()
            if self._returncode is not None:
                return  # Its number may be another process's by now.
            try:
                os.kill(",
            ),
            once(
                "        except BaseException as exc:\n            if waiter is not None",
                "        except BaseException as exc:
            # What is connected, and what is not yet, would stay open.
            connected = [proto.pipe for proto in self._pipes.values() if proto is not None]
            own = [pipe for pipe in (proc.stdin, proc.stdout, proc.stderr) if pipe is not None]
            for pipe in connected + own:
                pipe.close()
            if waiter is not None",
            ),
            once(
                "        self._call(self._protocol.process_exited)

        self._try_finish()
",
                "        self._call(self._protocol.process_exited)

        self._try_finish()

        # Whoever waits for the process need not wait for its pipes.
        waiters, self._exit_waiters = self._exit_waiters, None
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(returncode)
",
            ),
            once(
                "        self._exit_waiters.append(waiter)
        return await waiter
",
                "        self._exit_waiters.add(waiter)
        try:
            return await waiter
        finally:
            if self._exit_waiters is not None:
                self._exit_waiters.discard(waiter)
",
            ),
            cut("        if not self._pipes_connected:\n", "        if all(p is not None"),
            cut("            # wake up futures waiting for wait()\n", "            self._loop = None\n            self._proc"),
        ],
    ),
    (
        "asyncio/graph.py",
        &[once(
            "            st.append(FrameCallGraphEntry(coro.cr_frame))
            coro = coro.cr_await",
            "            if (frame := coro.cr_frame) is not None:
                st.append(FrameCallGraphEntry(frame))
            coro = coro.cr_await",
        )],
    ),
    (
        "asyncio/proactor_events.py",
        &[
            once(
                "        self._eof_written = False\n        if self._server",
                "        self._eof_written = False\n        self._empty_waiter = None\n        if self._server",
            ),
            once(
                "    def __init__(self, *args, **kw):\n        super().__init__(*args, **kw)\n        self._empty_waiter = None\n\n    def write(",
                "    def write(",
            ),
        ],
    ),
    (
        "asyncio/selector_events.py",
        &[
            once(
                "    def _sock_accept(self, fut, sock):\n",
                "    def _sock_accept(self, fut, sock):\n        if fut.done():\n            return\n",
            ),
            all(
                "                if self._closing:
                    self._call_connection_lost(None)
                elif self._eof:",
                "                if self._closing and self._conn_lost == 0:
                    self._conn_lost = 1
                    self._call_connection_lost(None)
                elif self._eof:",
            ),
            once(
                "        self._buffer.extend([memoryview(data) for data in list_of_data])
        self._write_ready()\n",
                "        # What is empty is never sent, and would stay.
        self._buffer.extend(memoryview(data) for data in list_of_data if data)
        if not self._buffer:
            return
        self._write_ready()\n",
            ),
        ],
    ),
    (
        "asyncio/streams.py",
        &[
            once(
                "        self._over_ssl = transport.get_extra_info('sslcontext') is not None

    def connection_made",
                "        self._over_ssl = transport.get_extra_info('sslcontext') is not None
        if (reader := self._stream_reader) is not None:
            reader._replace_transport(transport)

    def connection_made",
            ),
            once(
                "            res = self._client_connected_cb(reader, writer)\n",
                "            try:
                res = self._client_connected_cb(reader, writer)
            except Exception as exc:
                context = dict(message='Unhandled exception in client_connected_cb', exception=exc, transport=transport)
                self._loop.call_exception_handler(context)
                transport.close()
                self._strong_reader = None
                return\n",
            ),
            once(
                "    def _maybe_resume_transport(self):\n",
                "    def _replace_transport(self, transport):
        assert self._transport is not None, 'Transport not set'
        self._transport = transport

    def _maybe_resume_transport(self):\n",
            ),
        ],
    ),
    (
        "asyncio/tasks.py",
        &[
            once(
                "            f.remove_done_callback(_on_completion)\n",
                "            f.remove_done_callback(_on_completion)
            futures.future_discard_from_awaited_by(f, cur_task)\n",
            ),
            once(
                "    fut.add_done_callback(cb)\n\n    try:\n        fut.cancel()",
                "    fut.add_done_callback(cb)

    # What is awaited below is the waiter.
    cur_task = current_task()
    futures.future_add_to_awaited_by(fut, cur_task)

    try:\n        fut.cancel()",
            ),
            once(
                "    finally:\n        fut.remove_done_callback(cb)\n",
                "    finally:\n        fut.remove_done_callback(cb)\n        futures.future_discard_from_awaited_by(fut, cur_task)\n",
            ),
            once(
                "        todo = {ensure_future(aw, loop=loop) for aw in set(aws)}\n",
                "        self._cur_task = current_task()\n        todo = {ensure_future(aw, loop=loop) for aw in set(aws)}\n",
            ),
            once(
                "            f.add_done_callback(self._handle_completion)\n",
                "            f.add_done_callback(self._handle_completion)\n            futures.future_add_to_awaited_by(f, self._cur_task)\n",
            ),
            once(
                "            f.remove_done_callback(self._handle_completion)\n",
                "            f.remove_done_callback(self._handle_completion)\n            futures.future_discard_from_awaited_by(f, self._cur_task)\n",
            ),
            once(
                "        self._todo.remove(f)\n",
                "        self._todo.remove(f)\n        futures.future_discard_from_awaited_by(f, self._cur_task)\n",
            ),
            once(
                "\ndef gather(*coros_or_futures",
                "\ndef _forget_waiter(children, waiter, _outer):
    for child in children:
        futures.future_discard_from_awaited_by(child, waiter)


def gather(*coros_or_futures",
            ),
            once(
                "    outer = _GatheringFuture(children, loop=loop)\n",
                "    outer = _GatheringFuture(children, loop=loop)
    if cur_task is not None:
        outer.add_done_callback(functools.partial(_forget_waiter, children, cur_task))\n",
            ),
            once(
                "            inner.add_done_callback(_log_on_exception)\n",
                "            inner.add_done_callback(_log_on_exception)
            if cur_task is not None:
                inner.remove_done_callback(_clear_awaited_by_callback)
                futures.future_discard_from_awaited_by(inner, cur_task)\n",
            ),
        ],
    ),
    (
        "asyncio/unix_events.py",
        &[
            once("            await transp._wait()\n", "            await tasks.shield(transp._wait())\n"),
            once(
                "        self.call_soon_threadsafe(transp._process_exited, returncode)\n",
                "        transp._process_exited(returncode)\n",
            ),
            once("        assert expected_pid > 0\n\n        try:\n            pid, status = os.waitpid", WAIT_FOR_CHILD),
            cut("\n        if loop.is_closed():\n            logger.warning(\"Loop %r that handles pid", "def can_use_pidfd"),
            once("def can_use_pidfd", "        return pid, returncode\n\n\ndef can_use_pidfd"),
        ],
    ),
    (
        "concurrent/futures/process.py",
        &[
            once("_MAX_WINDOWS_WORKERS = 63 - 2", "_MAX_WINDOWS_WORKERS = 64 - 3"),
            once("class _ExecutorManagerThread(threading.Thread):\n", SPAWN_WORKER),
            once(
                "        self.max_tasks_per_child = executor._max_tasks_per_child\n",
                "        self.max_tasks_per_child = executor._max_tasks_per_child

        # A number only: what keeps objects of the program here would keep the executor too.
        self.max_workers = executor._max_workers\n",
            ),
            cut("                if executor := self.executor_reference():\n                    if process_exited:", "                    del executor\n\n"),
            once(
                "                    del executor\n\n",
                "                if process_exited:
                    with self.shutdown_lock:
                        broken = self._replace_worker()
                    if broken is not None:
                        self.terminate_broken(*broken)
                        return
                elif executor := self.executor_reference():
                    executor._idle_worker_semaphore.release()
                    del executor\n\n",
            ),
            once("    def add_call_item_to_queue(self):\n", REPLACE_WORKER),
            once("    def _terminate_broken(self, cause):\n", "    def _terminate_broken(self, cause, message=None):\n"),
            once("    def terminate_broken(self, cause):\n", "    def terminate_broken(self, cause, message=None):\n"),
            once("            self._terminate_broken(cause)\n", "            self._terminate_broken(cause, message)\n"),
            cut("        # All pending tasks are to be marked failed with the following\n", "        # Mark pending tasks as failed.\n"),
            once(
                "        # Mark pending tasks as failed.\n",
                "        # Each pending task fails with an exception of its own: a shared one would collect tracebacks.
        if message is None:
            message = ('A process in the process pool was terminated '
                       'abruptly while the future was running or pending.')
",
            ),
            once(
                "        for work_id, work_item in self.pending_work_items.items():\n            try:\n",
                "        for work_id, work_item in self.pending_work_items.items():
            bpe = BrokenProcessPool(message)
            if cause is not None:
                bpe.__cause__ = _RemoteTraceback(\"\\n'''\\n\" + ''.join(cause) + \"'''\")
            try:\n",
            ),
            once(
                "        self._cancel_pending_futures = False\n\n        # _ThreadWakeup",
                "        self._cancel_pending_futures = False\n        self._force_shutting_down = False\n\n        # _ThreadWakeup",
            ),
            once(
                "        # if there's an idle process, we don't need to spawn a new one.\n",
                "        # A worker that starts while the others are being killed would go on.
        if self._force_shutting_down:
            return

        # if there's an idle process, we don't need to spawn a new one.\n",
            ),
            cut("            # Assertion disabled as this codepath", "            self._spawn_process()\n"),
            cut("        p = self._mp_context.Process(\n            target=_process_worker,\n            args=(self._call_queue,", "    def submit(self, fn"),
            once(
                "    def submit(self, fn",
                "        _spawn_worker(self, self._call_queue, self._result_queue, self._processes)

    def submit(self, fn",
            ),
            once(
                "            raise ValueError(f\"Unsupported operation: {operation!r}\")\n",
                "            raise ValueError(f\"Unsupported operation: {operation!r}\")

        # The manager replaces workers under this lock: from here on, it does not.
        with self._shutdown_lock:
            self._force_shutting_down = True\n",
            ),
        ],
    ),
    (
        "http/client.py",
        &[
            once("_MAXHEADERS = 100\n", "_MAXHEADERS = 100\n\n# So many responses with a status of 1xx may come before the one that counts.\n_MAXINTERIMRESPONSES = 100\n"),
            once(
                "        while True:
            version, status, reason = self._read_status()\n",
                "        for _ in range(_MAXINTERIMRESPONSES):
            version, status, reason = self._read_status()\n",
            ),
            once(
                "            del skipped_headers\n",
                "            del skipped_headers
        else:
            raise HTTPException(f\"got more than {_MAXINTERIMRESPONSES} interim responses\")\n",
            ),
            once(
                "        ### note: we shouldn't have any trailers!\n        while True:\n",
                "        ### note: we shouldn't have any trailers!\n        room = _MAXHEADERS\n        while True:\n",
            ),
            once(
                "            if line in (b'\\r\\n', b'\\n', b''):
                break

    def _get_chunk_left",
                "            if line in (b'\\r\\n', b'\\n', b''):
                break
            if not room:
                raise HTTPException(f\"got more than {_MAXHEADERS} trailers\")
            room -= 1

    def _get_chunk_left",
            ),
        ],
    ),
    (
        "http/server.py",
        &[
            once("            self.request_version = version\n\n        if not 2", "\n        if not 2"),
            once(
                "            except (ValueError, IndexError):\n                self.send_error(",
                "            except (ValueError, IndexError):\n                self.request_version = ''  # Answered with a status line.\n                self.send_error(",
            ),
            once(
                "            if version_number >= (1, 1) and",
                "            self.request_version = version\n            if version_number >= (1, 1) and",
            ),
            once(
                "        if not 2 <= len(words) <= 3:\n",
                "        if not 2 <= len(words) <= 3:\n            self.request_version = ''\n",
            ),
            once(
                "            if command != 'GET':\n",
                "            if command != 'GET':\n                self.request_version = ''\n",
            ),
        ],
    ),
    (
        "imaplib.py",
        &[
            once(
                "            raise self.error('invalid greeting: ' + greeting)

        self._refresh_capabilities()\n",
                "            raise self.error('invalid greeting: ' + greeting)

        self._refresh_capabilities(consume=True)\n",
            ),
            once("    def _refresh_capabilities(self):\n", "    def _refresh_capabilities(self, consume=False):\n"),
            once(
                "            dat = self.untagged_responses.pop('CAPABILITY')[-1]\n",
                "            dat = self.untagged_responses['CAPABILITY'][-1]
            if consume:  # Otherwise response() can still give it.
                self.untagged_responses.pop('CAPABILITY')\n",
            ),
        ],
    ),
    (
        "logging/__init__.py",
        &[
            once(
                "                self.stream = self._open()
        if self.stream:
            StreamHandler.emit",
                "                try:
                    self.stream = self._open()
                except Exception:
                    return self.handleError(record)
        if self.stream:
            StreamHandler.emit",
            ),
            once(
                "                self.handlers.remove(hdlr)\n",
                "                # A new list: others may be going through the old one.
                at = self.handlers.index(hdlr)
                self.handlers = self.handlers[:at] + self.handlers[at + 1:]\n",
            ),
        ],
    ),
    (
        "logging/config.py",
        &[
            once("import re\nimport struct\n", "import re\nimport socket\nimport struct\n"),
            once(
                "            ThreadingTCPServer.__init__(self, (host, port), handler)\n",
                "            # The host may have addresses of another family only.
            try:
                families = [info[0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
            except OSError:
                families = []  # For the server to report.
            if families and socket.AF_INET not in families:
                self.address_family = families[0]
            ThreadingTCPServer.__init__(self, (host, port), handler)\n",
            ),
            once(
                "            server = self.rcvr(port=self.port, handler=self.hdlr,
                               ready=self.ready,
                               verify=self.verify)\n",
                "            try:
                server = self.rcvr(port=self.port, handler=self.hdlr, ready=self.ready, verify=self.verify)
            except BaseException:
                self.ready.set()  # Nobody is to wait for a server that failed.
                raise\n",
            ),
        ],
    ),
    (
        "logging/handlers.py",
        &[once(
            "        self.reopenIfNeeded()
        logging.FileHandler.emit(self, record)\n",
            "        try:
            self.reopenIfNeeded()
        except Exception:
            return self.handleError(record)
        logging.FileHandler.emit(self, record)\n",
        )],
    ),
    (
        "multiprocessing/managers.py",
        &[
            once("def __init__(self, name, segment_names=[]):", "def __init__(self, name, segment_names=None):"),
            once("self.segment_names = segment_names\n", "self.segment_names = [] if segment_names is None else segment_names\n"),
        ],
    ),
    (
        "ssl.py",
        // What wrap_socket() refuses, wrap_bio() must refuse too.
        &[once(
            "        self = cls.__new__(cls)\n        sslobj = context._wrap_bio(",
            "        wrong = None
        if server_side and server_hostname:
            wrong = 'server_hostname can only be specified in client mode'
        elif server_side and session is not None:
            wrong = 'session can only be specified in client mode'
        elif context.check_hostname and not server_hostname:
            wrong = 'check_hostname requires server_hostname'
        if wrong is not None:
            raise ValueError(wrong)
        self = cls.__new__(cls)
        sslobj = context._wrap_bio(",
        )],
    ),
    (
        "tarfile.py",
        &[
            once(
                "    # Ensure we stay in the destination\n    target_path",
                "    # Ensure we stay in the destination, on the way as well: folders are made by the name.
    if '..' in name.replace(os.sep, '/').split('/'):
        shorter = os.path.normpath(name)
        if shorter != name:
            name = new_attrs['name'] = shorter
    target_path",
            ),
            once("            next._apply_pax_info(pax_headers, tarfile.encoding, tarfile.errors)\n            next.offset = self.offset\n", "            next._apply_pax_info(pax_headers, tarfile.encoding, tarfile.errors)\n"),
            once(
                "                offset = next.offset_data
                if next.isreg() or next.type not in SUPPORTED_TYPES:
                    offset += next._block(next.size)
                tarfile.offset = offset

        return next",
                "                # A sparse file's own size is another number.
                offset = next.offset + BLOCKSIZE
                if next.isreg() or next.type not in SUPPORTED_TYPES:
                    try:
                        stored = PAX_NUMBER_FIELDS['size'](pax_headers['size'])
                    except ValueError:
                        stored = 0
                    offset += next._block(stored)
                tarfile.offset = offset

            next.offset = self.offset

        return next",
            ),
            once(
                "                    os.link(tarinfo._link_target, targetpath)\n                    return",
                "                    # To the file itself: a symlink copied elsewhere may lead out.
                    os.link(os.path.realpath(tarinfo._link_target), targetpath)\n                    return",
            ),
        ],
    ),
    (
        "urllib/request.py",
        &[
            once("self.reduce_uri(u, default_port) for u in uri)", "self._reduce_uri_with_scheme(u, default_port) for u in uri)"),
            once(
                "            reduced_authuri = self.reduce_uri(authuri, default_port)\n            for uris,",
                "            reduced_authuri = self._reduce_uri_with_scheme(authuri, default_port)\n            for uris,",
            ),
            once(
                "                    if self.is_suburi(uri, reduced_authuri):\n                        return authinfo",
                "                    if self._is_suburi_with_scheme(uri, reduced_authuri):\n                        return authinfo",
            ),
            once("                reduced_uri = self.reduce_uri(u, default_port)\n", "                reduced_uri = self._reduce_uri_with_scheme(u, default_port)\n"),
            once(
                "            reduced_authuri = self.reduce_uri(authuri, default_port)\n            for uri in",
                "            reduced_authuri = self._reduce_uri_with_scheme(authuri, default_port)\n            for uri in",
            ),
            once(
                "                if self.is_suburi(uri, reduced_authuri):\n                    return self.authenticated",
                "                if self._is_suburi_with_scheme(uri, reduced_authuri):\n                    return self.authenticated",
            ),
            once(
                "    def is_suburi(self, base, test):\n",
                "    def _reduce_uri_with_scheme(self, uri, default_port=True):
        # (scheme or None, authority, path)
        scheme, authority, *_ = urlsplit(uri)
        return ((scheme if authority else None) or None, *self.reduce_uri(uri, default_port))

    def _is_suburi_with_scheme(self, base, test):
        schemes = {base[0], test[0]} - {None}
        return len(schemes) < 2 and self.is_suburi(base[1:], test[1:])

    def is_suburi(self, base, test):\n",
            ),
        ],
    ),
    (
        "zipfile/__init__.py",
        &[
            once(
                "    def decompress(self, data):
        if self._decomp is None:\n",
                "    @property
    def needs_input(self):
        # Until the header is whole there is nothing to ask.
        return self._decomp is None or self._decomp.needs_input

    def decompress(self, data, max_length=-1):
        if self._decomp is None:\n",
            ),
            once("        result = self._decomp.decompress(data)\n", "        result = self._decomp.decompress(data, max_length)\n"),
            once(
                "        else:
            data = self._read2(n)

        if self._compress_type == ZIP_STORED:",
                "        elif self._compress_type == ZIP_STORED or getattr(self._decompressor, 'needs_input', True):
            data = self._read2(n)
        else:
            data = b''  # The decompressor holds input that it has not used.

        if self._compress_type == ZIP_STORED:",
            ),
            once(
                "            data = self._decompressor.decompress(data)
            self._eof = self._decompressor.eof or self._compress_left <= 0\n",
                "            # A small file must not become one huge read.
            try:
                data = self._decompressor.decompress(data, max(n, self.MIN_READ_SIZE))
            except TypeError:  # A program's own decompressor may take no limit.
                data = self._decompressor.decompress(data)
            is_drained = getattr(self._decompressor, 'needs_input', True)
            self._eof = self._decompressor.eof or (self._compress_left <= 0 and is_drained)\n",
            ),
        ],
    ),
];

const CREATE_TRANSPORT: &str = "            server_hostname, server_side=False,
            ssl_handshake_timeout=None,
            ssl_shutdown_timeout=None):

        try:
            sock.setblocking(False)
            protocol = protocol_factory()
            waiter = self.create_future()
            if ssl:
                transport = self._make_ssl_transport(
                    sock, protocol, None if isinstance(ssl, bool) else ssl, waiter,
                    server_side=server_side, server_hostname=server_hostname,
                    ssl_handshake_timeout=ssl_handshake_timeout,
                    ssl_shutdown_timeout=ssl_shutdown_timeout)
            else:
                transport = self._make_socket_transport(sock, protocol, waiter)
        except:
            # No transport will close it.
            sock.close()
            raise

        try:
            await waiter
";

/// The child is reaped in the loop's thread, together with the news of its end, so that no signal goes to a number that is free again.
const WAIT_FOR_CHILD: &str = "        assert expected_pid > 0

        if not hasattr(os, 'waitid'):
            pid, returncode = self._reap(loop, expected_pid)
            if loop.is_closed():
                logger.warning(\"Loop %r that handles pid %r is closed\", loop, pid)
            else:
                loop.call_soon_threadsafe(callback, pid, returncode, *args)
            self._threads.pop(expected_pid)
            return

        try:
            os.waitid(os.P_PID, expected_pid, os.WEXITED | os.WNOWAIT)
        except ChildProcessError:
            pass
        is_told = False
        if not loop.is_closed():
            try:
                loop.call_soon_threadsafe(self._reap_and_notify, loop, expected_pid, callback, args)
                is_told = True
            except RuntimeError:
                pass  # Closed just now.
        if not is_told:
            pid, _ = self._reap(loop, expected_pid)
            logger.warning(\"Loop %r that handles pid %r is closed\", loop, pid)
        self._threads.pop(expected_pid)

    def _reap_and_notify(self, loop, expected_pid, callback, args):
        callback(*self._reap(loop, expected_pid), *args)

    def _reap(self, loop, expected_pid):
        try:
            pid, status = os.waitpid";

const SPAWN_WORKER: &str = "def _spawn_worker(executor, call_queue, result_queue, processes):
    # Starts a worker and notes it under its pid.
    worker = executor._mp_context.Process(
        target=_process_worker,
        args=(call_queue, result_queue, executor._initializer, executor._initargs, executor._max_tasks_per_child))
    worker.start()
    processes[worker.pid] = worker


class _ExecutorManagerThread(threading.Thread):
";

const REPLACE_WORKER: &str = "    def _replace_worker(self):
        # A worker has done its share of tasks and is gone. Starts another (under the shutdown lock); where there
        # is none left to do the work, the cause and the words with which it fails.
        assert self.shutdown_lock.locked()
        cause = words = None
        executor = self.executor_reference()
        if executor is None:
            words = ('The ProcessPoolExecutor was garbage collected with work pending after its last worker process '
                     'exited upon reaching max_tasks_per_child; the pending work can never be run.')
        elif executor._force_shutting_down:
            words = ('A worker process exited while the pool was being forcefully shut down; work that was still '
                     'enqueued will not be run.')
        elif ((self.pending_work_items or not self.is_shutting_down())
              and len(self.processes) < self.max_workers):
            # Whether workers are idle does not count: the semaphore may remember one that is gone.
            try:
                _spawn_worker(executor, self.call_queue, self.result_queue, self.processes)
            except Exception as error:
                cause = format_exception(error)
                words = ('A replacement worker process could not be started, leaving the pool without workers to run '
                         'the remaining work.')
        del executor
        if not self.processes and (self.pending_work_items or cause is not None):
            return cause, words
        return None

    def add_call_item_to_queue(self):
";
