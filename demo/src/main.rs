//! One command that shows all of it.
fn main() {}
