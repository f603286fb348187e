//! The interpreter as a shared library, for programs that embed Python. Its functions are those of `capi` and `taipan::embedding`.

#[global_allocator]
static ALLOCATOR: runtime::memory::reserve::Allocator = runtime::memory::reserve::Allocator;

extern "C" fn loaded() {
    taipan::embedding::in_library();
}

/// Runs when the library is loaded.
#[used]
#[unsafe(link_section = ".init_array")]
static LOADED: extern "C" fn() = loaded;
