use super::*;
use crate::store::Tx;
use crate::testkit::Kit;

type Done<'t> = futures::future::BoxFuture<'t, Result<(), StoreError>>;

async fn write(kit: &Kit, work: impl for<'t> FnOnce(Arc<Audit>, &'t mut Tx) -> Done<'t> + Send + 'static) {
    let audit = kit.state.audit.clone();
    kit.state.store.write(move |tx| work(audit, tx)).await.unwrap();
}

async fn page(kit: &Kit, filter: Filter) -> Page {
    let audit = kit.state.audit.clone();
    kit.state.store.read(move |tx| Box::pin(async move { audit.events(tx, &filter).await })).await.unwrap()
}

fn filter() -> Filter {
    Filter { limit: 100, ..Filter::default() }
}

const PERSON: i64 = 7;

/// Two logins of two persons, a second apart.
async fn history(kit: &Kit) {
    for (person, login) in [(PERSON, 100), (8, 200)] {
        write(kit, move |audit, tx| {
            Box::pin(async move {
                for kind in [EventKind::LoginStarted, EventKind::LoginAuthenticated, EventKind::LoginApproved] {
                    let event = Event::new(kind, Mount::Op).client("rp").login(login);
                    let event = if kind == EventKind::LoginStarted { event } else { event.person(person) };
                    audit.record(tx, event).await?;
                }
                Ok(())
            })
        })
        .await;
        kit.clock.advance_seconds(1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gs_aud_01_events_are_found_by_each_filter_on_both() {
    for kit in Kit::both().await {
        let start = kit.state.clock.now();
        history(&kit).await;
        let all = page(&kit, filter()).await.events;
        assert_eq!(all.len(), 6);
        assert!(all.windows(2).all(|pair| pair[0].at <= pair[1].at));
        assert_eq!(all[0].at, start);

        let of_person = page(&kit, Filter { person: Some(PERSON), ..filter() }).await.events;
        assert_eq!(of_person.len(), 2);
        assert!(of_person.iter().all(|event| event.login == all[0].login && event.subject.is_some()));
        assert_ne!(of_person[0].subject, all[4].subject);

        let login = all[5].login.clone();
        assert_eq!(page(&kit, Filter { login, ..filter() }).await.events, all[3..]);
        let kind = Some(EventKind::LoginApproved);
        assert_eq!(page(&kit, Filter { kind, ..filter() }).await.events.len(), 2);
        assert_eq!(page(&kit, Filter { kind, person: Some(8), ..filter() }).await.events, all[5..]);
        assert_eq!(page(&kit, Filter { from: Some(start + 1000), ..filter() }).await.events, all[3..]);
        assert_eq!(page(&kit, Filter { to: Some(start + 1000), ..filter() }).await.events, all[..3]);
        assert_eq!(page(&kit, Filter { client_id: Some("rp".into()), ..filter() }).await.events.len(), 6);
        assert_eq!(page(&kit, Filter { client_id: Some("other".into()), ..filter() }).await.events, []);
        assert_eq!(page(&kit, Filter { mount: Some(Mount::ESignet), ..filter() }).await.events, []);
        assert_eq!(page(&kit, Filter { login: Some("foreign".into()), ..filter() }).await.events, []);
        assert_eq!(page(&kit, Filter { cursor: Some("foreign".into()), ..filter() }).await.events, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_without_gap_or_repetition_on_both() {
    for kit in Kit::both().await {
        history(&kit).await;
        let all = page(&kit, filter()).await.events;
        for person in [None, Some(PERSON)] {
            let whole = page(&kit, Filter { person, ..filter() }).await.events;
            let (mut read, mut cursor) = (Vec::new(), None);
            loop {
                let next = page(&kit, Filter { person, cursor, limit: 1, ..Filter::default() }).await;
                assert!(next.events.len() <= 1);
                read.extend(next.events);
                cursor = next.cursor;
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!(read, whole);
        }
        assert_eq!(all.len(), 6);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_there_only_with_what_it_tells_of_on_both() {
    for kit in Kit::both().await {
        let audit = kit.state.audit.clone();
        let undone: Result<(), StoreError> = kit
            .state
            .store
            .write(move |tx| {
                Box::pin(async move {
                    audit.record(tx, Event::new(EventKind::KeyBound, Mount::Wallet).person(PERSON).object(1)).await?;
                    Err(StoreError::Lost)
                })
            })
            .await;
        assert!(undone.is_err());
        assert_eq!(page(&kit, filter()).await.events, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_has_one_case_which_is_closed_once_on_both() {
    for kit in Kit::both().await {
        for _ in 0..2 {
            write(&kit, |audit, tx| {
                Box::pin(async move {
                    let case = NewCase {
                        mount: Mount::Op,
                        client: "rp",
                        person: Some(PERSON),
                        login: 100,
                        cause: Cause::Denied,
                        reason: "suspicious",
                    };
                    audit.open_case(tx, case).await.map(drop)
                })
            })
            .await;
        }
        let open = cases(&kit, Some(true)).await;
        assert_eq!(open.len(), 1);
        assert_eq!((open[0].cause, open[0].reason.as_str(), open[0].closed_at), (Cause::Denied, "suspicious", None));
        let name = open[0].id.clone();
        // Whoever closes it at the same time: one does.
        let closings = (0..50).map(|_| {
            let (audit, name, store) = (kit.state.audit.clone(), name.clone(), kit.state.store.clone());
            async move {
                store
                    .write(move |tx| {
                        Box::pin(async move { audit.close_case(tx, &name, "auditor", "called back").await })
                    })
                    .await
            }
        });
        let closings: Vec<Closing> =
            futures::future::join_all(closings).await.into_iter().filter_map(Result::ok).collect();
        assert_eq!(closings.iter().filter(|closing| **closing == Closing::Closed).count(), 1);
        assert!(!closings.contains(&Closing::Unknown));
        assert_eq!(cases(&kit, Some(true)).await, []);
        let closed = cases(&kit, Some(false)).await;
        assert_eq!(closed[0].resolution.as_deref(), Some("called back"));
        assert_eq!(closed[0].closed_by.as_deref(), Some("auditor"));
        let kinds: Vec<EventKind> = page(&kit, filter()).await.events.iter().map(|event| event.kind).collect();
        assert_eq!(kinds, [EventKind::CaseOpened, EventKind::CaseClosed]);
    }
}

async fn cases(kit: &Kit, open: Option<bool>) -> Vec<Case> {
    let audit = kit.state.audit.clone();
    kit.state.store.read(move |tx| Box::pin(async move { audit.cases(tx, None, open, 10).await })).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_the_retention_goes_open_cases_stay_on_both() {
    for kit in Kit::both().await {
        history(&kit).await;
        write(&kit, |audit, tx| {
            Box::pin(async move {
                let (mount, cause) = (Mount::Op, Cause::Reported);
                let case = NewCase { mount, client: "rp", person: None, login: 100, cause, reason: "not_me" };
                audit.open_case(tx, case).await.map(drop)
            })
        })
        .await;
        let (audit, store) = (kit.state.audit.clone(), kit.state.store.clone());
        assert_eq!(audit.expire(&store, 1).await.unwrap(), 0);
        kit.clock.advance_seconds(24 * 3600 + 10);
        write(&kit, |audit, tx| {
            Box::pin(async move { audit.record(tx, Event::new(EventKind::AuditRead, Mount::Op)).await })
        })
        .await;
        assert_eq!(audit.expire(&store, 1).await.unwrap(), 7);
        assert_eq!(page(&kit, filter()).await.events.len(), 1);
        assert_eq!(cases(&kit, None).await.len(), 1);
    }
}

#[tokio::test]
async fn a_subject_is_a_hash_that_only_this_deployment_makes() {
    let kit = Kit::new().await;
    let subject = kit.state.audit.subject(PERSON);
    assert_eq!(subject.len(), SUBJECT_BYTES);
    assert_eq!(subject, kit.state.audit.subject(PERSON));
    assert_ne!(subject, kit.state.audit.subject(8));
}
