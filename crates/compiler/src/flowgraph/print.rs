//! Shows a graph: as a listing (`--emit cfg`) and for Graphviz (`--emit cfg.dot`).

use std::fmt;

use super::{BlockId, Graph, Instr};

/// A graph as lines of text.
pub struct Listing<'g>(&'g Graph);

/// A graph in Graphviz's language.
pub struct Dot<'g> {
    graph: &'g Graph,
    name: &'g str,
}

impl Graph {
    pub fn listing(&self) -> Listing<'_> {
        Listing(self)
    }

    pub fn dot<'g>(&'g self, name: &'g str) -> Dot<'g> {
        Dot { graph: self, name }
    }
}

impl fmt::Display for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for id in self.0.order() {
            let block = &self.0[id];
            write!(f, "{id:?}:")?;
            for (set, mark) in [
                (block.label, "label"),
                (block.except_handler, "handler"),
                (block.preserve_lasti, "lasti"),
                (block.cold, "cold"),
            ] {
                if set {
                    write!(f, " {mark}")?;
                }
            }
            writeln!(f)?;
            for instr in &block.instrs {
                writeln!(f, "    {}", Line(instr))?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Dot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "digraph \"{}\" {{", escaped(self.name))?;
        writeln!(f, "    node [shape=box fontname=monospace];")?;
        for id in self.graph.order() {
            let block = &self.graph[id];
            write!(f, "    {id:?} [label=\"{id:?}\\l")?;
            for instr in &block.instrs {
                write!(f, "{}\\l", escaped(&Line(instr).to_string()))?;
            }
            writeln!(f, "\"{}];", if block.cold { " style=dashed" } else { "" })?;
            self.edges(f, id)?;
        }
        writeln!(f, "}}")
    }
}

impl Dot<'_> {
    fn edges(&self, f: &mut fmt::Formatter<'_>, id: BlockId) -> fmt::Result {
        let block = &self.graph[id];
        if block.next.is_some() && block.falls_through() {
            writeln!(f, "    {id:?} -> {:?};", block.next)?;
        }
        let mut handlers: Vec<BlockId> = Vec::new();
        for instr in &block.instrs {
            if instr.is_jump() {
                writeln!(f, "    {id:?} -> {:?} [label=jump];", instr.target)?;
            }
            if instr.except.is_some() && !handlers.contains(&instr.except) {
                handlers.push(instr.except);
                writeln!(f, "    {id:?} -> {:?} [style=dotted];", instr.except)?;
            }
        }
        Ok(())
    }
}

struct Line<'i>(&'i Instr);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instr = self.0;
        match instr.location.lineno {
            line @ 0.. => write!(f, "{line:>5}  ")?,
            _ => write!(f, "    -  ")?,
        }
        if instr.has_target() && instr.target.is_some() {
            write!(f, "{:<24} {:?}", instr.opcode.name(), instr.target)?;
        } else if instr.opcode.has(bytecode::flags::ARG) {
            write!(f, "{:<24} {}", instr.opcode.name(), instr.oparg)?;
        } else {
            write!(f, "{}", instr.opcode.name())?;
        }
        if instr.except.is_some() {
            write!(f, "  [{:?}]", instr.except)?;
        }
        Ok(())
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
