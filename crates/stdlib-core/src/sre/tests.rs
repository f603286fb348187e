//! The engine against recorded results. A line of `cases.txt` is a pattern's code, its number of groups, a text, and the spans that
//! CPython finds: of the match and of each group (`-` where there is none), and `lastindex`.

use super::engine::{Character, Limits, Machine, UNSET};
use super::program::translate;
use super::search::{match_at, search};

fn numbers(text: &str) -> Vec<u32> {
    text.split(',').filter(|part| !part.is_empty()).filter_map(|part| part.parse().ok()).collect()
}

fn spans<C: Character>(code: &[u32], groups: usize, text: &[u32], how: &str) -> String {
    let Ok(program) = translate(code, groups) else { return "invalid".into() };
    let Some(text) = text.iter().map(|&c| C::from_code(c)).collect::<Option<Vec<C>>>() else { return "too wide".into() };
    let mut machine = Machine::new(&program, groups);
    let found = match how {
        "search" => search(&program, &mut machine, &text, 0, false),
        _ => match_at(&program, &mut machine, &text, 0, Limits { whole: true, not_at: UNSET }).map(|end| end.map(|end| (0, end))),
    };
    let Ok(Some(span)) = found else { return "-".into() };
    let mut shown = vec![format!("{}:{}", span.0, span.1)];
    for group in 1..=groups {
        shown.push(machine.group(group).map_or("-".into(), |(start, end)| format!("{start}:{end}")));
    }
    shown.push(machine.lastindex.to_string());
    shown.join(" ")
}

fn check(cases: &str) {
    let mut wrong = Vec::new();
    for line in cases.lines() {
        let fields: Vec<&str> = line.split('|').collect();
        let [how, code, groups, text, expected] = fields.as_slice() else { panic!("a damaged case: {line}") };
        let (code, text) = (numbers(code), numbers(text));
        let groups = groups.parse().expect("a number of groups");
        let results = [spans::<u8>(&code, groups, &text, how), spans::<u16>(&code, groups, &text, how), spans::<u32>(&code, groups, &text, how)];
        for result in results.iter().filter(|result| *result != "too wide" && result != expected) {
            wrong.push(format!("{line}: {result}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn recorded_matches() {
    check(include_str!("cases.txt"));
}

/// More cases from a file that the environment names.
#[test]
fn more_recorded_matches() {
    if let Some(path) = std::env::var_os("SRE_CASES") {
        check(&std::fs::read_to_string(path).expect("the file of cases"));
    }
}

/// Damaged code is refused or runs to an end; it never reads out of bounds.
#[test]
fn damaged_code_is_harmless() {
    let text: Vec<u32> = "abacabadabcxyz".chars().map(|c| c as u32).collect();
    let mut seed = 1u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) as usize % below
    };
    for line in include_str!("cases.txt").lines() {
        let mut fields = line.split('|').skip(1);
        let (code, groups) = (numbers(fields.next().unwrap_or("")), fields.next().and_then(|n| n.parse().ok()).unwrap_or(0));
        for _ in 0..5 {
            let mut code = code.clone();
            for _ in 0..1 + random(2) {
                let at = random(code.len());
                match random(4) {
                    0 => code.truncate(at.max(1)),
                    1 => code[at] = random(45) as u32,
                    2 => code[at] = code[random(code.len())],
                    _ => code[at] = code[at].wrapping_add(1),
                }
            }
            spans::<u8>(&code, groups, &text, "search");
        }
    }
}
