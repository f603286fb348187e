//! The struct sequences of the module: `stat_result`, `statvfs_result`, `terminal_size`, ...

use runtime::err;
use runtime::errors::{self, PyResult};
use runtime::object::{Object, Owned, Type};
use runtime::types::structseq::{self, Field};
use runtime::types::descr::MethodDescr;
use runtime::types::{Dict, Float, GilCell, Int, Str, Tuple};
use std::cell::{Cell, OnceCell};

/// A struct sequence type that is made when first asked for.
pub struct ResultType {
    cell: GilCell<OnceCell<Owned<Type>>>,
    name: &'static str,
    doc: &'static str,
    fields: &'static [Field],
    visible: usize,
    new: Option<abi::newfunc>,
    /// Methods in place of those of all struct sequences.
    methods: &'static [Method],
}

/// A method definition in a static.
struct Method(abi::PyMethodDef);
// SAFETY: never written.
unsafe impl Sync for Method {}
impl Method {
    fn name(&self) -> &'static str {
        // SAFETY: a static C string.
        unsafe { std::ffi::CStr::from_ptr(self.0.ml_name.get()) }.to_str().unwrap_or("")
    }
}

impl ResultType {
    pub const fn new(name: &'static str, doc: &'static str, fields: &'static [Field], visible: usize) -> ResultType {
        ResultType { cell: GilCell(OnceCell::new()), name, doc, fields, visible, new: None, methods: &[] }
    }
    pub fn get(&self) -> PyResult<&Type> {
        if self.cell.0.get().is_none() {
            let ty = structseq::new_type(self.name, self.doc, self.fields, self.visible)?;
            if let Some(new) = self.new {
                ty.0.tp_new.set(Some(new));
                for method in self.methods {
                    let name = runtime::types::Str::intern(Str::new(method.name()));
                    runtime::types::type_object::set_in_dict(&ty, &name, &*MethodDescr::new(&ty, &method.0, &name)?)?;
                }
                ty.modified();
            }
            let _ = self.cell.0.set(ty);
        }
        match self.cell.0.get() {
            Some(ty) => Ok(ty),
            None => Err(errors::bad_internal_call()),
        }
    }
    pub fn make(&self, items: Vec<Owned>) -> PyResult {
        structseq::new(self.get()?, items)
    }
}

const fn field(name: &'static str, doc: &'static str) -> Field {
    Field::new(name, doc)
}

pub static STAT_RESULT: ResultType = ResultType {
    cell: GilCell(OnceCell::new()),
    name: "os.stat_result",
    doc: "stat_result: what stat, fstat and lstat give.\n\nA tuple of (mode, ino, dev, nlink, uid, gid, size, atime, mtime, ctime)\nwhose items have names as well: st_mode, st_ino, and so on. Times by name\nare floats; st_atime_ns and the like are integers. st_blksize, st_blocks\nand st_rdev are there by name only.",
    fields: &[
        field("st_mode", "file type and permission bits"),
        field("st_ino", "inode"),
        field("st_dev", "device"),
        field("st_nlink", "how many hard links there are"),
        field("st_uid", "owner's user ID"),
        field("st_gid", "owner's group ID"),
        field("st_size", "bytes"),
        Field::UNNAMED,
        Field::UNNAMED,
        Field::UNNAMED,
        field("st_atime", "last access"),
        field("st_mtime", "last modification"),
        field("st_ctime", "last change"),
        field("st_atime_ns", "last access in nanoseconds"),
        field("st_mtime_ns", "last modification in nanoseconds"),
        field("st_ctime_ns", "last change in nanoseconds"),
        field("st_blksize", "preferred size of reads and writes"),
        field("st_blocks", "allocated blocks"),
        field("st_rdev", "device type of a device file"),
    ],
    visible: 10,
    new: Some(stat_result_new),
    methods: &[],
};

pub static STATVFS_RESULT: ResultType = ResultType::new(
    "os.statvfs_result",
    "statvfs_result: what statvfs and fstatvfs give.\n\nA tuple of (bsize, frsize, blocks, bfree, bavail, files, ffree, favail,\nflag, namemax), by name f_bsize and so on.",
    &[
        field("f_bsize", ""),
        field("f_frsize", ""),
        field("f_blocks", ""),
        field("f_bfree", ""),
        field("f_bavail", ""),
        field("f_files", ""),
        field("f_ffree", ""),
        field("f_favail", ""),
        field("f_flag", ""),
        field("f_namemax", ""),
        field("f_fsid", ""),
    ],
    10,
);

pub static TERMINAL_SIZE: ResultType = ResultType::new(
    "os.terminal_size",
    "The size of a terminal window: (columns, lines)",
    &[field("columns", "characters in a line"), field("lines", "lines in the window")],
    2,
);

pub static TIMES_RESULT: ResultType = ResultType::new(
    "posix.times_result",
    "times_result: what os.times() gives.\n\nA tuple of (user, system, children_user, children_system, elapsed), with\nthese names.",
    &[
        field("user", "user time"),
        field("system", "system time"),
        field("children_user", "children's user time"),
        field("children_system", "children's system time"),
        field("elapsed", "time since some point in the past"),
    ],
    5,
);

pub static UNAME_RESULT: ResultType = ResultType::new(
    "posix.uname_result",
    "uname_result: what os.uname() gives.\n\nA tuple of (sysname, nodename, release, version, machine), with these names.",
    &[
        field("sysname", "name of the operating system"),
        field("nodename", "the machine's name in its network"),
        field("release", "release of the operating system"),
        field("version", "version of the operating system"),
        field("machine", "kind of hardware"),
    ],
    5,
);

pub static SCHED_PARAM: ResultType = ResultType {
    cell: GilCell(OnceCell::new()),
    name: "posix.sched_param",
    doc: "Scheduling parameters, of which there is one: sched_priority",
    fields: &[field("sched_priority", "the priority")],
    visible: 1,
    new: Some(sched_param_new),
    methods: &SCHED_PARAM_METHODS,
};

static SCHED_PARAM_METHODS: [Method; 1] = [Method(abi::PyMethodDef {
    ml_name: Cell::new(c"__reduce__".as_ptr()),
    ml_meth: Cell::new(Some(sched_param_reduce)),
    ml_flags: Cell::new(abi::METH_NOARGS),
    ml_doc: Cell::new(std::ptr::null()),
})];

/// The constructor takes the priority, not a sequence of fields.
unsafe extern "C" fn sched_param_reduce(this: *mut abi::PyObject, _: *mut abi::PyObject) -> *mut abi::PyObject {
    runtime::macro_support::guard(|| {
        // SAFETY: an instance, which is a tuple of one item.
        let (ty, items) = unsafe { (Object::from_ptr(this).ty(), Object::from_ptr(this).cast::<Tuple>()) };
        let arguments = Tuple::single(items.get(0).to_owned());
        Tuple::pair(Object::to_owned(ty), arguments.into_object()).into_raw()
    })
}

pub static WAITID_RESULT: ResultType = ResultType::new(
    "posix.waitid_result",
    "waitid_result: what waitid gives.\n\nA tuple of (si_pid, si_uid, si_signo, si_status, si_code), with these names.",
    &[field("si_pid", ""), field("si_uid", ""), field("si_signo", ""), field("si_status", ""), field("si_code", "")],
    5,
);

/// Times given as integers only are the times by name too.
unsafe extern "C" fn stat_result_new(ty: *mut abi::PyTypeObject, args: *mut abi::PyObject, kwargs: *mut abi::PyObject) -> *mut abi::PyObject {
    runtime::macro_support::guard(|| {
        // SAFETY: the tp_new protocol; what the base makes is ours alone.
        errors::to_c(unsafe { structseq::new_from_arguments(ty, args, kwargs) }.map(|made| {
            for i in 7..10 {
                structseq::default_hidden(&made, i + 3, i);
            }
            made
        }))
    })
}

unsafe extern "C" fn sched_param_new(ty: *mut abi::PyTypeObject, args: *mut abi::PyObject, kwargs: *mut abi::PyObject) -> *mut abi::PyObject {
    runtime::macro_support::guard(|| {
        // SAFETY: the tp_new protocol.
        let (ty, args, kwargs) = unsafe {
            (Type::from_type_ptr(ty), Object::from_ptr(args).cast::<Tuple>(), Object::from_ptr_opt(kwargs).map(|k| k.cast::<Dict>()))
        };
        errors::to_c(runtime::macro_support::parse("sched_param", &["sched_priority"], 1, args, kwargs).and_then(|mut given| {
            match given.pop().flatten() {
                Some(priority) => structseq::new(ty, vec![priority]),
                None => Err(err!(TypeError, "sched_param() missing required argument 'sched_priority' (pos 1)")),
            }
        }))
    })
}

pub fn int(value: impl Into<i128>) -> Owned {
    Int::from_i128(value.into()).into_object()
}
pub fn float(value: f64) -> Owned {
    Float::new(value).into_object()
}
pub fn text(value: &str) -> Owned {
    Str::new(value).into_object()
}
