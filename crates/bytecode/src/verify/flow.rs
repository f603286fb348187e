//! Second pass: follows all paths with what is known about stack and variables, until nothing changes.
//!
//! A state is kept where paths meet (targets of jumps and handlers); between, one state walks along. Items
//! only ever lose knowledge where paths join, so the walk ends; the budget bounds how soon.

use super::decode::{Decoded, Instruction, NONE};
use super::state::{Item, ItemKind, State, bit, set_bit};
use super::{BUDGET, CodeView, ConstKind, Result, VerifyError};
use crate::opcodes::{Opcode, flags};

pub fn run(view: &CodeView, decoded: &Decoded) -> Result<()> {
    let words = view.localspluskinds.len().div_ceil(64);
    let mut bound = vec![0; words];
    for arg in 0..view.total_args() {
        set_bit(&mut bound, arg, true);
    }
    let state = State {
        stack: Vec::new(),
        bound,
        cells: vec![0; words],
    };
    let mut flow = Flow {
        view,
        decoded,
        states: (0..decoded.instructions.len()).map(|_| None).collect(),
        pending: Vec::new(),
        budget: BUDGET,
        state,
        low_water: 0,
    };
    if decoded.is_leader[0] {
        flow.join_here(0)?;
    } else {
        flow.walk(0)?;
    }
    while let Some(index) = flow.pending.pop() {
        if let Some(known) = &mut flow.states[index as usize] {
            known.queued = false;
            flow.state.clone_from(&known.state);
            flow.walk(index as usize)?;
        }
    }
    Ok(())
}

struct Known {
    state: State,
    queued: bool,
}

struct Flow<'a> {
    view: &'a CodeView<'a>,
    decoded: &'a Decoded,
    /// By index of instruction, for leaders.
    states: Vec<Option<Box<Known>>>,
    pending: Vec<u32>,
    budget: usize,
    state: State,
    /// How far down the current instruction reached into the stack.
    low_water: usize,
}

type Step<T> = std::result::Result<T, &'static str>;

/// What never raises on CPython, but may here: there is no exception where one has to be, or an event waits at a jump that no compiler wrote.
fn raises_here_alone(opcode: Opcode) -> bool {
    matches!(
        opcode,
        Opcode::PUSH_EXC_INFO | Opcode::POP_EXCEPT | Opcode::JUMP_BACKWARD_NO_INTERRUPT
    )
}

impl Flow<'_> {
    /// Follows the instructions from `index` on with the current state, up to where paths meet or end.
    fn walk(&mut self, start: usize) -> Result<()> {
        let mut told = NONE;
        let mut index = start;
        loop {
            let Some(&instruction) = self.decoded.instructions.get(index) else {
                return Err(VerifyError::whole("control runs off the end of the code"));
            };
            let at = |message| VerifyError::at(instruction.unit as usize, message);
            self.spend(1).map_err(at)?;
            // A handler learns of the state at the first instruction under it that may raise, and whenever that may have lost. An
            // inlined comprehension takes a cell away before its own handler begins and puts it back after that handler's end.
            let raises = instruction.opcode.has(flags::ERROR)
                || instruction.opcode.has(flags::ERROR_NO_POP)
                || raises_here_alone(instruction.opcode);
            let is_quiet = !raises || instruction.opcode == Opcode::MAKE_CELL;
            if instruction.handler != NONE && instruction.handler != told && !is_quiet {
                self.raise_edge(instruction.handler).map_err(at)?;
                told = instruction.handler;
            }
            self.low_water = self.state.stack.len();
            let loses = self.execute(&instruction).map_err(at)?;
            if instruction.handler != NONE {
                // What is thrown into a suspended generator is raised here, with something sent on the stack.
                if instruction.opcode == Opcode::YIELD_VALUE {
                    self.raise_edge(instruction.handler).map_err(at)?;
                }
                let depth = self.decoded.handlers[instruction.handler as usize]
                    .entry
                    .depth as usize;
                if self.low_water < depth && instruction.opcode.has(flags::ERROR) {
                    return Err(at("stack too shallow for the exception handler"));
                }
                if loses || self.low_water < depth {
                    told = NONE;
                }
            }
            if self.state.stack.len() > self.view.stacksize as usize {
                return Err(at("stack deeper than co_stacksize"));
            }
            if instruction.target != NONE {
                self.join_at(instruction.target as usize).map_err(at)?;
            }
            if ends_path(instruction.opcode) {
                return Ok(());
            }
            index += 1;
            if self.decoded.is_leader.get(index) == Some(&true) {
                return self.join_here(index);
            }
        }
    }

    fn spend(&mut self, steps: usize) -> Step<()> {
        self.budget = self
            .budget
            .checked_sub(steps)
            .ok_or("code too complex to verify")?;
        Ok(())
    }

    fn join_here(&mut self, index: usize) -> Result<()> {
        let unit = self.decoded.instructions[index].unit as usize;
        self.join_at(index)
            .map_err(|message| VerifyError::at(unit, message))
    }

    /// The current state reaches a leader.
    fn join_at(&mut self, index: usize) -> Step<()> {
        let stack = std::mem::take(&mut self.state.stack);
        let result = self.join_stack(index, &stack);
        self.state.stack = stack;
        result
    }

    fn join_stack(&mut self, index: usize, stack: &[Item]) -> Step<()> {
        self.spend(stack.len() + self.state.bound.len() * 2 + 1)?;
        let (bound, cells) = (&self.state.bound, &self.state.cells);
        match &mut self.states[index] {
            Some(known) => {
                let changed = known
                    .state
                    .join(stack, bound, cells)
                    .ok_or("paths with different stacks meet")?;
                if changed && !known.queued {
                    known.queued = true;
                    self.pending.push(index as u32);
                }
            }
            empty => {
                let state = State {
                    stack: stack.to_vec(),
                    bound: bound.clone(),
                    cells: cells.clone(),
                };
                *empty = Some(Box::new(Known {
                    state,
                    queued: true,
                }));
                self.pending.push(index as u32);
            }
        }
        Ok(())
    }

    /// An exception in the current instruction goes to its handler.
    fn raise_edge(&mut self, handler: u32) -> Step<()> {
        let handler = &self.decoded.handlers[handler as usize];
        let depth = handler.entry.depth as usize;
        let kept = self
            .state
            .stack
            .get(..depth)
            .ok_or("stack too shallow for the exception handler")?;
        let mut stack = kept.to_vec();
        if handler.entry.lasti {
            stack.push(Item::OBJECT);
        }
        stack.push(Item::OBJECT);
        if stack.len() > self.view.stacksize as usize {
            return Err("stack deeper than co_stacksize");
        }
        self.join_stack(handler.target as usize, &stack)
    }

    /// Applies one instruction to the state. True if a variable may have lost its value.
    fn execute(&mut self, instruction: &Instruction) -> Step<bool> {
        use Opcode::*;
        let Instruction { opcode, arg, .. } = *instruction;
        let index = arg as usize;
        match opcode {
            LOAD_FAST => self.load(index, false)?,
            LOAD_FAST_BORROW => self.load(index, true)?,
            LOAD_FAST_LOAD_FAST | LOAD_FAST_BORROW_LOAD_FAST_BORROW => {
                let borrow = opcode == LOAD_FAST_BORROW_LOAD_FAST_BORROW;
                self.load(index >> 4, borrow)?;
                self.load(index & 15, borrow)?;
            }
            LOAD_FAST_CHECK => {
                self.push(Item::OBJECT);
                set_bit(&mut self.state.bound, index, true);
            }
            LOAD_FAST_AND_CLEAR => {
                self.kill(index)?;
                let is_cell = bit(&self.state.cells, index);
                self.unset(index);
                let kind = if is_cell {
                    ItemKind::ClearedCell
                } else {
                    ItemKind::Cleared
                };
                self.push(Item::new(kind, index));
                return Ok(true);
            }
            STORE_FAST => return self.store(index),
            STORE_FAST_STORE_FAST => {
                let first = self.store(index >> 4)?;
                return Ok(self.store(index & 15)? | first);
            }
            STORE_FAST_LOAD_FAST => {
                let loses = self.store(index >> 4)?;
                self.load(index & 15, false)?;
                return Ok(loses);
            }
            DELETE_FAST => {
                self.kill(index)?;
                self.unset(index);
                return Ok(true);
            }
            MAKE_CELL => {
                self.kill(index)?;
                set_bit(&mut self.state.cells, index, true);
                set_bit(&mut self.state.bound, index, true);
            }
            COPY_FREE_VARS => {
                let total = self.view.localspluskinds.len();
                for index in total - index..total {
                    self.kill(index)?;
                    set_bit(&mut self.state.cells, index, true);
                    set_bit(&mut self.state.bound, index, true);
                }
            }
            LOAD_DEREF => {
                self.need_cell(index)?;
                self.push(Item::OBJECT);
            }
            LOAD_FROM_DICT_OR_DEREF | STORE_DEREF | DELETE_DEREF => {
                self.need_cell(index)?;
                self.plain(opcode, arg)?;
            }
            _ => self.execute_stack(opcode, arg)?,
        }
        Ok(false)
    }

    /// Instructions that concern the stack alone.
    fn execute_stack(&mut self, opcode: Opcode, arg: u32) -> Step<()> {
        use Opcode::*;
        let count = arg as usize;
        match opcode {
            LOAD_CONST => self.push(Item::new(ItemKind::Const, count)),
            PUSH_NULL => self.push(Item::NULL),
            POP_TOP => drop(self.pop_or_null()?),
            COPY => {
                let item = self.peek(count)?;
                if item.is_unclosed() {
                    return Err(UNCLOSED);
                }
                // Two items must not put the same value back.
                let taken = matches!(item.kind(), ItemKind::Cleared | ItemKind::ClearedCell);
                self.push(if taken { Item::MAYBE_NULL } else { item });
            }
            SWAP => {
                let top = self.state.stack.len();
                if count > top {
                    return Err("stack underflow");
                }
                self.low_water = self.low_water.min(top - count);
                self.state.stack.swap(top - 1, top - count);
            }
            LOAD_GLOBAL => {
                self.push(Item::OBJECT);
                if arg & 1 != 0 {
                    self.push(Item::NULL);
                }
            }
            LOAD_ATTR | LOAD_SUPER_ATTR => {
                let receiver = self.pop_object()?;
                if opcode == LOAD_SUPER_ATTR {
                    self.pop_object()?;
                    self.pop_object()?;
                }
                self.push(Item::OBJECT);
                if arg & 1 != 0 {
                    self.push(maybe_self(receiver));
                }
            }
            LOAD_SPECIAL => {
                let receiver = self.pop_object()?;
                self.push(Item::OBJECT);
                self.push(maybe_self(receiver));
            }
            CALL => {
                self.pop_objects(count)?;
                self.pop_or_null()?;
                self.pop_object()?;
                self.push(Item::OBJECT);
            }
            CALL_KW => {
                let names = self.pop()?;
                match self.const_kind(names) {
                    ConstKind::Names(length) if length <= count => {}
                    _ => return Err("CALL_KW without a tuple of names"),
                }
                self.pop_objects(count)?;
                self.pop_or_null()?;
                self.pop_object()?;
                self.push(Item::OBJECT);
            }
            CALL_FUNCTION_EX => {
                let kwargs = self.pop()?;
                if !matches!(kwargs.kind(), ItemKind::Dict | ItemKind::Null) {
                    return Err("CALL_FUNCTION_EX without a dict");
                }
                self.pop_object()?;
                self.pop_or_null()?;
                self.pop_object()?;
                self.push(Item::OBJECT);
            }
            WITH_EXCEPT_START => {
                self.peek_object(1)?;
                self.peek(2)?;
                self.peek(3)?;
                self.peek(4)?;
                self.peek_object(5)?;
                self.push(Item::OBJECT);
            }
            BUILD_LIST => self.build(count, ItemKind::List)?,
            BUILD_SET => self.build(count, ItemKind::Set)?,
            BUILD_MAP => self.build(count * 2, ItemKind::Dict)?,
            BUILD_TUPLE => {
                let items = self
                    .state
                    .stack
                    .len()
                    .checked_sub(count)
                    .map(|low| &self.state.stack[low..]);
                let items = items.ok_or("stack underflow")?;
                let is_cell =
                    |item: &Item| matches!(item.kind(), ItemKind::BorrowedCell | ItemKind::Cell);
                let cells = count > 0 && items.iter().all(is_cell);
                self.pop_objects(count)?;
                self.push(if cells {
                    Item::new(ItemKind::Cells, count)
                } else {
                    Item::new(ItemKind::Tuple, 0)
                });
            }
            LIST_APPEND | LIST_EXTEND => self.add_to(1, count, ItemKind::List)?,
            SET_UPDATE => self.add_to(1, count, ItemKind::Set)?,
            MAP_ADD => self.add_to(2, count, ItemKind::Dict)?,
            DICT_UPDATE => self.add_to(1, count, ItemKind::Dict)?,
            DICT_MERGE => {
                self.add_to(1, count, ItemKind::Dict)?;
                // Its error message names the function further down.
                self.peek_object(count + 3)?;
            }
            SET_ADD => {
                self.pop_object()?;
                self.peek_object(count)?;
            }
            MATCH_KEYS => {
                self.need_tuple(1)?;
                self.peek_object(2)?;
                self.push(Item::OBJECT);
            }
            MATCH_CLASS => {
                self.need_tuple(1)?;
                self.plain(opcode, arg)?;
            }
            MAKE_FUNCTION => {
                let code = self.pop()?;
                match self.const_kind(code) {
                    ConstKind::Code { free: 0 } => self.push(Item::new(ItemKind::Function, 0)),
                    ConstKind::Code { free } => self.push(Item::new(ItemKind::Unclosed, free)),
                    _ => return Err("MAKE_FUNCTION without code"),
                }
            }
            SET_FUNCTION_ATTRIBUTE => self.set_function_attribute(arg)?,
            // What is returned may be what was given.
            FORMAT_SIMPLE | GET_YIELD_FROM_ITER | PUSH_EXC_INFO | END_SEND => {
                self.pass_through(opcode, arg)?;
            }
            // What they look at stays.
            GET_LEN | IMPORT_FROM | MATCH_MAPPING | MATCH_SEQUENCE | GET_ANEXT | FOR_ITER => {
                self.peek_object(1)?;
                self.push(Item::OBJECT);
            }
            CHECK_EXC_MATCH => {
                self.pop_object()?;
                self.peek_object(1)?;
                self.push(Item::OBJECT);
            }
            SEND => {
                self.pop_object()?;
                self.peek_object(1)?;
                self.push(Item::OBJECT);
            }
            RERAISE => {
                self.pop_object()?;
                for depth in 1..=count {
                    self.peek_object(depth)?;
                }
            }
            RETURN_GENERATOR if !self.state.stack.is_empty() => {
                return Err("RETURN_GENERATOR with a stack");
            }
            YIELD_VALUE => {
                self.pop_object()?;
                self.push(Item::OBJECT);
            }
            _ => self.plain(opcode, arg)?,
        }
        Ok(())
    }

    /// Objects in, new objects out, as many as the table says.
    fn plain(&mut self, opcode: Opcode, arg: u32) -> Step<()> {
        self.pop_objects(opcode.num_popped(arg as i32) as usize)?;
        let pushed = opcode.num_pushed(arg as i32) as usize;
        if self.state.stack.len() + pushed > self.view.stacksize as usize {
            return Err("stack deeper than co_stacksize");
        }
        self.spend(pushed)?;
        self.state
            .stack
            .extend(std::iter::repeat_n(Item::OBJECT, pushed));
        Ok(())
    }

    /// The item on top, with the variable that owns it, survives below what else is pushed.
    fn pass_through(&mut self, opcode: Opcode, arg: u32) -> Step<()> {
        let top = self.peek_object(1)?;
        self.plain(opcode, arg)?;
        if top.is_borrowed()
            && let Some(last) = self.state.stack.last_mut()
        {
            *last = Item::new(ItemKind::Borrowed, top.number());
        }
        Ok(())
    }

    fn set_function_attribute(&mut self, which: u32) -> Step<()> {
        let function = self.pop()?;
        let value = self.pop()?;
        if !value.is_object() || !matches!(function.kind(), ItemKind::Function | ItemKind::Unclosed)
        {
            return Err("SET_FUNCTION_ATTRIBUTE without a function");
        }
        if which != crate::operands::MAKE_FUNCTION_CLOSURE {
            self.push(function);
            return Ok(());
        }
        let fits = function.kind() == ItemKind::Unclosed
            && value.kind() == ItemKind::Cells
            && value.number() == function.number();
        if !fits {
            return Err("a closure that does not fit its code");
        }
        self.push(Item::new(ItemKind::Function, 0));
        Ok(())
    }

    fn const_kind(&self, item: Item) -> ConstKind {
        match item.kind() {
            ItemKind::Const => (self.view.const_kind)(item.number()),
            _ => ConstKind::Other,
        }
    }

    fn need_tuple(&mut self, depth: usize) -> Step<()> {
        let item = self.peek(depth)?;
        let is_tuple = matches!(item.kind(), ItemKind::Tuple | ItemKind::Cells)
            || matches!(
                self.const_kind(item),
                ConstKind::Tuple | ConstKind::Names(_)
            );
        if is_tuple {
            Ok(())
        } else {
            Err("a tuple is needed")
        }
    }

    fn build(&mut self, count: usize, kind: ItemKind) -> Step<()> {
        self.pop_objects(count)?;
        self.push(Item::new(kind, 0));
        Ok(())
    }

    /// `count` items go into the container that then is `depth` deep.
    fn add_to(&mut self, count: usize, depth: usize, kind: ItemKind) -> Step<()> {
        self.pop_objects(count)?;
        if self.peek(depth)?.kind() != kind {
            return Err("the container is not there");
        }
        Ok(())
    }

    fn load(&mut self, index: usize, borrow: bool) -> Step<()> {
        if !bit(&self.state.bound, index) {
            return Err("a variable that may be unbound");
        }
        let kind = match (bit(&self.state.cells, index), borrow) {
            (true, true) => ItemKind::BorrowedCell,
            (false, true) => ItemKind::Borrowed,
            (true, false) => ItemKind::Cell,
            (false, false) => ItemKind::Object,
        };
        let number = if borrow { index } else { 0 };
        self.push(Item::new(kind, number));
        Ok(())
    }

    /// True if the variable may be unbound afterwards.
    fn store(&mut self, index: usize) -> Step<bool> {
        let item = self.pop()?;
        if item.is_borrowed() || item.is_unclosed() {
            return Err("a borrowed reference is stored");
        }
        self.kill(index)?;
        let back = item.number() == index;
        let is_cell = item.kind() == ItemKind::ClearedCell && back || item.kind() == ItemKind::Cell;
        let loses = !is_cell && (item.may_be_null() || bit(&self.state.cells, index));
        set_bit(&mut self.state.bound, index, !item.may_be_null() || is_cell);
        set_bit(&mut self.state.cells, index, is_cell);
        Ok(loses)
    }

    /// The variable is about to change: no reference borrowed from it may be on the stack.
    fn kill(&mut self, index: usize) -> Step<()> {
        self.spend(self.state.stack.len() / 8)?;
        match self
            .state
            .stack
            .iter()
            .any(|item| item.is_borrowed() && item.number() == index)
        {
            true => Err("a borrowed reference outlives its variable"),
            false => Ok(()),
        }
    }

    fn unset(&mut self, index: usize) {
        set_bit(&mut self.state.bound, index, false);
        set_bit(&mut self.state.cells, index, false);
    }

    fn need_cell(&self, index: usize) -> Step<()> {
        if bit(&self.state.cells, index) {
            Ok(())
        } else {
            Err("a variable that may hold no cell")
        }
    }

    fn push(&mut self, item: Item) {
        self.state.stack.push(item);
    }

    fn pop(&mut self) -> Step<Item> {
        let item = self.state.stack.pop().ok_or("stack underflow")?;
        self.low_water = self.low_water.min(self.state.stack.len());
        Ok(item)
    }

    fn pop_or_null(&mut self) -> Step<Item> {
        let item = self.pop()?;
        if item.is_unclosed() {
            Err(UNCLOSED)
        } else {
            Ok(item)
        }
    }

    fn pop_object(&mut self) -> Step<Item> {
        let item = self.pop()?;
        if item.is_object() {
            Ok(item)
        } else {
            Err("NULL where an object is needed")
        }
    }

    fn pop_objects(&mut self, count: usize) -> Step<()> {
        let Some(low) = self.state.stack.len().checked_sub(count) else {
            return Err("stack underflow");
        };
        self.spend(count / 8)?;
        if !self.state.stack[low..].iter().all(|item| item.is_object()) {
            return Err("NULL where an object is needed");
        }
        self.state.stack.truncate(low);
        self.low_water = self.low_water.min(low);
        Ok(())
    }

    /// The item `depth` from the top, counted from 1.
    fn peek(&self, depth: usize) -> Step<Item> {
        let index = self
            .state
            .stack
            .len()
            .checked_sub(depth)
            .ok_or("stack underflow")?;
        self.state
            .stack
            .get(index)
            .copied()
            .ok_or("stack underflow")
    }

    fn peek_object(&self, depth: usize) -> Step<Item> {
        let item = self.peek(depth)?;
        if item.is_object() {
            Ok(item)
        } else {
            Err("NULL where an object is needed")
        }
    }
}

const UNCLOSED: &str = "a function without its closure";

/// The receiver beside a method, or NULL; still owned by the variable that owned it.
fn maybe_self(receiver: Item) -> Item {
    match receiver.is_borrowed() {
        true => Item::new(ItemKind::MaybeBorrowed, receiver.number()),
        false => Item::MAYBE_NULL,
    }
}

fn ends_path(opcode: Opcode) -> bool {
    opcode.is_scope_exit() || opcode.is_unconditional_jump()
}
