//! The house's own rules, checked over its own sources.

use crate::place::{files_below, workspace};
use afterpatch_detect::Content;
use afterpatch_ingest::PARSERS;
use proc_macro2::Span;
use std::fs;
use std::path::PathBuf;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

const FUNCTION_MAX: usize = 100;
const FUNCTION_P95: usize = 60;
const FUNCTION_MEDIAN: usize = 10;
const FILE_BEFORE_TESTS: usize = 600;
const FILE_MAX: usize = 1_000;
const NESTING_MAX: usize = 4;

/// Returns every source file of the crates and of xtask.
fn sources() -> Vec<(String, String)> {
    let mut sources = Vec::new();
    for room in ["crates", "xtask"] {
        for (name, path) in files_below(&workspace().join(room)) {
            let is_rust = path.extension().is_some_and(|extension| extension == "rs");
            let is_source = is_rust && format!("/{name}").contains("/src/");
            if is_source {
                sources.push((format!("{room}/{name}"), fs::read_to_string(path).unwrap()));
            }
        }
    }
    assert!(sources.len() > 50, "only {} sources found", sources.len());
    sources
}

/// One function outside tests: where, how long, how deep.
struct Function {
    place: String,
    lines: usize,
    nesting: usize,
}

/// Gathers the functions of one file.
struct Functions<'a> {
    file: &'a str,
    found: Vec<Function>,
}

impl Functions<'_> {
    fn add(&mut self, name: &syn::Ident, span: Span, body: &syn::Block) {
        let mut depth = Depth::default();
        depth.visit_block(body);
        self.found.push(Function {
            place: format!("{}:{} {name}", self.file, span.start().line),
            lines: span.end().line - span.start().line + 1,
            nesting: depth.deepest,
        });
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::Path(path) => path.is_ident("test"),
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        syn::Meta::NameValue(_) => false,
    })
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_test(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if !is_test(&function.attrs) {
            self.add(
                &function.sig.ident,
                function.sig.span().join(function.block.span()).unwrap(),
                &function.block,
            );
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if !is_test(&function.attrs) {
            self.add(
                &function.sig.ident,
                function.sig.span().join(function.block.span()).unwrap(),
                &function.block,
            );
            visit::visit_impl_item_fn(self, function);
        }
    }
}

/// Measures how deep branches and loops lie in each other; `else if` is no deeper than its `if`.
#[derive(Debug, Default)]
struct Depth {
    now: usize,
    deepest: usize,
}

impl Depth {
    fn inside(&mut self, look: impl FnOnce(&mut Self)) {
        self.now += 1;
        self.deepest = self.deepest.max(self.now);
        look(self);
        self.now -= 1;
    }
}

impl<'ast> Visit<'ast> for Depth {
    fn visit_expr(&mut self, expression: &'ast syn::Expr) {
        use syn::Expr::{ForLoop, If, Loop, Match, While};
        match expression {
            If(_) | Match(_) | ForLoop(_) | While(_) | Loop(_) => {
                self.inside(|depth| visit::visit_expr(depth, expression));
            }
            _ => visit::visit_expr(self, expression),
        }
    }

    fn visit_expr_if(&mut self, branch: &'ast syn::ExprIf) {
        self.visit_expr(&branch.cond);
        self.visit_block(&branch.then_branch);
        match branch.else_branch.as_ref().map(|(_, other)| other.as_ref()) {
            Some(syn::Expr::If(next)) => self.visit_expr_if(next),
            Some(other) => self.visit_expr(other),
            None => {}
        }
    }

    /// A function inside a function is measured on its own.
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

fn functions() -> Vec<Function> {
    let mut all = Vec::new();
    for (file, text) in sources() {
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        let mut functions = Functions { file: &file, found: Vec::new() };
        functions.visit_file(&parsed);
        all.extend(functions.found);
    }
    all
}

#[test]
fn functions_are_short_and_flat() {
    let mut functions = functions();
    functions.sort_by_key(|function| function.lines);
    let at = |percent: usize| functions[(functions.len() - 1) * percent / 100].lines;
    let (median, p95) = (at(50), at(95));
    let longest = functions.last().unwrap();
    eprintln!(
        "{} functions: median {median}, p95 {p95}, longest {} in {}",
        functions.len(),
        longest.lines,
        longest.place
    );
    let places = |is_wrong: fn(&Function) -> bool| {
        let wrong = functions.iter().filter(|function| is_wrong(function));
        wrong.map(|function| function.place.as_str()).collect::<Vec<_>>()
    };
    let too_long = places(|function| function.lines > FUNCTION_MAX);
    assert!(too_long.is_empty(), "{too_long:#?}");
    assert!(median <= FUNCTION_MEDIAN && p95 <= FUNCTION_P95);
    let too_deep = places(|function| function.nesting > NESTING_MAX);
    assert!(too_deep.is_empty(), "{too_deep:#?}");
}

#[test]
fn files_are_one_room_each() {
    for (file, text) in sources() {
        let before_tests = text.lines().take_while(|line| line.trim() != "#[cfg(test)]").count();
        assert!(before_tests <= FILE_BEFORE_TESTS, "{file}: {before_tests} lines before its tests");
        assert!(text.lines().count() <= FILE_MAX, "{file}: too long with its tests");
        assert!(text.starts_with("//!"), "{file}: does not say what it is");
    }
}

#[test]
fn names_say_something() {
    const EMPTY_WORDS: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc", "manager"];
    for (file, _) in sources() {
        let stem = file.rsplit('/').next().unwrap().trim_end_matches(".rs");
        assert!(!EMPTY_WORDS.contains(&stem), "{file}");
    }
}

/// No network, unless the command's name says so: one room opens connections, and one command calls it.
#[test]
fn only_a_sweep_opens_connections() {
    const OPENERS: &[&str] = &["ureq", "rustls", "TcpStream", "UdpSocket", "ToSocketAddrs"];
    let outside = |name: &str| !name.starts_with("crates/sweep/");
    for (file, text) in sources().iter().filter(|(file, _)| outside(file)) {
        let text = text.split("\nmod tests {").next().unwrap();
        assert!(!OPENERS.iter().any(|word| text.contains(word)), "{file} speaks to a network");
    }
    let callers = sources().into_iter().filter(|(_, text)| text.contains("afterpatch_sweep::sweep("));
    let callers: Vec<String> = callers.map(|(file, _)| file).collect();
    assert_eq!(callers, ["crates/afterpatch/src/cli/sweep.rs"]);
}

/// What is committed and is text.
fn texts() -> Vec<(String, PathBuf)> {
    const KINDS: &[&str] = &["rs", "toml", "md", "yml", "ftl", "sh", "html", "jsonl", "css"];
    let rooms = ["crates", "xtask", "content", "cases", "docs", "examples", "scripts", "benches", ".ci"];
    let below = rooms.iter().map(|room| workspace().join(room)).filter(|room| room.exists());
    below
        .flat_map(|room| files_below(&room))
        .filter(|(name, _)| name.rsplit_once('.').is_some_and(|(_, kind)| KINDS.contains(&kind)))
        .collect()
}

#[test]
fn no_text_names_a_path_of_this_machine() {
    let home = std::env::home_dir().map(|home| format!("{}/", home.display()));
    let checkout = format!("{}/", workspace().parent().unwrap().display());
    for (name, path) in texts() {
        let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        assert!(checkout.len() < 3 || !text.contains(&checkout), "{name} names {checkout}");
        let named = home.as_ref().filter(|home| home.len() > 2 && text.contains(home.as_str()));
        assert!(named.is_none(), "{name} names {named:?}");
    }
}

#[test]
fn every_parser_says_what_it_reads() {
    for parser in PARSERS {
        assert!(parser.guide().what.len() > 20, "{}", parser.name());
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(parser.name().chars().all(plain), "{}", parser.name());
    }
}

#[test]
fn every_rule_names_its_author_its_licence_and_its_test() {
    let (content, problems) = Content::load(&[]);
    assert!(problems.is_empty(), "{problems:#?}");
    assert!(!content.rules().is_empty());
    for rule in content.rules() {
        assert!(!rule.author.is_empty(), "{}: no author", rule.id);
        assert!(!rule.license.is_empty(), "{}: no licence", rule.id);
    }
    let faults = content.check();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_readme_is_short() {
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    assert!(readme.lines().count() < 100);
}
