//! Cases of the authorization endpoint that are alike on every mount, as a browser tries them.

use super::*;

/// A9: what came first stays in force, whatever later requests of the same login say.
#[tokio::test]
async fn a9_later_requests_change_nothing_of_the_first() {
    let kit = kit().await;
    for mount in MOUNTS {
        let mut visitor = Visitor::new(&kit, mount);
        visitor.authorize(&[("prompt", "consent")]).await;
        let more = [
            ("response_type", "token"),
            ("scope", "openid email"),
            ("redirect_uri", "https://evil.test/"),
            ("state", "other"),
            ("response_mode", "form_post"),
            ("claims", r#"{"userinfo":{"birthdate":null}}"#),
        ];
        let mut login = vec![("individualId", UIN), ("pin", PIN)];
        login.extend(more);
        let answer = visitor.submit("login", &login).await;
        assert!(answer.text.contains("claim-name") && !answer.text.contains("claim-birthdate"), "{}", answer.text);
        // A scope that was not asked for cannot be permitted (E7); what is no field of the form is nothing to it.
        let page = visitor.page.clone();
        assert_eq!(visitor.submit("consent", &more).await.status, StatusCode::BAD_REQUEST);
        visitor.page = page;
        let others: Vec<_> = more.into_iter().filter(|(name, _)| *name != "scope").collect();
        let back = told(&visitor.submit("consent", &others).await);
        assert_eq!((back["state"].as_str(), back["code"].len()), ("s\"><script>&t", 64));
    }
}

/// A20: links and `iss` are the configured issuer's, whatever the browser or a proxy says of the host.
#[tokio::test]
async fn a20_the_host_header_names_nothing() {
    let kit = kit().await;
    for mount in MOUNTS {
        let evil =
            |path: String| Request::get(path).header(header::HOST, "evil.test").header("x-forwarded-host", "evil.test");
        let path = format!("{}/authorize", mount.prefix());
        let mut visitor = Visitor::new(&kit, mount);
        let page = visitor.send(evil(format!("{path}?{}", query(&[]))), String::new()).await;
        assert!(page.status == StatusCode::OK && !page.text.contains("evil"));
        let token = query(&[("response_type", "token")]);
        let answer = visitor.send(evil(format!("{path}?{token}")), String::new()).await;
        assert_eq!(told(&answer)["iss"], kit.state.issuer(mount));
        let metadata = format!("{}/.well-known/openid-configuration", mount.prefix());
        assert!(!visitor.send(evil(metadata), String::new()).await.text.contains("evil"));
    }
}

/// A17, A19: what nobody can read is told by redirect, quickly and without a trace of it.
#[tokio::test]
async fn a17_a19_odd_values_are_told_by_redirect() {
    let kit = kit().await;
    let deep = format!("{{\"userinfo\":{}1{}}}", "{\"a\":".repeat(1000), "}".repeat(1000));
    for mount in MOUNTS {
        let mut visitor = Visitor::new(&kit, mount);
        for change in [
            ("max_age", "-1"),
            ("max_age", "1e20"),
            ("max_age", "abc"),
            ("prompt", "none login"),
            ("prompt", "xyz"),
            ("claims", deep.as_str()),
            ("claims", "{\"userinfo\":{\"\u{0}'\":1}}"),
        ] {
            let back = told(&visitor.authorize(&[change]).await);
            assert_eq!((back["error"].as_str(), back["iss"].clone()), ("invalid_request", kit.state.issuer(mount)));
        }
        let form = format!("{}&claims={}", query(&[("claims", "-")]), "x".repeat(200_000));
        let path = format!("{}/authorize", mount.prefix());
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        assert_eq!(visitor.send(request, form).await.status, StatusCode::BAD_REQUEST);
    }
}
