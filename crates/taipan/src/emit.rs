//! `--emit STAGE FILE`: what the compiler makes of a program, stage by stage. Needs no interpreter.

use bytecode::Wtf8;
use compiler::emit::Stage;
use compiler::{CompileError, Options};
use syntax::{Arena, Mode, NoHost, Settings};

const STAGES: &str = "tokens, ast, symbols, instructions, cfg, cfg.dot, bytecode";

/// Prints the stage; the status to end with.
pub fn emit(stage: &str, file: &str) -> i32 {
    match text_of(stage, file) {
        Ok(text) => {
            print!("{text}");
            if !text.ends_with('\n') {
                println!();
            }
            0
        }
        Err(message) => {
            eprintln!("{message}");
            1
        }
    }
}

fn text_of(stage: &str, file: &str) -> Result<String, String> {
    let shown = |error: Box<syntax::SyntaxError>| format!("  File \"{file}\", line {}\n{}: {}", error.lineno, error.class_name(), error.message());
    let bytes = std::fs::read(file).map_err(|error| format!("{file}: {error}"))?;
    let source = syntax::source::decode(&bytes, file, &mut NoHost).map_err(shown)?;
    if stage == "tokens" {
        return syntax::dump::dump_tokens(&source).map_err(shown);
    }
    let arena = Arena::new();
    let module = syntax::parse(&arena, &source, Settings::new(Mode::Exec), &mut NoHost).map_err(shown)?;
    if stage == "ast" {
        return syntax::dump::dump(&module, false, Some(2)).ok_or_else(|| format!("{file}: nested too deeply"));
    }
    let options = Options { filename: Wtf8::new(file), flags: 0, optimize: 0 };
    let refused = |error: CompileError| match error {
        CompileError::Syntax(error) => format!("  File \"{file}\", line {}\nSyntaxError: {}", error.location.lineno, error.message),
        other => format!("{file}: {other:?}"),
    };
    let graph = match stage {
        "symbols" => Stage::Symbols,
        "instructions" => Stage::Instructions,
        "cfg" => Stage::Cfg,
        "cfg.dot" => Stage::CfgDot,
        "bytecode" => {
            let unit = compiler::compile(&arena, &module, &options, &mut NoHost).map_err(refused)?;
            return Ok(bytecode::dis::disassemble(&unit, bytecode::dis::DisOptions::default()));
        }
        _ => return Err(format!("unknown stage {stage}: one of {STAGES}")),
    };
    compiler::emit::emit(&arena, &module, &options, graph, &mut NoHost).map_err(refused)
}
