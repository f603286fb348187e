//! `posix`: the system's calls as `os` finds them. A file a subject; what is shared by them is in `path` (arguments) and `results`.

mod constants;
pub mod directories;
pub mod files;
pub mod ids;
pub mod path;
pub mod paths;
pub mod process;
pub mod results;
pub mod scandir;
pub mod sched;
pub mod spawn;
pub mod stat;
pub mod system;
pub mod terminal;
pub mod timers;

use macros::pymodule;
use runtime::errors::PyResult;
use runtime::object::{Object, Type};
use runtime::types::{Dict, Int, List, Module, Str};

/// Operating system functions that the C and POSIX standards (or Linux) define. os is the module to
/// use; its documentation and the system's manual pages tell more about each.
#[pymodule(name = "posix", include = [
    super::stat::functions::FUNCTIONS, super::files::functions::FUNCTIONS, super::directories::functions::FUNCTIONS,
    super::scandir::functions::FUNCTIONS, super::paths::functions::FUNCTIONS, super::process::functions::FUNCTIONS,
    super::ids::functions::FUNCTIONS, super::sched::functions::FUNCTIONS, super::spawn::functions::FUNCTIONS, super::system::functions::FUNCTIONS,
    super::terminal::functions::FUNCTIONS, super::timers::functions::FUNCTIONS,
])]
#[types(super::scandir::DirEntry_Type)]
pub mod posix {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        runtime::types::type_ready(&scandir::ScandirIterator_Type)?;
        let environ = paths::environment()?;
        module.add("environ", &environ)?;
        module.add("error", runtime::exceptions::OSError())?;
        for (name, value) in constants::CONSTANTS {
            module.add(name, &Int::from_i64(*value))?;
        }
        for (name, table) in constants::NAME_TABLES {
            let dict = Dict::new();
            for (key, value) in *table {
                dict.set_str(&Str::intern(Str::new(key)), &Int::from_i64(*value))?;
            }
            module.add(name, &dict)?;
        }
        let have = List::new();
        for name in constants::HAVE_FUNCTIONS {
            have.append(&Str::new(name))?;
        }
        module.add("_have_functions", &have)?;
        for ty in [
            &results::STAT_RESULT,
            &results::STATVFS_RESULT,
            &results::TERMINAL_SIZE,
            &results::TIMES_RESULT,
            &results::UNAME_RESULT,
            &results::SCHED_PARAM,
            &results::WAITID_RESULT,
        ] {
            let ty: &Type = ty.get()?;
            let object: &Object = ty;
            module.add(ty.short_name(), object)?;
        }
        Ok(())
    }
}
