//! Embeds the built site anew when it changed. A checkout without a built site compiles too: it serves pages without script.

fn main() {
    let site = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/site");
    println!("cargo:rerun-if-changed={site}/pkg");
    println!("cargo:rerun-if-changed={site}");
}
