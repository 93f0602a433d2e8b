//! Who is told of what.

use super::kit::{Ear, Service, happens, reaching, settle};
use crate::events::Event;
use crate::testkit::Kit;

fn finalized(service: Option<&str>) -> Event {
    Event::EnrollmentFinalized {
        service: service.map(str::to_owned),
        enrollment_id: "e1".into(),
        transaction_id: "t1".into(),
    }
}

/// GS-SEC-05b: clients of other services see nothing of an enrollment; nor do they hear of it.
#[tokio::test]
async fn on_both_gs_sec_05b_an_enrollment_is_told_to_its_own_service() {
    let ear = Ear::default();
    let origin = ear.listen().await;
    let mut config = reaching(&origin);
    config.enrollment.services = [("party of north", "offices"), ("party of south", "offices")]
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .into();
    for kit in Kit::both_with(&config).await {
        let mut listening = Vec::new();
        for name in ["north", "south", "other"] {
            let service = Service::new(&kit, name).await;
            listening.push(service.listens(&kit, &ear, "enrollment", &format!("{origin}/{name}"), "1,5").await);
        }
        happens(&kit, finalized(Some("offices"))).await;
        settle(&kit).await;
        let heard = ear.take();
        let mut told: Vec<&str> = heard.iter().map(|heard| heard.header("subscription-id")).collect();
        told.sort_unstable();
        let mut expected = vec![listening[0].as_str(), listening[1].as_str()];
        expected.sort_unstable();
        assert_eq!(told, expected);
        let text = heard[0].body["message"].as_str().unwrap();
        assert!(text.contains("\"enrollmentId\":\"e1\"") && !text.contains("offices"), "{text}");
        // A relying party that is not named is a service of its own.
        happens(&kit, finalized(Some("party of other"))).await;
        happens(&kit, finalized(None)).await;
        settle(&kit).await;
        let told: Vec<String> = ear.take().iter().map(|heard| heard.header("subscription-id").to_owned()).collect();
        assert_eq!(told, [listening[2].clone()]);
    }
}

/// A topic that is named by the unique id of another one does not stand for it.
#[tokio::test]
async fn a_unique_id_means_its_own_topic() {
    let ear = Ear::default();
    let origin = ear.listen().await;
    let kit = Kit::with(reaching(&origin)).await;
    let (honest, other) = (Service::new(&kit, "honest").await, Service::new(&kit, "other").await);
    let meant = honest.topic(&kit, "births").await;
    let lookalike = other.topic(&kit, &meant).await;
    assert_ne!(meant, lookalike);
    let subscription = honest.subscribe(&kit, &meant, &format!("{origin}/hear"), "1,5").await;
    assert_eq!(subscription["topic"], meant.as_str());
}
