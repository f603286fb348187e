//! What a connection does with its database as a whole: functions, hooks, extensions, copies, limits and options.

use super::*;

#[macros::pymethods(DATABASE_METHODS)]
impl Connection {
    // Keywords that will go say so: these methods unpack their arguments by hand.

    /// create_function($self, /, name, narg, func, *, deterministic=False)
    /// --
    ///
    /// Create a function of SQL.
    ///
    /// Note: to pass 'name', 'narg' and 'func' by keyword is deprecated; they
    /// will become positional-only in Python 3.15.
    #[method("create_function($self, *args, **kwargs)", nosig)]
    fn create_function(&self, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<()> {
        const WORDS: &str = "s 'name', 'narg' and 'func' to _sqlite3.Connection.create_function() is deprecated. \
                             Parameters 'name', 'narg' and 'func' will become positional-only in Python 3.15.";
        let given = unpack("create_function", &["name", "narg", "func", "deterministic"], 3, 3, args, kwargs, (3, WORDS))?;
        let given = |at: usize| given.get(at).and_then(|value| value.as_deref()).unwrap_or(none());
        let name = <&str>::from_arg(given(0), &ArgContext { function: "create_function", name: "name", position: 1 })?;
        let narg = i32::from_arg(given(1), &ArgContext { function: "create_function", name: "narg", position: 2 })?;
        let deterministic = object::is_true(given(3))?;
        let db = self.set_option_of_function("narg", narg)?;
        let code = db.define_function(&library::c_string(name), narg, Kind::Function { deterministic }, callable_or_none(given(2)));
        if code == SQLITE_OK { Ok(()) } else { Err(failed!(OPERATIONAL_ERROR, "Error creating function")) }
    }
    /// create_aggregate($self, /, name, n_arg, aggregate_class)
    /// --
    ///
    /// Create an aggregate function of SQL.
    ///
    /// Note: to pass 'name', 'n_arg' and 'aggregate_class' by keyword is
    /// deprecated; they will become positional-only in Python 3.15.
    #[method("create_aggregate($self, *args, **kwargs)", nosig)]
    fn create_aggregate(&self, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<()> {
        const WORDS: &str = "s 'name', 'n_arg' and 'aggregate_class' to _sqlite3.Connection.create_aggregate() is deprecated. \
                             Parameters 'name', 'n_arg' and 'aggregate_class' will become positional-only in Python 3.15.";
        let given = unpack("create_aggregate", &["name", "n_arg", "aggregate_class"], 3, 3, args, kwargs, (3, WORDS))?;
        let given = |at: usize| given.get(at).and_then(|value| value.as_deref()).unwrap_or(none());
        let name = <&str>::from_arg(given(0), &ArgContext { function: "create_aggregate", name: "name", position: 1 })?;
        let n_arg = i32::from_arg(given(1), &ArgContext { function: "create_aggregate", name: "n_arg", position: 2 })?;
        let db = self.set_option_of_function("n_arg", n_arg)?;
        let code = db.define_function(&library::c_string(name), n_arg, Kind::Aggregate, callable_or_none(given(2)));
        if code == SQLITE_OK { Ok(()) } else { Err(failed!(OPERATIONAL_ERROR, "Error creating aggregate")) }
    }
    /// Create an aggregate function of SQL that can be used over windows.
    ///
    ///   name
    ///     What SQL calls it.
    ///   num_params
    ///     How many arguments step() and inverse() take.
    ///   aggregate_class
    ///     A class with the methods step(), finalize(), value() and inverse(),
    ///     or None to take the function away.
    #[method("create_window_function($self, name, num_params, aggregate_class, /)")]
    fn create_window_function(&self, name: &str, num_params: i32, aggregate_class: &Object) -> PyResult<()> {
        let db = self.set_option_of_function("num_params", num_params)?;
        let code = db.define_function(&library::c_string(name), num_params, Kind::Window, callable_or_none(aggregate_class));
        if code == SQLITE_OK { Ok(()) } else { Err(failure::of_code(code)) }
    }
    /// Create a collation, or take it away (None).
    #[method("create_collation($self, name, callback, /)")]
    fn create_collation(&self, name: &str, callback: &Object) -> PyResult<()> {
        let db = self.checked()?;
        let callback = callable_or_none(callback);
        if callback.is_some_and(|callback| !object::is_callable(callback)) {
            return Err(err!(TypeError, "parameter must be callable"));
        }
        if db.define_collation(&library::c_string(name), callback) == SQLITE_OK { Ok(()) } else { Err(failure::of_database(&db)) }
    }
    /// set_authorizer($self, /, authorizer_callback)
    /// --
    ///
    /// Set what is asked whether a statement may do what it does.
    ///
    /// Note: to pass 'authorizer_callback' by keyword is deprecated; it will
    /// become positional-only in Python 3.15.
    #[method("set_authorizer($self, *args, **kwargs)", nosig)]
    fn set_authorizer(&self, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<()> {
        const WORDS: &str = " 'authorizer_callback' to _sqlite3.Connection.set_authorizer() is deprecated. \
                             Parameter 'authorizer_callback' will become positional-only in Python 3.15.";
        let given = unpack("set_authorizer", &["authorizer_callback"], 1, 1, args, kwargs, (1, WORDS))?;
        let callback = given.into_iter().next().flatten().filter(|callback| !callback.is_none());
        let db = self.checked()?;
        if db.set_authorizer(callback.as_deref()) != SQLITE_OK {
            return Err(failed!(OPERATIONAL_ERROR, "Error setting authorizer callback"));
        }
        drop(self.authorizer.replace(callback));
        Ok(())
    }
    /// set_progress_handler($self, /, progress_handler, n)
    /// --
    ///
    /// Set what is called while a statement runs.
    ///
    ///   progress_handler
    ///     Takes no arguments. If it returns a true value, the statement ends
    ///     with an exception.
    ///   n
    ///     After how many instructions of SQLite's virtual machine.
    ///
    /// With None, or if 'n' is 0, nothing is called any more.
    ///
    /// Note: to pass 'progress_handler' by keyword is deprecated; it will
    /// become positional-only in Python 3.15.
    #[method("set_progress_handler($self, *args, **kwargs)", nosig)]
    fn set_progress_handler(&self, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<()> {
        const WORDS: &str = " 'progress_handler' to _sqlite3.Connection.set_progress_handler() is deprecated. \
                             Parameter 'progress_handler' will become positional-only in Python 3.15.";
        let given = unpack("set_progress_handler", &["progress_handler", "n"], 2, 2, args, kwargs, (1, WORDS))?;
        let mut given = given.into_iter();
        let handler = given.next().flatten().filter(|handler| !handler.is_none());
        let n = given.next().flatten().ok_or_else(errors::bad_internal_call)?;
        let n = i32::from_arg(&n, &ArgContext { function: "set_progress_handler", name: "n", position: 2 })?;
        self.checked()?.set_progress_handler(handler.as_deref(), n);
        drop(self.progress_handler.replace(handler));
        Ok(())
    }
    /// set_trace_callback($self, /, trace_callback)
    /// --
    ///
    /// Set what is called with the text of each statement that is run.
    ///
    /// Note: to pass 'trace_callback' by keyword is deprecated; it will become
    /// positional-only in Python 3.15.
    #[method("set_trace_callback($self, *args, **kwargs)", nosig)]
    fn set_trace_callback(&self, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<()> {
        const WORDS: &str = " 'trace_callback' to _sqlite3.Connection.set_trace_callback() is deprecated. \
                             Parameter 'trace_callback' will become positional-only in Python 3.15.";
        let given = unpack("set_trace_callback", &["trace_callback"], 1, 1, args, kwargs, (1, WORDS))?;
        let callback = given.into_iter().next().flatten().filter(|callback| !callback.is_none());
        self.checked()?.set_trace(callback.as_deref());
        drop(self.trace_callback.replace(callback));
        Ok(())
    }
    /// Allow or forbid loading extensions of SQLite.
    #[method("enable_load_extension($self, enable, /)")]
    fn enable_load_extension(&self, enable: bool) -> PyResult<()> {
        runtime::audit::audit("sqlite3.enable_load_extension", &[self.as_object(), if enable { true_() } else { false_() }])?;
        if self.checked()?.enable_load_extension(enable) == SQLITE_OK { Ok(()) } else { Err(failed!(OPERATIONAL_ERROR, "Error enabling load extension")) }
    }
    /// Load an extension of SQLite.
    #[method("load_extension($self, name, /, *, entrypoint=None)")]
    fn load_extension(&self, name: &str, entrypoint: Option<&str>) -> PyResult<()> {
        runtime::audit::audit("sqlite3.load_extension", &[self.as_object(), &*Str::new(name)])?;
        let db = self.checked()?;
        let entry_point = entrypoint.map(library::c_string);
        db.load_extension(&library::c_string(name), entry_point.as_deref()).map_err(|words| failed!(OPERATIONAL_ERROR, "{words}"))
    }
    /// Copy the database into another connection's.
    #[method("backup($self, /, target, *, pages=-1, progress=None, name='main',\n       sleep=0.25)")]
    fn backup(&self, target: &Connection, pages: i32, progress: Option<&Object>, name: Option<&str>, sleep: f64) -> PyResult<()> {
        let source = self.checked()?;
        let into = target.database()?;
        if std::ptr::eq(self, target) {
            return Err(err!(ValueError, "target cannot be the same connection instance"));
        }
        if progress.is_some_and(|progress| !object::is_callable(progress)) {
            return Err(err!(TypeError, "progress argument must be a callable"));
        }
        let Some(backup) = into.backup(&source, &library::c_string(name.unwrap_or("main"))) else {
            return Err(failure::of_database(&into));
        };
        loop {
            let code = backup.step(if pages == 0 { -1 } else { pages });
            if let Some(progress) = progress {
                let (remaining, total) = backup.progress();
                let args = [code, remaining, total].map(|number| Int::from_i64(number as i64).into_object());
                call::call(progress, &Tuple::from_vec(args.into()), None)?;
            }
            match code {
                SQLITE_BUSY | SQLITE_LOCKED => library::sleep((sleep * 1000.0) as i32),
                SQLITE_OK => {}
                _ => break,
            }
        }
        if backup.finish() == SQLITE_OK { Ok(()) } else { Err(failure::of_database(&into)) }
    }
    /// Open a blob.
    ///
    ///   table
    ///     The table's name.
    ///   column
    ///     The column's name.
    ///   rowid
    ///     The row's number.
    ///   readonly
    ///     Whether it cannot be written to.
    ///   name
    ///     The database's name.
    #[method("blobopen($self, table, column, rowid, /, *, readonly=False, name='main')")]
    fn blobopen(&self, table: &str, column: &str, rowid: &Object, readonly: bool, name: Option<&str>) -> PyResult<Owned<Blob>> {
        let Some(rowid) = rowid.downcast::<Int>() else { return Err(err!(TypeError, "expected 'int'")) };
        let rowid = to_integer(rowid)?;
        let db = self.checked()?;
        let [name, table, column] = [name.unwrap_or("main"), table, column].map(library::c_string);
        let Some(raw) = db.open_blob(&name, &table, &column, rowid, !readonly) else {
            return Err(failure::of_database(&db));
        };
        let blob = Blob::create(self, db, raw)?;
        let reference = WeakRef::new(blob.as_object(), None)?;
        let mut blobs = self.blobs.take();
        blobs.retain(|blob| blob.get().is_some());
        blobs.push(reference);
        drop(self.blobs.replace(blobs));
        Ok(blob)
    }
    /// Copy a database into bytes.
    ///
    ///   name
    ///     Which database.
    ///
    /// The bytes are those of the file that the database would be on disk.
    #[method("serialize($self, /, *, name='main')")]
    fn serialize(&self, name: Option<&str>) -> PyResult<Owned<Bytes>> {
        let name = name.unwrap_or("main");
        match self.checked()?.serialize(&library::c_string(name), Bytes::try_new) {
            Some(bytes) => bytes,
            None => Err(failed!(OPERATIONAL_ERROR, "unable to serialize '{name}'")),
        }
    }
    /// Replace a database by one that was serialized.
    ///
    ///   data
    ///     What serialize() gave.
    ///   name
    ///     Which database.
    ///
    /// The connection lets go of the database and goes on with a copy in
    /// memory. While the database is read, or copied by backup(), this fails.
    #[method("deserialize($self, data, /, *, name='main')")]
    fn deserialize(&self, data: &Object, name: Option<&str>) -> PyResult<()> {
        let db = self.checked()?;
        let name = library::c_string(name.unwrap_or("main"));
        let code = match data.downcast::<Str>() {
            Some(text) => db.deserialize(&name, text.as_utf8()?.as_bytes()),
            None => db.deserialize(&name, &Buffer::new(data)?),
        };
        match code {
            SQLITE_OK => Ok(()),
            library::SQLITE_NOMEM => Err(errors::no_memory()),
            _ => Err(failure::of_database(&db)),
        }
    }
    /// Set a limit of the connection.
    ///
    ///   category
    ///     Which limit.
    ///   limit
    ///     Its new value; a negative one changes nothing.
    ///
    /// A value above the hard limit is cut to it. The old value is returned.
    #[method("setlimit($self, category, limit, /)")]
    fn setlimit(&self, category: i32, limit: i32) -> PyResult<i32> {
        match self.checked()?.limit(category, limit) {
            -1 => Err(failed!(PROGRAMMING_ERROR, "'category' is out of bounds")),
            old => Ok(old),
        }
    }
    /// Get a limit of the connection.
    ///
    ///   category
    ///     Which limit.
    #[method("getlimit($self, category, /)")]
    fn getlimit(&self, category: i32) -> PyResult<i32> {
        self.setlimit(category, -1)
    }
    /// Set a boolean option of the connection.
    ///
    ///   op
    ///     Which option: one of the sqlite3.SQLITE_DBCONFIG codes.
    #[method("setconfig($self, op, enable=True, /)")]
    fn setconfig(&self, op: i32, enable: bool) -> PyResult<()> {
        let db = self.checked()?;
        let actual = change_config(&db, op, enable as i32)?;
        if actual == enable { Ok(()) } else { Err(failed!(OPERATIONAL_ERROR, "Unable to set config")) }
    }
    /// Get a boolean option of the connection.
    ///
    ///   op
    ///     Which option: one of the sqlite3.SQLITE_DBCONFIG codes.
    #[method("getconfig($self, op, /)")]
    fn getconfig(&self, op: i32) -> PyResult<bool> {
        let db = self.checked()?;
        change_config(&db, op, -1)
    }
}

fn change_config(db: &Database, option: i32, value: i32) -> PyResult<bool> {
    if !module::is_boolean_option(option) {
        return Err(err!(ValueError, "unknown config 'op': {}", option));
    }
    db.config(option, value).map_err(failure::of_code)
}
