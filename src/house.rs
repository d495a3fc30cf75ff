//! Holds the house to its plan: data flows one way, so a module may use those before it in
//! [`ORDER`] and no others.

use std::{fs, path::Path};

/// From what knows nothing of the rest to what knows all.
const ORDER: &str = "sort error text zone local log limits ending signals courts config gladstone learn \
    cli usage output commands";

fn place_in_order(module: &str) -> Option<usize> {
    ORDER.split(' ').position(|known| known == module)
}

/// The names behind each `crate::` of a source, its unit tests and comments left out.
fn used_modules(source: &str) -> Vec<String> {
    let code: String = source
        .split("#[cfg(test)]\nmod tests {")
        .take(1)
        .flat_map(str::lines)
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| line.to_owned() + " ")
        .collect();
    let mut found = Vec::new();
    for used in code.split("crate::").skip(1) {
        // One name, or a group of which only the first level counts.
        let (mut depth, mut first_level) = (0, String::new());
        for char in used.chars() {
            match char {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ if depth <= 1 => first_level.push(char),
                _ => {}
            }
            if depth == 0 && !char.is_alphanumeric() && char != '_' {
                break;
            }
        }
        found.extend(first_level.split(',').map(|item| {
            let item = item.trim_start();
            let end = item.find(|char: char| !char.is_alphanumeric() && char != '_');
            item[..end.unwrap_or(item.len())].to_owned()
        }));
    }
    found
}

fn assert_uses_only_what_is_before(module: &str, path: &Path) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            assert_uses_only_what_is_before(module, &entry.unwrap().path());
        }
        return;
    }
    let is_source = path.extension().is_some_and(|extension| extension == "rs");
    if !is_source || path.components().any(|part| part.as_os_str() == "tests") {
        return;
    }
    for used in used_modules(&fs::read_to_string(path).unwrap()) {
        let is_before = place_in_order(&used) <= place_in_order(module);
        assert!(is_before, "{} uses `{used}`", path.display());
        // The domain is pure.
        assert!(
            module != "courts" || ["courts", "sort", "zone", ""].contains(&used.as_str()),
            "{used}"
        );
    }
}

#[test]
fn data_flows_one_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(&root).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let is_root = ["main", "lib", "house", "fuzzing"].contains(&name.as_str());
        assert!(
            is_root || place_in_order(&name).is_some(),
            "`{name}` has no place in ORDER"
        );
    }
    for module in ORDER.split(' ') {
        let file = root.join(module).with_extension("rs");
        let path = if file.exists() {
            file
        } else {
            root.join(module)
        };
        assert_uses_only_what_is_before(module, &path);
    }
}

#[test]
fn uses_are_found_in_groups() {
    let source = "use crate::{\n    config::{Club, Env},\n    zone::Zone,\n};\n// crate::no\nfn f() { crate::text::line(); }";
    assert_eq!(used_modules(source), ["config", "zone", "", "text"]);
}
