//! Instrumented forms (PEP 669) and numbers without an instruction.

use crate::interp::monitoring;
use crate::interp::registers::{Done, Slow, slow};

slow! {
    instrumented(r, OP) {
        return instruction(r, OP);
    }
}

slow! {
    /// The number stands in the code: nobody else runs it.
    unknown(r) {
        return instruction(r, (*r.ip.sub(1)).code);
    }
}

#[inline(never)]
unsafe fn instruction(mut r: Slow, opcode: u8) -> Done {
    // SAFETY: see `Slow`.
    unsafe {
        match monitoring::instrumented(r.ts, r.frame, opcode, r.oparg, r.ip, r.sp) {
            monitoring::Next::Run(base) => r.run(base),
            monitoring::Next::Go(to, top) => {
                r.ip = to;
                r.sp = top;
                r.next()
            }
            monitoring::Next::RunAt(base, to) => {
                r.oparg = (*to).arg as usize;
                r.ip = to.add(1);
                r.sp = (*r.frame).stackpointer;
                r.run(base)
            }
            monitoring::Next::Raise => r.error(),
        }
    }
}
