//! The instruction table against what the reference's `_opcode`, `opcode` and `dis` say
//! (`opcodes.tsv`: number, name, eight predicates, family, caches, stack effects).

use bytecode::opcodes::{CACHES, Kind, Opcode, flags};
use bytecode::operands::CACHE_FORMAT;

#[test]
fn agrees_with_the_reference() {
    let mut rows = 0;
    for line in include_str!("opcodes.tsv").lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let number: u32 = fields[0].parse().unwrap();
        let opcode = Opcode::from_number(number).unwrap();
        let info = opcode.info();
        assert_eq!(info.name, fields[1]);
        let predicates: String = [
            true,
            opcode.has(flags::ARG),
            opcode.has(flags::CONST),
            opcode.has(flags::NAME),
            opcode.has(flags::JUMP),
            opcode.has(flags::FREE),
            opcode.has(flags::LOCAL),
            opcode.is_block_push(),
        ]
        .iter()
        .map(|&bit| if bit { '1' } else { '0' })
        .collect();
        assert_eq!(predicates, fields[2], "{}", info.name);
        match fields[3] {
            "-" => assert_ne!(info.kind, Kind::Specializes, "{}", info.name),
            family => {
                assert_eq!(info.kind, Kind::Specializes, "{}", info.name);
                assert_eq!(info.relatives[0].name(), family);
            }
        }
        if info.kind == Kind::Base {
            assert_eq!(info.caches.to_string(), fields[4], "{}", info.name);
        }
        let mut effects = fields[5].split(',');
        for arg in [0, 1, 2, 3, 7, 255, 256, 300] {
            for jump in [false, true] {
                let expected = effects.next().unwrap();
                let effect = opcode.checked_stack_effect(arg, Some(jump));
                let effect = effect.map_or("x".to_string(), |n| n.to_string());
                assert_eq!(effect, expected, "{} {arg} {jump}", info.name);
            }
        }
        rows += 1;
    }
    assert_eq!(rows, bytecode::opcodes::INSTRUCTIONS.len());
}

#[test]
fn cache_fields_fill_the_caches() {
    for (name, fields) in CACHE_FORMAT {
        let opcode = Opcode::from_name(name).unwrap();
        let units: u8 = fields.iter().map(|field| field.1).sum();
        assert_eq!(CACHES[opcode as usize], units, "{name}");
    }
}
