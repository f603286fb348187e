//! Builds the variadic functions, which stable Rust cannot define, from `csrc/`.

fn main() {
    let files = ["arguments.c", "build_value.c", "format.c", "variadic.c"];
    let mut build = cc::Build::new();
    build.warnings(true).flag_if_supported("-fvisibility=default").flag_if_supported("-fexceptions");
    for file in files {
        let path = format!("csrc/{file}");
        println!("cargo:rerun-if-changed={path}");
        build.file(path);
    }
    println!("cargo:rerun-if-changed=csrc/api.h");
    build.link_lib_modifier("+whole-archive").compile("capi_variadic");
}
