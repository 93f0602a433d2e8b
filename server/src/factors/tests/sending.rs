//! How one-time passwords go out: limits, channels, and a gateway that fails.

use super::*;

/// Case E10, and the limit of a transaction.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_e10_a_person_is_sent_no_more_otps_than_the_limit() {
    for kit in Kit::both().await {
        let state = &kit.state;
        anna(state).await;
        let to_mail = ["email".to_owned()];
        for n in 0..3 {
            assert_eq!(code(&send_otp(state, LOGIN, ANNA, &to_mail).await), "ok", "{n}");
        }
        assert_eq!(code(&send_otp(state, LOGIN, ANNA, &to_mail).await), "no_attempts_left");
        let more = (0..100).map(|n| {
            let (state, to_mail) = (state.clone(), to_mail.clone());
            async move { persist(async || send_otp(&state, OtpFor::Linked(n), ANNA, &to_mail).await).await }
        });
        let answers = futures::future::join_all(more).await;
        let (sent, lost) = tally(&answers, "ok");
        assert!(sent <= 7 && sent + lost >= 7, "{answers:?}");
        assert_eq!(captured::otps(state, MAIL).len(), 3 + sent);
        kit.clock.advance_seconds(600);
        assert_eq!(code(&send_otp(state, LINKED, ANNA, &to_mail).await), "ok");
    }
}

#[tokio::test]
async fn only_channels_that_the_delivery_reaches_are_taken() {
    let smtp = Delivery::Smtp {
        host: "127.0.0.1".into(),
        port: 1,
        tls: false,
        ca: None,
        user: None,
        password: None,
        from: "no-reply@id.example".into(),
    };
    let mut config = Config::default();
    config.otp.delivery = smtp;
    let by_mail = Kit::with(config).await;
    let by_log = Kit::new().await;
    let send = async |kit: &Kit, channels: &[&str]| {
        let channels: Vec<String> = channels.iter().map(|name| (*name).to_owned()).collect();
        code(&send_otp(&kit.state, LOGIN, ANNA, &channels).await)
    };
    for bad in [&[][..], &["fax"], &["email", "fax"], &["EMAIL"]] {
        assert_eq!(send(&by_log, bad).await, "invalid_otp_channel", "{bad:?}");
    }
    assert_eq!(send(&by_log, &["phone"]).await, "ok");
    assert_eq!(send(&by_mail, &["phone"]).await, "invalid_otp_channel");
    assert_eq!(send(&by_mail, &["email"]).await, "ok");
}

/// A gateway of the operator's: what it is posted, and what everybody is told once it is silent.
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_gets_the_otp_and_a_silent_one_is_told_to_everybody() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut config = Config { fetch_allow: vec![address.to_string()], ..Config::default() };
    let url = format!("http://{address}/otp").parse().unwrap();
    config.otp.delivery = Delivery::Webhook { url, token: Some("let-me-in".into()) };
    let kit = Kit::with(config).await;
    let state = &kit.state;
    anna(state).await;
    let gateway = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"}") {
            let mut chunk = [0; 1024];
            let read = socket.read(&mut chunk).await.unwrap();
            request.extend_from_slice(&chunk[..read]);
        }
        let answer = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
        socket.write_all(answer).await.unwrap();
        String::from_utf8(request).unwrap()
    });
    let sent = send(state, LOGIN).await;
    let request = gateway.await.unwrap();
    assert!(request.contains("authorization: Bearer let-me-in"), "{request}");
    let body: serde_json::Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(body, json!({ "channel": "email", "to": MAIL, "otp": sent, "language": "en", "expires_in": 180 }));
    // The listener is gone now: the next delivery finds nobody.
    send_otp(state, LINKED, ANNA, &["email".into()]).await.unwrap();
    let told = async |id: &str| code(&send_otp(state, OtpFor::Binding, id, &["email".into()]).await);
    for _ in 0..100 {
        if delivery::is_failing(state) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(told(ANNA).await, "send_otp_failed");
    assert_eq!(told("0000000000").await, "send_otp_failed");
    kit.clock.advance_seconds(10);
    assert_eq!(told("0000000000").await, "ok");
}
