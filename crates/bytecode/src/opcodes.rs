//! What follows from the instruction table: the `Opcode` enum, byte constants, stack effects, caches,
//! families. Nothing here names a fact about an instruction that the table already states.

use crate::for_each_instruction;

/// What `importlib.util.MAGIC_NUMBER` holds.
pub const MAGIC_NUMBER: u16 = 3627;
/// The first four bytes of a `.pyc` file.
pub const MAGIC: [u8; 4] = [MAGIC_NUMBER as u8, (MAGIC_NUMBER >> 8) as u8, b'\r', b'\n'];

/// Instructions numbered at least this have an argument (`RESUME` excepted, which has one too).
pub const HAVE_ARGUMENT: u8 = 43;
pub const MIN_SPECIALIZED_OPCODE: u8 = 129;
pub const MIN_INSTRUMENTED_OPCODE: u8 = 234;
pub const MAX_REAL_OPCODE: u8 = 254;

/// Properties of an instruction, one bit each, numbered as CPython's `HAS_*_FLAG`.
pub mod flags {
    pub const ARG: u32 = 1;
    pub const CONST: u32 = 1 << 1;
    pub const NAME: u32 = 1 << 2;
    pub const JUMP: u32 = 1 << 3;
    pub const FREE: u32 = 1 << 4;
    pub const LOCAL: u32 = 1 << 5;
    pub const EVAL_BREAK: u32 = 1 << 6;
    pub const DEOPT: u32 = 1 << 7;
    pub const ERROR: u32 = 1 << 8;
    pub const ESCAPES: u32 = 1 << 9;
    pub const EXIT: u32 = 1 << 10;
    pub const PURE: u32 = 1 << 11;
    pub const PASSTHROUGH: u32 = 1 << 12;
    pub const OPARG_AND_1: u32 = 1 << 13;
    pub const ERROR_NO_POP: u32 = 1 << 14;
    pub const NO_SAVE_IP: u32 = 1 << 15;
}

/// How an instruction comes into being.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Written by the assembler.
    Base,
    /// Written by the adaptive interpreter over the base form.
    Specializes,
    /// Written by monitoring over the base form.
    Instruments,
    /// Exists inside the compiler only.
    Pseudo,
}

/// One row of the table without its stack effect (see [`Opcode::num_popped`], [`Opcode::num_pushed`]).
#[derive(Debug)]
pub struct Info {
    pub opcode: Opcode,
    pub name: &'static str,
    pub kind: Kind,
    /// Base form of a specialised or instrumented one; what a pseudo-instruction becomes.
    pub relatives: &'static [Opcode],
    /// Inline cache entries (code units) that follow the instruction.
    pub caches: u8,
    pub flags: u32,
}

macro_rules! define {
    ($($name:ident = $number:literal, $kind:ident ($($relative:ident)*), $caches:literal,
       |$arg:ident| $pops:expr => $pushes:expr, [$($flag:ident)*];)*) => {
        /// An instruction, pseudo-instructions (256 and up) included.
        #[allow(non_camel_case_types)]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u16)]
        pub enum Opcode { $($name = $number,)* }

        /// Every instruction in the order of the table.
        pub static INSTRUCTIONS: &[Info] = &[$(Info {
            opcode: Opcode::$name,
            name: stringify!($name),
            kind: Kind::$kind,
            relatives: &[$(Opcode::$relative),*],
            caches: $caches,
            flags: 0 $(| flags::$flag)*,
        }),*];

        /// The real instructions as bytes, to match on in an interpreter.
        pub mod op {
            $(byte_constant! { $kind $name $number })*
        }

        impl Opcode {
            const fn count_popped(self, oparg: i32) -> i32 {
                #[allow(unused_variables)]
                match self { $(Opcode::$name => { let $arg = oparg; $pops })* }
            }

            const fn count_pushed(self, oparg: i32) -> i32 {
                #[allow(unused_variables)]
                match self { $(Opcode::$name => { let $arg = oparg; $pushes })* }
            }
        }
    };
}

macro_rules! byte_constant {
    (Pseudo $name:ident $number:literal) => {};
    ($kind:ident $name:ident $number:literal) => {
        pub const $name: u8 = $number;
    };
}

for_each_instruction!(define);

impl Opcode {
    /// How many stack items the instruction takes.
    #[inline]
    pub fn num_popped(self, oparg: i32) -> i32 {
        match EFFECTS[self as usize].0 {
            BY_OPARG => self.count_popped(oparg),
            fixed => fixed as i32,
        }
    }

    /// How many stack items the instruction leaves in their place.
    #[inline]
    pub fn num_pushed(self, oparg: i32) -> i32 {
        match EFFECTS[self as usize].1 {
            BY_OPARG => self.count_pushed(oparg),
            fixed => fixed as i32,
        }
    }
}

/// Items popped and pushed by opcode number, where the argument does not matter: a lookup instead of a jump.
static EFFECTS: [(i8, i8); NUMBERS] = {
    let mut effects = [(0, 0); NUMBERS];
    let mut i = 0;
    while i < INSTRUCTIONS.len() {
        let opcode = INSTRUCTIONS[i].opcode;
        let (pops, pushes) = (opcode.count_popped(0), opcode.count_pushed(0));
        effects[opcode as usize] = (pops as i8, pushes as i8);
        // All formulas are linear or ask for single low bits.
        let mut oparg = 1;
        while oparg < 16 {
            if opcode.count_popped(oparg) != pops {
                effects[opcode as usize].0 = BY_OPARG;
            }
            if opcode.count_pushed(oparg) != pushes {
                effects[opcode as usize].1 = BY_OPARG;
            }
            oparg += 1;
        }
        i += 1;
    }
    effects
};

const BY_OPARG: i8 = i8::MIN;

static FIXED_EFFECTS: [i8; NUMBERS] = {
    let mut fixed = [BY_OPARG; NUMBERS];
    let mut i = 0;
    while i < INSTRUCTIONS.len() {
        let info = &INSTRUCTIONS[i];
        let (pops, pushes) = EFFECTS[info.opcode as usize];
        let has_paths = info.flags & super::flags::JUMP != 0 || info.opcode.is_block_push();
        if pops != BY_OPARG && pushes != BY_OPARG && !has_paths {
            fixed[info.opcode as usize] = pushes - pops;
        }
        i += 1;
    }
    fixed
};

/// One more than the highest number, pseudo-instructions included.
const NUMBERS: usize = 267;

/// Position in `INSTRUCTIONS` by opcode number; 255 where there is no instruction.
static POSITION: [u8; NUMBERS] = {
    let mut positions = [255; NUMBERS];
    let mut i = 0;
    while i < INSTRUCTIONS.len() {
        positions[INSTRUCTIONS[i].opcode as usize] = i as u8;
        i += 1;
    }
    positions
};

/// Cache entries by opcode byte; zero for numbers that are not in use.
pub static CACHES: [u8; 256] = {
    let mut caches = [0; 256];
    let mut i = 0;
    while i < INSTRUCTIONS.len() {
        let info = &INSTRUCTIONS[i];
        if (info.opcode as usize) < 256 {
            caches[info.opcode as usize] = info.caches;
        }
        i += 1;
    }
    caches
};

/// The unspecialised form by opcode byte (itself for all others, unused numbers included).
/// Instrumented forms map to themselves here; [`Opcode::base`] removes both.
pub static DEOPT: [u8; 256] = {
    let mut deopt = [0; 256];
    let mut i = 0;
    while i < 256 {
        deopt[i] = i as u8;
        i += 1;
    }
    i = 0;
    while i < INSTRUCTIONS.len() {
        let info = &INSTRUCTIONS[i];
        if matches!(info.kind, Kind::Specializes) {
            deopt[info.opcode as usize] = info.relatives[0] as u8;
        }
        i += 1;
    }
    deopt
};

/// The base form by opcode byte: specialised and instrumented forms go back to what the assembler
/// wrote. `INSTRUMENTED_LINE` and `INSTRUMENTED_INSTRUCTION`, which stand for any, map to themselves.
pub static BASE: [u8; 256] = {
    let mut base = DEOPT;
    let mut i = 0;
    while i < INSTRUCTIONS.len() {
        let info = &INSTRUCTIONS[i];
        if matches!(info.kind, Kind::Instruments) && !info.relatives.is_empty() {
            base[info.opcode as usize] = info.relatives[0] as u8;
        }
        i += 1;
    }
    base
};

/// The instrumented form by opcode byte of a base instruction; 0 if it has none of its own.
pub static INSTRUMENTED: [u8; 256] = {
    let mut forms = [0; 256];
    let mut i = 0;
    while i < INSTRUCTIONS.len() {
        let info = &INSTRUCTIONS[i];
        if matches!(info.kind, Kind::Instruments) && !info.relatives.is_empty() {
            forms[info.relatives[0] as usize] = info.opcode as u8;
        }
        i += 1;
    }
    forms
};

impl Opcode {
    /// The instruction with this number, if there is one.
    #[inline]
    pub fn from_number(number: u32) -> Option<Opcode> {
        let position = *POSITION.get(number as usize)?;
        INSTRUCTIONS.get(position as usize).map(|info| info.opcode)
    }

    #[inline]
    pub fn info(self) -> &'static Info {
        &INSTRUCTIONS[POSITION[self as usize] as usize]
    }

    pub fn from_name(name: &str) -> Option<Opcode> {
        INSTRUCTIONS
            .iter()
            .find(|info| info.name == name)
            .map(|info| info.opcode)
    }

    pub fn name(self) -> &'static str {
        self.info().name
    }

    #[inline]
    pub fn has(self, flag: u32) -> bool {
        self.info().flags & flag != 0
    }

    /// Inline cache entries that follow the instruction.
    #[inline]
    pub fn caches(self) -> usize {
        if self.is_pseudo() { 0 } else { CACHES[self as usize & 0xff] as usize }
    }

    #[inline]
    pub fn is_pseudo(self) -> bool {
        self as u16 >= 256
    }

    /// The form that the assembler writes: specialisation and instrumentation undone.
    #[inline]
    pub fn base(self) -> Opcode {
        if self.is_pseudo() {
            return self;
        }
        Opcode::from_number(BASE[self as usize] as u32).unwrap_or(self)
    }

    /// The specialised forms of a base instruction, in order of their numbers.
    pub fn specializations(self) -> impl Iterator<Item = Opcode> {
        INSTRUCTIONS
            .iter()
            .filter(move |info| info.kind == Kind::Specializes && info.relatives[0] == self)
            .map(|info| info.opcode)
    }

    /// Change of stack depth; `jump` asks for the effect on the path of a taken jump (or, for the
    /// pseudo-instructions that open a block, on entry of the handler).
    #[inline]
    pub fn stack_effect(self, oparg: i32, jump: bool) -> i32 {
        if self.is_block_push() && !jump {
            return 0;
        }
        self.num_pushed(oparg) - self.num_popped(oparg)
    }

    /// The change of stack depth of an instruction for which neither argument nor path matters.
    #[inline]
    pub fn fixed_stack_effect(self) -> Option<i32> {
        match FIXED_EFFECTS[self as usize] {
            BY_OPARG => None,
            fixed => Some(fixed as i32),
        }
    }

    /// `_opcode.stack_effect`: None where that raises `ValueError` (specialised forms).
    /// `jump` is None to ask for the larger of both paths.
    pub fn checked_stack_effect(self, oparg: i32, jump: Option<bool>) -> Option<i32> {
        if self.info().kind == Kind::Specializes {
            return None;
        }
        Some(match jump {
            Some(jump) => self.stack_effect(oparg, jump),
            None => self
                .stack_effect(oparg, false)
                .max(self.stack_effect(oparg, true)),
        })
    }

    /// Opens an exception handler's range (`SETUP_*`).
    #[inline]
    pub const fn is_block_push(self) -> bool {
        matches!(
            self,
            Opcode::SETUP_FINALLY | Opcode::SETUP_WITH | Opcode::SETUP_CLEANUP
        )
    }

    /// Its argument is a label while compiling: jumps and `SETUP_*`.
    #[inline]
    pub fn has_target(self) -> bool {
        self.has(flags::JUMP) || self.is_block_push()
    }

    /// Control never passes to the next instruction, nor jumps.
    #[inline]
    pub const fn is_scope_exit(self) -> bool {
        matches!(
            self,
            Opcode::RETURN_VALUE | Opcode::RAISE_VARARGS | Opcode::RERAISE
        )
    }

    /// Must be the last instruction of a basic block.
    #[inline]
    pub fn is_terminator(self) -> bool {
        self.has(flags::JUMP) || self.is_scope_exit()
    }

    #[inline]
    pub const fn is_unconditional_jump(self) -> bool {
        matches!(
            self,
            Opcode::JUMP
                | Opcode::JUMP_NO_INTERRUPT
                | Opcode::JUMP_FORWARD
                | Opcode::JUMP_BACKWARD
                | Opcode::JUMP_BACKWARD_NO_INTERRUPT
        )
    }

    #[inline]
    pub const fn is_conditional_jump(self) -> bool {
        matches!(
            self,
            Opcode::POP_JUMP_IF_FALSE
                | Opcode::POP_JUMP_IF_TRUE
                | Opcode::POP_JUMP_IF_NONE
                | Opcode::POP_JUMP_IF_NOT_NONE
        )
    }

    /// Its argument counts code units back from the next instruction.
    #[inline]
    pub const fn is_backward_jump(self) -> bool {
        matches!(
            self,
            Opcode::JUMP_BACKWARD | Opcode::JUMP_BACKWARD_NO_INTERRUPT | Opcode::END_ASYNC_FOR
        )
    }
}
