//! A wallet in the terminal.
fn main() {}
