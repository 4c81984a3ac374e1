//! Circles among the modules of one folder.

use std::collections::{BTreeMap, BTreeSet};

use super::modules::{Import, Module};

/// Who imports whom, with the first place of each.
type Edges = BTreeMap<(String, String), String>;

/// Each circle as the imports it is made of.
pub(super) fn circles(imports: &[Import]) -> Vec<String> {
    let mut edges = Edges::new();
    for import in imports {
        if let Some(edge) = siblings(&import.from, &import.to) {
            edges.entry(edge).or_insert_with(|| import.place.clone());
        }
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        edges.keys().map(|(from, _)| (from.as_str(), reach(&edges, from))).collect();
    let reaches = |from: &str, to: &str| reached.get(from).is_some_and(|reached| reached.contains(to));
    let mut circles: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for ((from, to), place) in &edges {
        // A circle goes by the first of the modules that reach each other; an import into another circle is in none.
        let circle = reached.get(from.as_str()).into_iter().flatten().find(|other| reaches(other, from));
        if let Some(first) = circle.filter(|_| reaches(to, from)) {
            circles.entry(first).or_default().push(format!("{from} -> {to} ({place})"));
        }
    }
    circles.into_values().map(|circle| circle.join(", ")).collect()
}

/// The two modules of one folder that an import connects; none where one holds the other.
fn siblings(from: &Module, to: &Module) -> Option<(String, String)> {
    let common = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    let at = |module: &Module| Some(module.get(..=common)?.join("/"));
    Some((at(from)?, at(to)?))
}

fn reach<'a>(edges: &'a Edges, from: &str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(module) = open.pop() {
        for (_, to) in edges.keys().filter(|(source, _)| source == module) {
            if found.insert(to.as_str()) {
                open.push(to);
            }
        }
    }
    found
}
