//! Options of the command line, read as `getopt` reads them, and what they ask for.
//!
//! What the environment adds, and what `-X` options mean, is in [`crate::environment`].

use crate::environment;
use runtime::state::Config;

/// What to run.
pub enum Program {
    Command(Vec<u8>),
    Module(Vec<u8>),
    File(Vec<u8>),
    Stdin,
    Version { long: bool },
    Help(Help),
    /// `--emit STAGE FILE`.
    Emit { stage: String, file: String },
}

#[derive(Clone, Copy, PartialEq)]
pub enum Help {
    Options,
    Environment,
    XOptions,
    All,
}

/// Why the interpreter does not start.
pub enum Refusal {
    /// A wrong command line: status 2.
    Usage(String),
    /// A value that cannot be: status 1, and the words of a fatal error.
    Fatal { function: Option<&'static str>, message: String, state: &'static str },
}

pub struct Options {
    pub program: Program,
    pub config: Config,
    pub skip_first_line: bool,
}

struct Reader {
    arguments: Vec<Vec<u8>>,
    /// The argument that is being read, and the place of the next option letter in it.
    index: usize,
    place: usize,
}

impl Reader {
    /// The next option letter; None where the options end.
    fn letter(&mut self) -> Option<Letter> {
        loop {
            let argument = self.arguments.get(self.index)?;
            if self.place == 0 {
                if argument.first() != Some(&b'-') || argument == b"-" {
                    return None;
                }
                self.index += (argument.starts_with(b"--")) as usize;
                if argument == b"--" {
                    return None;
                }
                if argument.starts_with(b"--") {
                    return Some(Letter::Long(String::from_utf8_lossy(argument).into_owned()));
                }
                self.place = 1;
            }
            if let Some(&letter) = argument.get(self.place) {
                self.place += 1;
                return Some(Letter::Short(letter));
            }
            self.place = 0;
            self.index += 1;
        }
    }

    /// The value of an option that needs one: the rest of the argument, or the next.
    fn value(&mut self, letter: char) -> Result<Vec<u8>, Refusal> {
        let rest = self.arguments[self.index].get(self.place..).unwrap_or_default().to_vec();
        self.place = 0;
        self.index += 1;
        if !rest.is_empty() {
            return Ok(rest);
        }
        self.next_argument().ok_or_else(|| Refusal::Usage(format!("Argument expected for the -{letter} option")))
    }

    fn next_argument(&mut self) -> Option<Vec<u8>> {
        let value = self.arguments.get(self.index)?.clone();
        self.index += 1;
        Some(value)
    }
}

enum Letter {
    Short(u8),
    Long(String),
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads arguments; the first is the program's own name.
pub fn parse(arguments: Vec<Vec<u8>>) -> Result<Options, Refusal> {
    let config = Config { int_max_str_digits: 4300, cpu_count: -1, orig_argv: arguments.clone(), ..Config::default() };
    parse_for(config, arguments, true, Vec::new())
}

/// As `parse`, on top of a configuration. Where `reads` is false, the arguments are `sys.argv` as they are.
pub fn parse_for(mut config: Config, arguments: Vec<Vec<u8>>, reads: bool, mut warn_options: Vec<String>) -> Result<Options, Refusal> {
    if config.program_name.is_none() {
        config.program_name = arguments.first().cloned();
    }
    if !reads {
        config.argv = if arguments.is_empty() { vec![Vec::new()] } else { arguments };
        environment::apply(&mut config, warn_options)?;
        return Ok(Options { program: Program::Stdin, config, skip_first_line: false });
    }
    let mut reader = Reader { arguments, index: 1, place: 0 };
    let mut program = None;
    let (mut versions, mut skip_first_line) = (0, false);
    while program.is_none()
        && let Some(letter) = reader.letter()
    {
        match letter {
            Letter::Long(name) => program = long_option(&name, &mut reader, &mut config, &mut versions)?,
            Letter::Short(b'c') => {
                let mut source = reader.value('c')?;
                source.push(b'\n');
                program = Some(Program::Command(source));
            }
            Letter::Short(b'm') => program = Some(Program::Module(reader.value('m')?)),
            Letter::Short(b'h' | b'?') => program = Some(Program::Help(Help::Options)),
            Letter::Short(b'V') => versions += 1,
            Letter::Short(b'x') => skip_first_line = true,
            Letter::Short(b'W') => warn_options.push(lossy(reader.value('W')?)),
            Letter::Short(b'X') => {
                let option = lossy(reader.value('X')?);
                config.x_options.push(match option.split_once('=') {
                    Some((name, value)) => (name.to_string(), Some(value.to_string())),
                    None => (option, None),
                });
            }
            Letter::Short(letter) => flag(letter, &mut config)?,
        }
    }
    if versions > 0 && !matches!(program, Some(Program::Help(_))) {
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
    if !matches!(program, Program::Version { .. } | Program::Help(_) | Program::Emit { .. }) {
        environment::apply(&mut config, warn_options)?;
    }
    Ok(Options { program, config, skip_first_line })
}

/// An option of one letter that takes no value and starts nothing.
fn flag(letter: u8, config: &mut Config) -> Result<(), Refusal> {
    match letter {
        b'b' => config.bytes_warning += 1,
        b'B' => config.dont_write_bytecode = true,
        b'd' => config.parser_debug = true,
        b'E' => config.ignore_environment = true,
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
        b'O' => config.optimization_level += 1,
        b'P' => config.safe_path = true,
        b'q' => config.quiet = true,
        b'R' => config.random_hash = true,
        b's' => config.no_user_site = true,
        b'S' => config.no_site = true,
        b't' => {}
        b'u' => config.unbuffered = true,
        b'v' => config.verbose += 1,
        other => return Err(Refusal::Usage(format!("Unknown option: -{}", other as char))),
    }
    Ok(())
}

fn long_option(name: &str, reader: &mut Reader, config: &mut Config, versions: &mut i32) -> Result<Option<Program>, Refusal> {
    let help = match name {
        "--help" => Help::Options,
        "--help-all" => Help::All,
        "--help-env" => Help::Environment,
        "--help-xoptions" => Help::XOptions,
        "--version" => {
            *versions += 1;
            return Ok(None);
        }
        "--check-hash-based-pycs" => {
            match reader.next_argument().map(lossy) {
                Some(mode) if matches!(mode.as_str(), "always" | "never" | "default") => config.check_hash_pycs_mode = Some(mode),
                Some(_) => return Err(Refusal::Usage("--check-hash-based-pycs must be one of 'default', 'always', or 'never'".into())),
                None => return Err(Refusal::Usage("Argument expected for the --check-hash-based-pycs options".into())),
            }
            return Ok(None);
        }
        "--emit" => {
            let (Some(stage), Some(file)) = (reader.next_argument(), reader.next_argument()) else {
                return Err(Refusal::Usage("--emit needs a stage (tokens, ast, symbols, instructions, cfg, cfg.dot, bytecode) and a file".into()));
            };
            return Ok(Some(Program::Emit { stage: lossy(stage), file: lossy(file) }));
        }
        _ => return Err(Refusal::Usage(format!("Unknown option: {name}"))),
    };
    Ok(Some(Program::Help(help)))
}

/// The text of a help option. `program` is how the interpreter was called.
pub fn help(which: Help, program: &str) -> String {
    let options = format!("usage: {program} [option] ... [-c cmd | -m mod | file | -] [arg] ...\n{}", include_str!("help/options.txt"));
    let (environment, x_options) = (include_str!("help/environment.txt"), include_str!("help/xoptions.txt"));
    match which {
        Help::Options => options,
        Help::Environment => environment.to_string(),
        Help::XOptions => x_options.to_string(),
        Help::All => format!("{options}\n{environment}\n{x_options}"),
    }
}
