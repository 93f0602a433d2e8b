//! Changing codes through the whole app: what is claimed, what is refused, what serves the browser's own calls.

use serde_json::json;

use super::test_kit::{MOUNTS, Tab, add_client_with, told, wallet};
use crate::clients::{LoginPolicy, Rotation};
use crate::dialect::Mount;
use crate::testkit::Kit;

fn strict() -> Option<LoginPolicy> {
    Some(LoginPolicy { rotation: Rotation::Strict, ..LoginPolicy::default() })
}

/// A server whose client on each mount wants frames.
async fn kit() -> Kit {
    let kit = Kit::new().await;
    for mount in MOUNTS {
        add_client_with(&kit, mount, strict()).await;
    }
    kit
}

async fn claim(kit: &Kit, mount: Mount, code: &str) -> String {
    wallet(kit, mount, "v2/link-transaction", json!({ "linkCode": code })).await.code()
}

/// GS-WAL-01, L1: good for its slot and one more; then refused, and the code's other frames with it.
#[tokio::test]
async fn a_frame_is_claimed_within_its_slot_and_the_next() {
    let kit = kit().await;
    for mount in MOUNTS {
        for (waited, taken) in [(0, true), (10, true), (19, true), (20, false), (200, false)] {
            let tab = Tab::new(&kit);
            let id = tab.begin(&kit, mount).await;
            let frame = tab.code(&kit, mount, &id).await;
            kit.clock.advance_seconds(waited);
            let code = claim(&kit, mount, &frame).await;
            assert_eq!(code, if taken { "" } else { "invalid_link_code" }, "{mount:?} after {waited} s");
            // The page's newest frame is good as long as nobody claimed the code, and claims it once.
            if !taken {
                let frame = tab.code(&kit, mount, &id).await;
                assert_eq!(claim(&kit, mount, &frame).await, "");
                assert_eq!(claim(&kit, mount, &frame).await, "invalid_link_code");
            }
        }
    }
}

/// The bare code, a forged tag, another login's tag, another slot's number, a later slot's frame.
#[tokio::test]
async fn what_is_no_frame_of_this_moment_is_refused() {
    let kit = kit().await;
    for mount in MOUNTS {
        let (tab, other) = (Tab::new(&kit), Tab::new(&kit));
        let (id, others) = (tab.begin(&kit, mount).await, other.begin(&kit, mount).await);
        let frame = tab.code(&kit, mount, &id).await;
        let foreign = other.code(&kit, mount, &others).await;
        let (code, tag) = (frame.split('.').next().unwrap(), frame.split('.').nth(2).unwrap());
        let foreign_tag = foreign.split('.').nth(2).unwrap();
        kit.clock.advance_seconds(10);
        let later = tab.code(&kit, mount, &id).await;
        kit.clock.advance_seconds(-10);
        let bad = [
            code.to_owned(),
            format!("{code}."),
            format!("{code}.0"),
            format!("{code}.0.{}", "A".repeat(22)),
            format!("{code}.0.{foreign_tag}"),
            format!("{code}.1.{tag}"),
            format!("{code}.00.{tag}"),
            format!("{code}.0.{tag}.0"),
            later.clone(),
        ];
        for bad in bad {
            assert_eq!(claim(&kit, mount, &bad).await, "invalid_link_code", "{mount:?} {bad}");
            let ask = json!({ "transactionId": id, "linkCode": bad });
            assert_eq!(tab.post(&kit, mount, "link-status", ask).await.code(), "invalid_link_code", "{bad}");
        }
        kit.clock.advance_seconds(10);
        assert_eq!(claim(&kit, mount, &later).await, "");
    }
}

/// Any frame that was shown serves the browser's own calls; they are no use to another browser.
#[tokio::test]
async fn an_old_frame_still_tells_its_page_how_the_login_stands() {
    let kit = kit().await;
    for mount in MOUNTS {
        let tab = Tab::new(&kit);
        let id = tab.begin(&kit, mount).await;
        let old = tab.code(&kit, mount, &id).await;
        kit.clock.advance_seconds(100);
        let frame = tab.code(&kit, mount, &id).await;
        assert_eq!(claim(&kit, mount, &frame).await, "");
        for code in [&old, &frame] {
            let ask = json!({ "transactionId": id, "linkCode": code });
            assert_eq!(tab.post(&kit, mount, "link-status", ask.clone()).await.code(), "");
            let stranger = Tab::new(&kit).post(&kit, mount, "link-status", ask).await;
            assert_eq!(stranger.code(), told(mount, "invalid_transaction"));
        }
    }
}

/// L2: frames are not codes: a page may ask for any number of them, and two of one moment are the same.
#[tokio::test]
async fn l2_frames_do_not_count_towards_the_limit_of_codes() {
    let mut config = crate::config::Config::default();
    config.limits.link_codes = 1;
    let kit = Kit::with(config).await;
    let tab = Tab::new(&kit);
    let id = tab.begin(&kit, Mount::Op).await;
    let mut seen = std::collections::HashSet::new();
    for _ in 0..25 {
        let frame = tab.code(&kit, Mount::Op, &id).await;
        assert_eq!(frame, tab.code(&kit, Mount::Op, &id).await);
        seen.insert(frame);
        kit.clock.advance_seconds(10);
    }
    assert_eq!(seen.len(), 25);
    assert_eq!(seen.iter().map(|frame| &frame[..64]).collect::<std::collections::HashSet<_>>().len(), 1);
}

/// Any node makes the frame of a moment and knows those that others made.
#[tokio::test]
async fn on_both_every_node_makes_the_same_frames() {
    for kit in Kit::both().await {
        let tab = Tab::new(&kit);
        let id = tab.begin(&kit, Mount::Op).await;
        let frame = tab.code(&kit, Mount::Op, &id).await;
        let node = kit.restarted().await;
        assert_eq!(tab.code(&node, Mount::Op, &id).await, frame);
        assert_eq!(claim(&node, Mount::Op, &frame).await, "");
        assert_eq!(claim(&kit, Mount::Op, &frame).await, "invalid_link_code");
    }
}

/// The switch off: a client of `/op` that asks for no rotation has codes that stand for themselves.
#[tokio::test]
async fn without_rotation_a_code_is_good_until_its_end() {
    let kit = Kit::new().await;
    for mount in MOUNTS {
        add_client_with(&kit, mount, Some(LoginPolicy::default())).await;
        let tab = Tab::new(&kit);
        let id = tab.begin(&kit, mount).await;
        let code = tab.code(&kit, mount, &id).await;
        assert_eq!(code.len(), 64);
        kit.clock.advance_seconds(59);
        // A code that is no frame has no frames either.
        assert_eq!(claim(&kit, mount, &format!("{code}.5.{}", "A".repeat(22))).await, "invalid_link_code");
        assert_eq!(claim(&kit, mount, &code).await, "");
    }
}
