//! The order of an `OrderedDict`'s keys: a doubly linked list in an array.
//!
//! A node is found by the address of its key object, which is the very object that the dict holds; the node keeps it alive, so that no
//! other key gets the address. Nothing here compares keys or runs Python code: keys that are taken out are handed to the caller to drop.

use runtime::object::{Object, Owned};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// The number of a node; `NONE` where there is none.
pub type NodeId = u32;
pub const NONE: NodeId = u32::MAX;

struct Node {
    /// None: the node is free, and `next` links to the next free one.
    key: Option<Owned>,
    hash: isize,
    prev: NodeId,
    next: NodeId,
}

/// Hashes addresses.
#[derive(Default)]
pub struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ byte as u64;
        }
    }
    fn write_usize(&mut self, address: usize) {
        let mixed = (address as u64 >> 4).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

pub struct Order {
    nodes: Vec<Node>,
    by_key: HashMap<usize, NodeId, BuildHasherDefault<AddressHasher>>,
    free: NodeId,
    first: NodeId,
    last: NodeId,
    /// Changes whenever the list does.
    pub state: u64,
}

impl Default for Order {
    fn default() -> Order {
        Order { nodes: Vec::new(), by_key: HashMap::default(), free: NONE, first: NONE, last: NONE, state: 0 }
    }
}

fn address(key: &Object) -> usize {
    key as *const Object as usize
}

impl Order {
    pub fn len(&self) -> usize {
        self.by_key.len()
    }
    pub fn is_empty(&self) -> bool {
        self.first == NONE
    }
    pub fn first(&self) -> NodeId {
        self.first
    }
    pub fn last(&self) -> NodeId {
        self.last
    }
    pub fn next(&self, id: NodeId) -> NodeId {
        self.nodes.get(id as usize).map_or(NONE, |node| node.next)
    }
    pub fn prev(&self, id: NodeId) -> NodeId {
        self.nodes.get(id as usize).map_or(NONE, |node| node.prev)
    }
    /// Key and hash of a node.
    pub fn get(&self, id: NodeId) -> Option<(&Owned, isize)> {
        let node = self.nodes.get(id as usize)?;
        Some((node.key.as_ref()?, node.hash))
    }
    /// The node of a key object as the dict holds it.
    pub fn find(&self, key: &Object) -> Option<NodeId> {
        self.by_key.get(&address(key)).copied()
    }
    /// All keys in order.
    pub fn keys(&self) -> impl Iterator<Item = (&Owned, isize)> {
        let mut at = self.first;
        std::iter::from_fn(move || {
            let item = self.get(at)?;
            at = self.next(at);
            Some(item)
        })
    }

    /// Adds a key that is not there at the end.
    pub fn push_last(&mut self, key: Owned, hash: isize) {
        let place = address(&key);
        let node = Node { key: Some(key), hash, prev: NONE, next: NONE };
        let id = if self.free == NONE {
            self.nodes.push(node);
            (self.nodes.len() - 1) as NodeId
        } else {
            let id = self.free;
            self.free = self.nodes[id as usize].next;
            self.nodes[id as usize] = node;
            id
        };
        self.by_key.insert(place, id);
        self.link_last(id);
    }
    /// Takes a node out.
    pub fn remove(&mut self, id: NodeId) -> Option<Owned> {
        let key = self.nodes.get_mut(id as usize)?.key.take()?;
        self.by_key.remove(&address(&key));
        self.unlink(id);
        self.nodes[id as usize].next = self.free;
        self.free = id;
        Some(key)
    }
    pub fn move_last(&mut self, id: NodeId) {
        if id != self.last {
            self.unlink(id);
            self.link_last(id);
        }
    }
    pub fn move_first(&mut self, id: NodeId) {
        if id != self.first {
            self.unlink(id);
            self.link_first(id);
        }
    }

    fn unlink(&mut self, id: NodeId) {
        let (prev, next) = (self.nodes[id as usize].prev, self.nodes[id as usize].next);
        match prev {
            NONE => self.first = next,
            prev => self.nodes[prev as usize].next = next,
        }
        match next {
            NONE => self.last = prev,
            next => self.nodes[next as usize].prev = prev,
        }
        self.state += 1;
    }
    fn link_last(&mut self, id: NodeId) {
        let last = std::mem::replace(&mut self.last, id);
        self.nodes[id as usize].prev = last;
        self.nodes[id as usize].next = NONE;
        match last {
            NONE => self.first = id,
            last => self.nodes[last as usize].next = id,
        }
        self.state += 1;
    }
    fn link_first(&mut self, id: NodeId) {
        let first = std::mem::replace(&mut self.first, id);
        self.nodes[id as usize].next = first;
        self.nodes[id as usize].prev = NONE;
        match first {
            NONE => self.last = id,
            first => self.nodes[first as usize].prev = id,
        }
        self.state += 1;
    }
}
