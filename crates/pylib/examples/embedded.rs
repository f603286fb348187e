//! Writes embedded files to standard output: `embedded` lists all modules, `embedded PATH` prints a file,
//! `embedded --code MODULE` writes its marshalled code.

use std::io::Write;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let mut out = std::io::stdout().lock();
    let written = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => pylib::modules().try_for_each(|module| {
            writeln!(
                out,
                "{}\t{}\t{}",
                module.name,
                module.file.path,
                module.code.len()
            )
        }),
        ["--code", name] => match pylib::find(name) {
            Some(module) => out.write_all(module.code),
            None => return eprintln!("no module {name}"),
        },
        [path, ..] => match pylib::find_file(path) {
            Some(file) => out.write_all(&file.contents()),
            None => return eprintln!("no file {path}"),
        },
    };
    if let Err(error) = written {
        eprintln!("{error}");
    }
}
