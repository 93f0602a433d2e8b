//! Restores that stop half-way, at once, or with another file.

use std::io::{BufReader, Read};

use super::kinds::full;
use super::*;
use crate::portability::is_unfinished;

/// A file whose reading fails after so many bytes.
struct Failing {
    file: Cursor<Vec<u8>>,
    left: usize,
}

impl Read for Failing {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 {
            return Err(std::io::Error::other("the disk is gone"));
        }
        let most = into.len().min(self.left);
        let read = self.file.read(&mut into[..most])?;
        self.left -= read;
        Ok(read)
    }
}

/// Many events, so that there are several batches.
async fn busy(kit: &Kit) {
    let state = kit.state.clone();
    let written = kit.state.store.write(move |tx| {
        Box::pin(async move {
            for _ in 0..450 {
                state.audit.record(tx, Event::new(EventKind::LoginFinished, Mount::Op).client("clinic")).await?;
            }
            Ok::<_, StoreError>(())
        })
    });
    written.await.unwrap();
}

/// GS-GEN-11: what is written stays, and the same file goes on there; no other does.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_a_restore_that_stopped_goes_on() {
    for kit in Kit::both().await {
        full(&kit).await;
        busy(&kit).await;
        let (file, counts) = written(&kit.state, &Envelope::Clear).await;
        let (other, _folder) = elsewhere(&kit).await;
        for left in [file.len() * 6 / 10, file.len() * 9 / 10] {
            let opened = std::sync::atomic::AtomicUsize::new(0);
            let open = || {
                // Only the second reading, which writes, fails.
                let first = opened.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
                let left = if first { usize::MAX } else { left };
                Ok(BufReader::with_capacity(1024, Failing { file: Cursor::new(file.clone()), left }))
            };
            assert!(matches!(import(&other, &Opener::Clear, open).await, Err(ImportError::File(_))));
            assert!(is_unfinished(&other).await.unwrap());
        }
        let (strange, _) = written(&kit.state, &Envelope::Clear).await;
        assert!(matches!(read(&other, &Opener::Clear, &strange).await, Err(ImportError::Another)));
        assert_eq!(read(&other, &Opener::Clear, &file).await.unwrap(), counts);
        assert!(!is_unfinished(&other).await.unwrap());
        assert!(matches!(read(&other, &Opener::Clear, &file).await, Err(ImportError::NotEmpty)));
        let (_, again) = written(&other, &Envelope::Clear).await;
        // One more event: that it was imported.
        let but_events = |counts: &Counts| counts.clone().into_iter().filter(|(kind, _)| kind != "event").collect();
        let (before, after): (Counts, Counts) = (but_events(&counts), but_events(&again));
        assert_eq!(before, after);
        assert_eq!(counts["event"] + 1, again["event"]);
    }
}

/// Of two that restore at once, one does.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_restores_at_once_one_goes_through() {
    let kit = Kit::new().await;
    full(&kit).await;
    busy(&kit).await;
    let (file, _) = written(&kit.state, &Envelope::Clear).await;
    let (other, _folder) = elsewhere(&kit).await;
    let both = tokio::join!(read(&other, &Opener::Clear, &file), read(&other, &Opener::Clear, &file));
    let won = [&both.0, &both.1].into_iter().filter(|one| one.is_ok()).count();
    assert_eq!(won, 1, "{both:?}");
    assert!(!is_unfinished(&other).await.unwrap());
}

/// An instance that holds anything of its own takes no file.
#[tokio::test]
async fn an_instance_with_a_client_is_not_empty() {
    let kit = Kit::new().await;
    somebody(&kit).await;
    let (file, _) = written(&kit.state, &Envelope::Clear).await;
    let (other, _folder) = elsewhere(&kit).await;
    let occupied = Kit::new().await;
    RelyingParty::new(&occupied, Mount::Op, "clinic").await;
    assert!(matches!(read(&occupied.state, &Opener::Clear, &file).await, Err(ImportError::NotEmpty)));
    assert!(read(&other, &Opener::Clear, &file).await.is_ok());
}

/// What was changed since it was written is not read in: a value, the order, a piece of a buffer.
#[tokio::test]
async fn a_changed_file_changes_nothing() {
    let kit = Kit::new().await;
    full(&kit).await;
    let (file, _) = written(&kit.state, &Envelope::Clear).await;
    let text = String::from_utf8(file).unwrap();
    let (other, _folder) = elsewhere(&kit).await;
    let mut lines: Vec<&str> = text.lines().collect();
    let events: Vec<usize> =
        (0..lines.len()).filter(|at| lines[*at].starts_with(r#"{"record":"event""#)).take(2).collect();
    lines.swap(events[0], events[1]);
    let swapped = format!("{}\n", lines.join("\n"));
    for changed in [text.replace("Zorana", "Zoranna"), swapped] {
        assert!(matches!(read(&other, &Opener::Clear, changed.as_bytes()).await, Err(ImportError::Changed)));
    }
    let moved = text.replace(r#""place":1"#, r#""place":2"#);
    assert!(matches!(read(&other, &Opener::Clear, moved.as_bytes()).await, Err(ImportError::Cut)));
    assert!(registry::find(&other, "5601934482").await.unwrap().is_none());
    assert!(!is_unfinished(&other).await.unwrap());
}
