//! Arguments only.
fn main() {}
