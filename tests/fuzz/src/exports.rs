//! Files that are said to be exports: their lines, in the clear and encrypted, and what is made of them.

use std::sync::OnceLock;

use server::osia::Refusal;
use server::portability::{Line, Opener, check, settle};

use crate::choice;
use crate::osia::{Server, server};

/// A private key of nobody's, to which the corpus' JWE is encrypted.
const KEY: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

fn opener() -> &'static Opener {
    static OPENER: OnceLock<Opener> = OnceLock::new();
    OPENER.get_or_init(|| Opener::with(KEY).expect("a key"))
}

/// A whole file; a file whose lines are encrypted; lines as they are written down, which nobody keeps here.
pub fn restore(data: &[u8]) {
    let Some((which, data)) = choice(data, 3) else { return };
    match which {
        0 => {
            if let Ok((counts, digest)) = check(data, &Opener::Clear) {
                let lines = data.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count() as u64;
                assert_eq!(counts.values().sum::<u64>() + 2, lines, "the first line and the last are not counted");
                assert!(!digest.is_empty());
            }
        }
        1 => drop(check(data, opener())),
        _ => {
            let Ok(read): Result<Vec<Line>, _> =
                data.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(serde_json::from_slice).collect()
            else {
                return;
            };
            for line in &read {
                let written = serde_json::to_value(line).expect("JSON");
                let again: Line = serde_json::from_value(written.clone()).expect("what was written");
                assert_eq!(serde_json::to_value(&again).expect("JSON"), written);
            }
            let Server { runtime, state, .. } = server();
            let inner = state.clone();
            let undone: Result<(), Refusal> = runtime.block_on(state.store.write(move |tx| {
                Box::pin(async move {
                    for line in read {
                        settle(&inner, tx, line).await?;
                    }
                    // Nothing of it stays.
                    Err(Refusal::NotFound)
                })
            }));
            assert!(undone.is_err());
        }
    }
}
