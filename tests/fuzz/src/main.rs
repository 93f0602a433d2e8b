//! The program that libFuzzer drives: `FUZZ_TARGET=name fuzz CORPUS… [-max_total_time=20 …]`. The engine brings `main`.
#![no_main]

use std::sync::OnceLock;

static TARGET: OnceLock<fn(&[u8])> = OnceLock::new();

/// What libFuzzer calls with each input (`LLVMFuzzerTestOneInput` of its interface).
///
/// # Safety
/// `data` must point at `size` bytes that can be read, which libFuzzer promises.
#[expect(unsafe_code, reason = "the engine's interface is C's")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn LLVMFuzzerTestOneInput(data: *const u8, size: usize) -> i32 {
    let target = TARGET.get_or_init(|| {
        // A panic is a find, also where the code under test would catch it; but for those of the QR reader, which are known
        // and for whose sake `wallet_core::decode_qr` catches.
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if panic.location().is_some_and(|at| at.file().contains("/rqrr-")) {
                return;
            }
            told(panic);
            std::process::abort();
        }));
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        targets::named(&name).unwrap_or_else(|| panic!("no target '{name}'"))
    });
    // SAFETY: see above; an empty input may come without an address.
    let input = if size == 0 { &[] } else { unsafe { std::slice::from_raw_parts(data, size) } };
    target(input);
    0
}
