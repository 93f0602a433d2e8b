//! `uniffi-bindgen generate <library> --language kotlin|swift --no-format --out-dir <folder>`, of the very version the
//! library was built with: checksums and contract differ between versions.

fn main() {
    uniffi::uniffi_bindgen_main();
}
