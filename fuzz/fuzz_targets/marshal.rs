//! Arbitrary marshal data: reading, verifying and listing must neither panic nor hang.
//!
//! A good seed is `crates/bytecode/tests/samples/constructs.marshal`.

#![no_main]

use bytecode::{Constant, dis, exception_table, locations, marshal, verify};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(constant) = marshal::read_constant(data) else { return };
    if let Ok(written) = marshal::write_constant(&constant) {
        assert_eq!(marshal::read_constant(&written).as_ref(), Ok(&constant));
    }
    if let Constant::Code(code) = constant {
        let _ = verify::verify_unit(&code);
        dis::disassemble(&code, dis::DisOptions::default());
        locations::entries(&code.linetable, code.firstlineno).for_each(drop);
        exception_table::entries(&code.exceptiontable).for_each(drop);
    }
});
