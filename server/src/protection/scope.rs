//! Scopes: whitespace-separated JSON paths (RFC 9535), relative to the object that holds the block. OSIA's examples are
//! written without the `$` that the RFC begins a path with; both are read.
//!
//! Paths come from strangers. What would make one costly is not taken: several descendant segments, filters in filters of
//! filters, filters that look at the whole document, long unions. `match` and `search` (RFC 9535 §2.4.6, §2.4.7) are unknown
//! here, because of what regular expressions cost.

use serde_json::Value;
use serde_json_path::{JsonPath, PathElement};

use super::fault::Reason;

/// Bytes of a scope at most.
const MOST_BYTES: usize = 8192;
/// Paths of a scope at most.
const MOST_PATHS: usize = 64;
/// Bytes of one path at most.
const MOST_PATH_BYTES: usize = 512;
/// Nodes that a scope may find at most.
const MOST_NODES: usize = 50_000;
/// Steps from the root to all nodes, of a document that paths to several nodes are followed through, at most: each node that
/// such a path comes by is remembered with the steps to it.
const MOST_STEPS: usize = 500_000;
/// How often unions may lead to one node at most (`$[0, 0][0, 0]`): one by one, their sizes multiplied.
const MOST_OFTEN: usize = 16;

/// One step from a node to a node in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// To a member of an object.
    Member(String),
    /// To an element of an array.
    Element(usize),
}

/// Where a node is: the steps to it.
pub type Location = Vec<Step>;

/// A scope, read.
#[derive(Debug)]
pub struct Scope {
    paths: Vec<JsonPath>,
    /// How often one node may be come by, where a path leads to several nodes.
    often: Option<usize>,
}

impl Scope {
    /// Reads a scope.
    ///
    /// # Errors
    /// [`Reason::Scope`].
    pub fn parse(text: &str) -> Result<Self, Reason> {
        if text.len() > MOST_BYTES {
            return Err(Reason::Scope);
        }
        let paths = split(text)?;
        if paths.is_empty() || paths.len() > MOST_PATHS {
            return Err(Reason::Scope);
        }
        let several = paths.iter().filter_map(|path| often(&unquoted(path))).max();
        Ok(Self { paths: paths.into_iter().map(path).collect::<Result<_, _>>()?, often: several })
    }

    /// Where its paths lead from `node`: one list per path, in the order of the document, none twice.
    ///
    /// # Errors
    /// [`Reason::Scope`] where they find more than is taken, [`Reason::Crowded`] where they would come by more.
    pub fn locate_each(&self, node: &Value) -> Result<Vec<Vec<Location>>, Reason> {
        if self.often.is_some_and(|often| !is_within(node, MOST_STEPS / often)) {
            return Err(Reason::Crowded);
        }
        let mut found = 0;
        let locate = |path: &JsonPath| {
            let nodes = path.query_located(node).dedup();
            found += nodes.len();
            if found > MOST_NODES {
                return Err(Reason::Scope);
            }
            Ok(nodes.locations().map(|location| location.iter().map(step).collect()).collect())
        };
        self.paths.iter().map(locate).collect()
    }

    /// All of them together.
    ///
    /// # Errors
    /// As [`Scope::locate_each`].
    pub fn locate(&self, node: &Value) -> Result<Vec<Location>, Reason> {
        let mut all = self.locate_each(node)?.concat();
        all.sort();
        all.dedup();
        Ok(all)
    }
}

fn step(element: &PathElement<'_>) -> Step {
    match element {
        PathElement::Name(name) => Step::Member((*name).to_owned()),
        PathElement::Index(index) => Step::Element(*index),
    }
}

/// The node at a location.
#[must_use]
pub fn at<'v>(node: &'v Value, location: &[Step]) -> Option<&'v Value> {
    location.iter().try_fold(node, |node, step| match step {
        Step::Member(name) => node.get(name),
        Step::Element(index) => node.get(index),
    })
}

/// The node at a location, to be changed.
pub fn at_mut<'v>(node: &'v mut Value, location: &[Step]) -> Option<&'v mut Value> {
    location.iter().try_fold(node, |node, step| match step {
        Step::Member(name) => node.get_mut(name),
        Step::Element(index) => node.get_mut(index),
    })
}

/// `documentData[0].parts[1]`, for people; the root is `the document`.
#[must_use]
pub fn shown(location: &[Step]) -> String {
    let mut text = String::new();
    for step in location {
        match step {
            Step::Member(name) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(name);
            }
            Step::Element(index) => text.push_str(&format!("[{index}]")),
        }
    }
    if text.is_empty() { "the document".into() } else { text }
}

/// At white space outside of brackets and quotes: a filter may have some.
fn split(text: &str) -> Result<Vec<&str>, Reason> {
    let (mut paths, mut start, mut depth) = (Vec::new(), None, 0_usize);
    let mut quote = None;
    let mut escaped = false;
    for (place, letter) in text.char_indices() {
        if let Some(open) = quote {
            match letter {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                letter if letter == open => quote = None,
                _ => {}
            }
            continue;
        }
        match letter {
            '\'' | '"' => quote = Some(letter),
            '[' | '(' => depth += 1,
            ']' | ')' => depth = depth.checked_sub(1).ok_or(Reason::Scope)?,
            letter if letter.is_whitespace() && depth == 0 => {
                paths.extend(start.take().map(|start: usize| &text[start..place]));
                continue;
            }
            _ => {}
        }
        start.get_or_insert(place);
    }
    if quote.is_some() || depth > 0 {
        return Err(Reason::Scope);
    }
    paths.extend(start.map(|start| &text[start..]));
    Ok(paths)
}

fn path(text: &str) -> Result<JsonPath, Reason> {
    if text.len() > MOST_PATH_BYTES || is_costly(text) {
        return Err(Reason::Scope);
    }
    let whole = match text.as_bytes().first() {
        Some(b'$') => text.to_owned(),
        Some(b'[' | b'.') => format!("${text}"),
        _ => format!("$.{text}"),
    };
    JsonPath::parse(&whole).map_err(|_| Reason::Scope)
}

/// Whether the steps from a node to all nodes in it are no more than `most`.
fn is_within(node: &Value, most: usize) -> bool {
    fn left(node: &Value, depth: usize, most: usize) -> Option<usize> {
        let most = most.checked_sub(depth)?;
        match node {
            Value::Array(elements) => elements.iter().try_fold(most, |most, element| left(element, depth + 1, most)),
            Value::Object(members) => members.values().try_fold(most, |most, value| left(value, depth + 1, most)),
            _ => Some(most),
        }
    }
    left(node, 0, most).is_some()
}

/// How often a path may come by one node, quoted names left out: the sizes of its unions, multiplied. `None` of a path to one
/// node.
fn often(bare: &str) -> Option<usize> {
    let mut unions = Vec::new();
    let mut product = 1_usize;
    for letter in bare.chars() {
        match letter {
            '[' => unions.push(1_usize),
            ',' => unions.iter_mut().next_back().into_iter().for_each(|size| *size += 1),
            ']' => product = product.saturating_mul(unions.pop().unwrap_or(1)),
            _ => {}
        }
    }
    (product > 1 || bare.contains(['*', '?', ':']) || bare.contains("..")).then_some(product)
}

/// Counts what multiplies work, quoted names left out.
fn is_costly(text: &str) -> bool {
    let bare = unquoted(text);
    let count = |letter: char| bare.matches(letter).count();
    bare.matches("..").count() > 1
        || count('?') > 2
        || count(',') > 8
        || often(&bare).is_some_and(|often| often > MOST_OFTEN)
        || count('[') + count('(') + count('!') > 24
        || bare.get(1..).is_some_and(|rest| rest.contains('$'))
}

fn unquoted(text: &str) -> String {
    let (mut quote, mut escaped) = (None, false);
    let outside = |letter: &char| {
        let inside = quote.is_some();
        match (quote, *letter) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), letter) if letter == open => quote = None,
            (None, '\'' | '"') => quote = Some(*letter),
            _ => {}
        }
        !inside
    };
    text.chars().filter(outside).map(|letter| if letter.is_ascii() { letter } else { 'x' }).collect()
}
