//! Options of the command line and of the environment, as `python --help` documents them.

use runtime::state::Config;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// What to run.
pub enum Program {
    Command(Vec<u8>),
    Module(Vec<u8>),
    File(Vec<u8>),
    Stdin,
    Version { long: bool },
    Help(&'static str),
    /// `--emit STAGE FILE`.
    Emit { stage: String, file: String },
}

/// What is wrong with the command line.
pub struct UsageError(pub String);

pub struct Options {
    pub program: Program,
    pub config: Config,
    pub skip_first_line: bool,
}

const HELP: &str = include_str!("help.txt");

/// The name of the program in messages.
fn usage_error(text: String) -> UsageError {
    UsageError(text)
}

struct Reader {
    arguments: Vec<Vec<u8>>,
    /// The argument that is being read, and the place of the next option letter in it.
    index: usize,
    place: usize,
}

impl Reader {
    /// The value of an option that needs one: the rest of the argument, or the next.
    fn value(&mut self, letter: char) -> Result<Vec<u8>, UsageError> {
        let rest = self.arguments[self.index][self.place..].to_vec();
        self.place = 0;
        self.index += 1;
        if !rest.is_empty() {
            return Ok(rest);
        }
        match self.arguments.get(self.index) {
            Some(value) => {
                self.index += 1;
                Ok(value.clone())
            }
            None => Err(usage_error(format!("Argument expected for the -{letter} option"))),
        }
    }
}

/// Reads arguments; the first is the program's own name.
pub fn parse(arguments: Vec<Vec<u8>>) -> Result<Options, UsageError> {
    let mut config = Config { int_max_str_digits: 4300, orig_argv: arguments.clone(), ..Config::default() };
    let mut reader = Reader { arguments, index: 1, place: 0 };
    let mut program = None;
    let (mut versions, mut skip_first_line) = (0, false);
    let mut command_line_warnings = Vec::new();
    let mut level_set = false;
    loop {
        if reader.place == 0 {
            let Some(argument) = reader.arguments.get(reader.index) else { break };
            if argument.first() != Some(&b'-') || argument == b"-" {
                break;
            }
            if argument == b"--" {
                reader.index += 1;
                break;
            }
            if argument.starts_with(b"--") {
                let name = String::from_utf8_lossy(argument).into_owned();
                reader.index += 1;
                match name.as_str() {
                    "--help" => program = Some(Program::Help(HELP)),
                    "--help-env" | "--help-xoptions" | "--help-all" => program = Some(Program::Help(HELP)),
                    "--version" => versions += 1,
                    "--check-hash-based-pycs" => {
                        let mode = reader.arguments.get(reader.index).map(|mode| String::from_utf8_lossy(mode).into_owned());
                        reader.index += 1;
                        match mode.as_deref() {
                            Some("always" | "never" | "default") => config.check_hash_pycs_mode = mode,
                            Some(_) => return Err(usage_error("--check-hash-based-pycs must be one of 'default', 'always', or 'never'".into())),
                            None => return Err(usage_error("Argument expected for the --check-hash-based-pycs option".into())),
                        }
                    }
                    "--emit" => {
                        let at = |i: usize| reader.arguments.get(i).map(|text| String::from_utf8_lossy(text).into_owned());
                        let (Some(stage), Some(file)) = (at(reader.index), at(reader.index + 1)) else {
                            return Err(usage_error("--emit needs a stage (tokens, ast, symbols, cfg, cfg.dot, bytecode) and a file".into()));
                        };
                        reader.index += 2;
                        program = Some(Program::Emit { stage, file });
                    }
                    _ => return Err(usage_error(format!("unknown option {name}"))),
                }
                if program.is_some() {
                    break;
                }
                continue;
            }
            reader.place = 1;
        }
        let argument = &reader.arguments[reader.index];
        let Some(&letter) = argument.get(reader.place) else {
            reader.place = 0;
            reader.index += 1;
            continue;
        };
        reader.place += 1;
        match letter {
            b'c' => {
                let mut source = reader.value('c')?;
                source.push(b'\n');
                program = Some(Program::Command(source));
                break;
            }
            b'm' => {
                program = Some(Program::Module(reader.value('m')?));
                break;
            }
            b'b' => config.bytes_warning += 1,
            b'B' => config.dont_write_bytecode = true,
            b'd' => config.parser_debug = true,
            b'E' => config.ignore_environment = true,
            b'h' | b'?' => {
                program = Some(Program::Help(HELP));
                break;
            }
            b'i' => {
                config.inspect = true;
                config.interactive = true;
            }
            b'I' => {
                config.isolated = true;
                config.ignore_environment = true;
                config.no_user_site = true;
                config.safe_path = true;
            }
            b'O' => {
                config.optimization_level += 1;
                level_set = true;
            }
            b'P' => config.safe_path = true,
            b'q' => config.quiet = true,
            b's' => config.no_user_site = true,
            b'S' => config.no_site = true,
            b't' | b'J' | b'R' => {}
            b'u' => config.unbuffered = true,
            b'v' => config.verbose += 1,
            b'V' => versions += 1,
            b'x' => skip_first_line = true,
            b'W' => command_line_warnings.push(String::from_utf8_lossy(&reader.value('W')?).into_owned()),
            b'X' => {
                let option = String::from_utf8_lossy(&reader.value('X')?).into_owned();
                let (name, value) = match option.split_once('=') {
                    Some((name, value)) => (name.to_string(), Some(value.to_string())),
                    None => (option, None),
                };
                config.x_options.push((name, value));
            }
            other => return Err(usage_error(format!("Unknown option: -{}", other as char))),
        }
    }
    if versions > 0 {
        program = Some(Program::Version { long: versions > 1 });
    }
    let mut rest: Vec<Vec<u8>> = reader.arguments.split_off(reader.index.min(reader.arguments.len()));
    let program = match program {
        Some(program) => {
            let first = match program {
                Program::Command(_) => b"-c".to_vec(),
                Program::Module(_) => b"-m".to_vec(),
                _ => Vec::new(),
            };
            rest.insert(0, first);
            program
        }
        None if rest.is_empty() => {
            rest.push(Vec::new());
            Program::Stdin
        }
        None if rest[0] == b"-" => Program::Stdin,
        None => Program::File(rest[0].clone()),
    };
    config.argv = rest;
    environment(&mut config, level_set, command_line_warnings)?;
    Ok(Options { program, config, skip_first_line })
}

/// A variable that is set and not empty.
fn variable(config: &Config, name: &str) -> Option<String> {
    if config.ignore_environment {
        return None;
    }
    std::env::var_os(name).filter(|value| !value.is_empty()).map(|value| value.to_string_lossy().into_owned())
}

/// A variable as a level: a number, or 1 for any other text.
fn level(config: &Config, name: &str) -> i32 {
    variable(config, name).map_or(0, |value| value.parse::<i32>().ok().filter(|level| *level >= 0).unwrap_or(1))
}

fn x_option<'c>(config: &'c Config, name: &str) -> Option<Option<&'c str>> {
    config.x_options.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value.as_deref())
}

/// The environment, and what follows from options together.
fn environment(config: &mut Config, level_set: bool, command_line_warnings: Vec<String>) -> Result<(), UsageError> {
    if !level_set {
        config.optimization_level = level(config, "PYTHONOPTIMIZE");
    }
    config.dont_write_bytecode |= variable(config, "PYTHONDONTWRITEBYTECODE").is_some();
    config.no_user_site |= variable(config, "PYTHONNOUSERSITE").is_some();
    config.safe_path |= variable(config, "PYTHONSAFEPATH").is_some();
    config.unbuffered |= variable(config, "PYTHONUNBUFFERED").is_some();
    config.inspect |= variable(config, "PYTHONINSPECT").is_some();
    config.parser_debug |= variable(config, "PYTHONDEBUG").is_some();
    config.verbose = config.verbose.max(level(config, "PYTHONVERBOSE"));
    config.dev_mode = x_option(config, "dev").is_some() || variable(config, "PYTHONDEVMODE").is_some();
    config.warn_default_encoding = x_option(config, "warn_default_encoding").is_some() || variable(config, "PYTHONWARNDEFAULTENCODING").is_some();
    config.import_time = x_option(config, "importtime").is_some() || variable(config, "PYTHONPROFILEIMPORTTIME").is_some();
    config.utf8_mode = match x_option(config, "utf8") {
        Some(value) => match value {
            None | Some("1") => true,
            Some("0") => false,
            Some(_) => return Err(usage_error("invalid -X utf8 option value".into())),
        },
        None => variable(config, "PYTHONUTF8").is_some_and(|value| value == "1"),
    };
    if let Some(prefix) = x_option(config, "pycache_prefix") {
        config.pycache_prefix = prefix.filter(|prefix| !prefix.is_empty()).map(|prefix| prefix.as_bytes().to_vec());
    } else if let Some(prefix) = variable(config, "PYTHONPYCACHEPREFIX") {
        config.pycache_prefix = Some(prefix.into_bytes());
    }
    let digits = x_option(config, "int_max_str_digits").map(|value| value.unwrap_or("").to_string()).or_else(|| variable(config, "PYTHONINTMAXSTRDIGITS"));
    if let Some(digits) = digits {
        config.int_max_str_digits = match digits.parse::<usize>() {
            Ok(value) if value == 0 || value >= 640 => value,
            _ => return Err(usage_error("int_max_str_digits: invalid limit; must be >= 640 or 0 for unlimited.".into())),
        };
    }
    config.hash_seed = match variable(config, "PYTHONHASHSEED").as_deref() {
        None | Some("random") => None,
        Some(seed) => match seed.parse::<u32>() {
            Ok(seed) => Some(seed),
            Err(_) => return Err(usage_error("PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]".into())),
        },
    };
    if config.dev_mode {
        config.warn_options.push("default".into());
    }
    if let Some(list) = variable(config, "PYTHONWARNINGS") {
        config.warn_options.extend(list.split(',').map(str::to_string));
    }
    config.warn_options.extend(command_line_warnings);
    match config.bytes_warning {
        0 => {}
        1 => config.warn_options.push("default::BytesWarning".into()),
        _ => config.warn_options.push("error::BytesWarning".into()),
    }
    paths(config);
    Ok(())
}

/// The executable's path: as given with a slash, else found in `PATH`.
fn executable(config: &Config) -> Vec<u8> {
    let name = config.orig_argv.first().cloned().unwrap_or_default();
    let absolute = |path: &std::path::Path| std::path::absolute(path).map(|path| path.into_os_string().into_vec()).unwrap_or_default();
    if name.contains(&b'/') {
        return absolute(std::path::Path::new(std::ffi::OsStr::from_bytes(&name)));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|directory| directory.join(std::ffi::OsStr::from_bytes(&name))).find(|file| file.is_file());
    match found {
        Some(file) => absolute(&file),
        None => std::env::current_exe().map(|path| path.into_os_string().into_vec()).unwrap_or_default(),
    }
}

/// Prefixes and `sys.path`. The embedded library stands at `PREFIX/lib/python3.14`, whether or not there is such a directory.
fn paths(config: &mut Config) {
    config.executable = executable(config);
    let real = std::fs::canonicalize(std::ffi::OsStr::from_bytes(&config.executable)).unwrap_or_default();
    let venv = find_venv(&config.executable);
    let base = real.parent().and_then(|directory| directory.parent()).map(|prefix| prefix.as_os_str().as_bytes().to_vec()).unwrap_or_default();
    let home = variable(config, "PYTHONHOME").map(|home| home.split(':').next().unwrap_or("").as_bytes().to_vec());
    let base = home.unwrap_or(base);
    config.base_prefix = base.clone();
    config.base_exec_prefix = base.clone();
    config.prefix = venv.clone().unwrap_or_else(|| base.clone());
    config.exec_prefix = config.prefix.clone();
    config.base_executable = if venv.is_some() { real.into_os_string().into_vec() } else { config.executable.clone() };
    let library = [base.as_slice(), b"/lib/python3.14"].concat();
    let mut search = Vec::new();
    if !config.ignore_environment
        && let Some(list) = std::env::var_os("PYTHONPATH").filter(|list| !list.is_empty())
    {
        search.extend(list.as_bytes().split(|&byte| byte == b':').map(<[u8]>::to_vec));
    }
    search.push([base.as_slice(), b"/lib/python314.zip"].concat());
    search.push(library.clone());
    search.push([library.as_slice(), b"/lib-dynload"].concat());
    config.stdlib_dir = library;
    config.module_search_paths = search;
}

/// The directory of a virtual environment: where `pyvenv.cfg` is, beside the executable or one level up.
fn find_venv(executable: &[u8]) -> Option<Vec<u8>> {
    let directory = std::path::Path::new(std::ffi::OsStr::from_bytes(executable)).parent()?;
    if directory.join("pyvenv.cfg").is_file() {
        return Some(directory.as_os_str().as_bytes().to_vec());
    }
    let parent = directory.parent()?;
    parent.join("pyvenv.cfg").is_file().then(|| parent.as_os_str().as_bytes().to_vec())
}
