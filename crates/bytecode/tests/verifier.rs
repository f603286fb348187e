//! Small programs that break one rule each.

use std::rc::Rc;

use bytecode::exception_table::{self, ExceptionEntry};
use bytecode::opcodes::CACHES;
use bytecode::verify::verify_unit;
use bytecode::{CodeUnit, Constant, co, kinds, op};

/// Instructions with their caches.
fn assemble(instructions: &[(u8, u8)]) -> Vec<u8> {
    let mut code = Vec::new();
    for &(opcode, arg) in instructions {
        code.extend([opcode, arg]);
        code.resize(code.len() + 2 * CACHES[opcode as usize] as usize, 0);
    }
    code
}

/// Code with the argument `a`, the local `b` and the cell `c`.
fn unit(instructions: &[(u8, u8)]) -> CodeUnit {
    CodeUnit {
        argcount: 1,
        stacksize: 6,
        code: assemble(instructions),
        consts: vec![
            Constant::None,
            Constant::Tuple([Constant::str("key")].into()),
        ],
        names: vec!["name".into()],
        localsplusnames: ["a", "b", "c"].map(Into::into).to_vec(),
        localspluskinds: vec![kinds::LOCAL | kinds::ARG_POS, kinds::LOCAL, kinds::CELL],
        ..CodeUnit::default()
    }
}

fn refusal(instructions: &[(u8, u8)]) -> &'static str {
    verify_unit(&unit(instructions)).map_or_else(|error| error.message, |()| "accepted")
}

const RETURN: (u8, u8) = (op::RETURN_VALUE, 0);
const NONE: (u8, u8) = (op::LOAD_CONST, 0);

#[test]
fn good_code_is_accepted() {
    assert_eq!(refusal(&[NONE, RETURN]), "accepted");
    assert_eq!(
        refusal(&[
            (op::MAKE_CELL, 2),
            (op::RESUME, 0),
            (op::LOAD_DEREF, 2),
            RETURN
        ]),
        "accepted"
    );
    assert_eq!(
        refusal(&[
            (op::LOAD_FAST_BORROW, 0),
            (op::POP_TOP, 0),
            NONE,
            (op::STORE_FAST, 0),
            NONE,
            RETURN
        ]),
        "accepted"
    );
}

#[test]
fn stack_must_hold() {
    assert_eq!(refusal(&[RETURN]), "stack underflow");
    assert_eq!(
        refusal(&[NONE, NONE, NONE, NONE, NONE, NONE, NONE, RETURN]),
        "stack deeper than co_stacksize"
    );
    assert_eq!(
        refusal(&[NONE, (op::POP_TOP, 0)]),
        "control runs off the end of the code"
    );
    let uneven = [
        NONE,
        (op::LOAD_FAST, 0),
        (op::POP_JUMP_IF_NONE, 1),
        NONE,
        NONE,
        RETURN,
    ];
    assert_eq!(refusal(&uneven), "paths with different stacks meet");
    let grows = [NONE, (op::JUMP_BACKWARD_NO_INTERRUPT, 2)];
    assert_eq!(refusal(&grows), "paths with different stacks meet");
}

#[test]
fn nulls_go_to_calls_only() {
    assert_eq!(
        refusal(&[(op::PUSH_NULL, 0), RETURN]),
        "NULL where an object is needed"
    );
    assert_eq!(
        refusal(&[NONE, (op::LOAD_ATTR, 1), RETURN]),
        "NULL where an object is needed"
    );
    assert_eq!(
        refusal(&[(op::LOAD_FAST_BORROW, 0), (op::LOAD_ATTR, 1), RETURN]),
        "NULL where an object is needed"
    );
    assert_eq!(
        refusal(&[NONE, (op::PUSH_NULL, 0), (op::CALL, 0), RETURN]),
        "accepted"
    );
}

#[test]
fn variables_must_be_bound_and_cells_made() {
    assert_eq!(
        refusal(&[(op::LOAD_FAST, 1), RETURN]),
        "a variable that may be unbound"
    );
    assert_eq!(refusal(&[(op::LOAD_FAST_CHECK, 1), RETURN]), "accepted");
    assert_eq!(
        refusal(&[(op::LOAD_DEREF, 2), RETURN]),
        "a variable that may hold no cell"
    );
    assert_eq!(
        refusal(&[(op::DELETE_FAST, 0), (op::LOAD_FAST, 0), RETURN]),
        "a variable that may be unbound"
    );
    let overwritten = [
        (op::MAKE_CELL, 2),
        NONE,
        (op::STORE_FAST, 2),
        (op::LOAD_DEREF, 2),
        RETURN,
    ];
    assert_eq!(refusal(&overwritten), "a variable that may hold no cell");
}

#[test]
fn borrowed_references_do_not_outlive_their_variables() {
    let outlives = "a borrowed reference outlives its variable";
    let borrow = (op::LOAD_FAST_BORROW, 0);
    assert_eq!(
        refusal(&[borrow, NONE, (op::STORE_FAST, 0), RETURN]),
        outlives
    );
    assert_eq!(refusal(&[borrow, (op::DELETE_FAST, 0), RETURN]), outlives);
    assert_eq!(
        refusal(&[
            borrow,
            (op::COPY, 1),
            (op::POP_TOP, 0),
            (op::DELETE_FAST, 0),
            RETURN
        ]),
        outlives
    );
    assert_eq!(
        refusal(&[
            borrow,
            (op::LOAD_ATTR, 1),
            (op::DELETE_FAST, 0),
            (op::CALL, 0),
            RETURN
        ]),
        outlives
    );
    assert_eq!(
        refusal(&[borrow, (op::STORE_FAST, 1), NONE, RETURN]),
        "a borrowed reference is stored"
    );
    assert_eq!(
        refusal(&[(op::LOAD_FAST, 0), NONE, (op::STORE_FAST, 0), RETURN]),
        "accepted"
    );
}

#[test]
fn instructions_must_be_whole_and_base() {
    assert_eq!(
        refusal(&[(op::LOAD_CONST, 2), RETURN]),
        "argument out of range"
    );
    assert_eq!(
        refusal(&[(op::LOAD_FAST, 3), RETURN]),
        "argument out of range"
    );
    assert_eq!(
        refusal(&[NONE, (op::COPY, 0), RETURN]),
        "argument out of range"
    );
    for opcode in [
        op::CACHE,
        op::RESERVED,
        op::RESUME_CHECK,
        op::INSTRUMENTED_RESUME,
        op::ENTER_EXECUTOR,
        121,
    ] {
        assert_eq!(
            refusal(&[(opcode, 0), NONE, RETURN]),
            "an instruction that no compiler writes"
        );
    }
    assert_eq!(
        refusal(&[NONE, RETURN, (op::EXTENDED_ARG, 0)]),
        "EXTENDED_ARG without an instruction"
    );
    assert_eq!(
        refusal(&[(op::JUMP_FORWARD, 9), NONE, RETURN]),
        "jump to no instruction"
    );
    let into_caches = [(op::JUMP_FORWARD, 2), NONE, (op::TO_BOOL, 0), RETURN];
    assert_eq!(refusal(&into_caches), "jump to no instruction");
    let mut filled = unit(&[NONE, (op::TO_BOOL, 0), RETURN]);
    filled.code[4] = 1;
    assert_eq!(
        verify_unit(&filled).unwrap_err().message,
        "inline caches that are not empty"
    );
}

#[test]
fn handlers_find_their_stack() {
    let mut unit = unit(&[
        (op::NOP, 0),
        NONE,
        (op::GET_ITER, 0),
        RETURN,
        (op::RERAISE, 0),
    ]);
    let entry = ExceptionEntry {
        start: 1,
        end: 3,
        target: 4,
        depth: 0,
        lasti: false,
    };
    exception_table::write_entry(&mut unit.exceptiontable, entry);
    assert_eq!(verify_unit(&unit), Ok(()));
    for (entry, message) in [
        (
            ExceptionEntry { depth: 1, ..entry },
            "stack too shallow for the exception handler",
        ),
        (
            ExceptionEntry { target: 5, ..entry },
            "exception table is malformed",
        ),
        (
            ExceptionEntry { end: 9, ..entry },
            "exception table is malformed",
        ),
    ] {
        unit.exceptiontable.clear();
        exception_table::write_entry(&mut unit.exceptiontable, entry);
        assert_eq!(verify_unit(&unit).unwrap_err().message, message);
    }
}

#[test]
fn generators_begin_as_generators() {
    let body = [
        (op::RETURN_GENERATOR, 0),
        (op::POP_TOP, 0),
        (op::RESUME, 0),
        NONE,
        RETURN,
    ];
    assert_eq!(refusal(&body), "RETURN_GENERATOR is missing or misplaced");
    let mut generator = unit(&body);
    generator.flags = co::GENERATOR;
    assert_eq!(verify_unit(&generator), Ok(()));
    generator.code = assemble(&[NONE, RETURN]);
    assert_eq!(
        verify_unit(&generator).unwrap_err().message,
        "RETURN_GENERATOR is missing or misplaced"
    );
    assert_eq!(
        refusal(&[NONE, (op::YIELD_VALUE, 0), RETURN]),
        "yield outside of a generator"
    );
}

/// What is thrown into a suspended generator goes from its YIELD_VALUE to the handler, as from an instruction that raises.
#[test]
fn yields_reach_their_handlers() {
    let mut generator = unit(&[
        (op::RETURN_GENERATOR, 0),
        (op::POP_TOP, 0),
        (op::RESUME, 0),
        NONE,
        (op::YIELD_VALUE, 0),
        (op::RESUME, 1),
        RETURN,
        (op::POP_TOP, 0),
        (op::POP_TOP, 0),
        NONE,
        RETURN,
    ]);
    generator.flags = co::GENERATOR;
    exception_table::write_entry(
        &mut generator.exceptiontable,
        ExceptionEntry {
            start: 4,
            end: 5,
            target: 7,
            depth: 0,
            lasti: false,
        },
    );
    assert_eq!(
        verify_unit(&generator).unwrap_err().message,
        "stack underflow"
    );
    generator.code[2 * 7] = op::NOP;
    assert_eq!(verify_unit(&generator), Ok(()));
}

#[test]
fn closures_fit_their_code() {
    let mut inner = unit(&[(op::COPY_FREE_VARS, 1), NONE, RETURN]);
    inner.argcount = 0;
    inner.localspluskinds = vec![kinds::LOCAL, kinds::LOCAL, kinds::FREE];
    let mut outer = unit(&[]);
    outer.consts = vec![Constant::None, Constant::Code(Rc::new(inner))];
    let make = [(op::LOAD_CONST, 1), (op::MAKE_FUNCTION, 0)];
    let close = [(op::SET_FUNCTION_ATTRIBUTE, 8), RETURN];
    let cell = [
        (op::MAKE_CELL, 2),
        (op::LOAD_FAST_BORROW, 2),
        (op::BUILD_TUPLE, 1),
    ];
    let cases: [(Vec<(u8, u8)>, Option<&str>); 3] = [
        ([&cell[..], &make, &close].concat(), None),
        (
            [&make[..], &[RETURN]].concat(),
            Some("NULL where an object is needed"),
        ),
        (
            [&[NONE, (op::BUILD_TUPLE, 1)], &make[..], &close].concat(),
            Some("a closure that does not fit its code"),
        ),
    ];
    for (instructions, message) in cases {
        outer.code = assemble(&instructions);
        assert_eq!(
            verify_unit(&outer).err().map(|error| error.message),
            message
        );
    }
}
