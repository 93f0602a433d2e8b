//! The wallet on the phone that shows the page: what is offered, and who gets the code.

use super::*;

const PHONE: &str = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/144.0.0.0 Mobile Safari/537.36";
const MOUNT: Mount = Mount::Op;

impl Visitor<'_> {
    /// A phone's browser shows the login page.
    async fn on_a_phone(&mut self) -> Answer {
        let path = format!("{}/authorize?{}", self.mount.prefix(), query(&[]));
        self.send(Request::get(path).header(header::USER_AGENT, PHONE), String::new()).await
    }

    /// The code in the link that opens the wallet.
    fn code(&self) -> String {
        let link = self.says("id=\"open-wallet\" class=\"button\" href=\"");
        let link = url::Url::parse(&link).unwrap();
        link.query_pairs().find(|(name, _)| name == "linkCode").unwrap().1.into_owned()
    }

    /// Opens a link that a wallet was given.
    async fn open(&mut self, link: &str) -> Answer {
        let url = url::Url::parse(link).unwrap();
        self.send(Request::get(format!("{}?{}", url.path(), url.query().unwrap())), String::new()).await
    }
}

async fn approved(kit: &Kit, phone: &Phone, visitor: &Visitor<'_>) -> String {
    let (_, answer) = phone.approve(kit, MOUNT, &visitor.code()).await;
    answer["redirectUri"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[tokio::test]
async fn a_phone_is_offered_its_own_wallet_first_and_a_code_only_when_asked_for() {
    let kit = kit().await;
    let mut visitor = Visitor::new(&kit, MOUNT);
    let page = visitor.on_a_phone().await.text;
    assert!(page.contains("id=\"app\"") && page.contains("id=\"other-device-button\""), "{page}");
    assert!(!page.contains("<svg") && !page.contains("id=\"wallet\""), "{page}");
    let form = Serializer::new(String::new())
        .append_pair(csrf::FIELD, &visitor.says("name=\"_csrf\" value=\""))
        .append_pair("transactionId", &visitor.says("name=\"transactionId\" value=\""))
        .append_pair("device", "other")
        .finish();
    let request = Request::post("/op/authorize/start")
        .header(header::USER_AGENT, PHONE)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let page = visitor.send(request, form).await.text;
    assert!(page.contains("<svg") && page.contains("id=\"wallet\"") && !page.contains("id=\"app\""), "{page}");
    // The page's own refreshing keeps to what was chosen.
    assert!(page.contains("name=\"device\" value=\"other\""), "{page}");
    // Elsewhere nothing changes: others' wallets know no way back.
    for mount in [Mount::GovStack, Mount::ESignet] {
        let page = Visitor::new(&kit, mount).on_a_phone().await.text;
        assert!(page.contains("<svg") && !page.contains("id=\"app\""), "{page}");
    }
    let page = Visitor::new(&kit, MOUNT).authorize(&[]).await.text;
    assert!(page.contains("<svg") && !page.contains("id=\"app\""), "{page}");
}

#[tokio::test]
async fn the_browser_that_began_gets_the_code_by_the_wallets_link_and_nowhere_else() {
    let kit = kit().await;
    let phone = Phone::bind(&kit, UIN).await;
    let mut visitor = Visitor::new(&kit, MOUNT);
    visitor.on_a_phone().await;
    let code = visitor.code();
    let transaction = visitor.says("name=\"transactionId\" value=\"");
    let claimed = phone.scan(&kit, MOUNT, &code, true).await;
    let _ = &claimed;
    let answer = phone.authenticate(&kit, MOUNT, "v2/authenticate", &claimed).await.json();
    assert_eq!(answer["response"]["consentAction"], "CAPTURE");
    let consent = phone.consent(&kit, &claimed, &["name"]);
    let answer = wallet(&kit, MOUNT, "v2/consent", consent).await.json();
    let link = answer["response"]["redirectUri"].as_str().unwrap().to_owned();
    assert!(link.starts_with(&format!("{}/authorize/return?response_code=", kit.state.issuer(MOUNT))), "{link}");
    // The page's other ways lead nowhere, although the cookies are the right ones.
    let page = visitor.submit("continue", &[]).await;
    assert_eq!(page.status, StatusCode::OK, "a page that waits");
    visitor.on_a_phone().await;
    let token = visitor.says("name=\"_csrf\" value=\"");
    let jar: Vec<String> = visitor.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let ask = json!({ "transactionId": transaction, "linkedCode": code });
    let headers = [("cookie", jar.join("; ")), (csrf::HEADER, token)];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let poll = kit.post("/op/linked-authorization/link-auth-code", ask, &headers);
    assert!(tokio::time::timeout(std::time::Duration::from_millis(200), poll).await.is_err(), "the poll waits");
    // Nor does a look at the link without following it.
    let url = url::Url::parse(&link).unwrap();
    let path = format!("{}?{}", url.path(), url.query().unwrap());
    let peek = visitor.send(Request::head(&path), String::new()).await;
    assert_eq!(peek.status, StatusCode::SERVICE_UNAVAILABLE);

    let told_back = told(&visitor.open(&link).await);
    assert_eq!(told_back["code"].len(), 64);
    assert_eq!(told_back["iss"], kit.state.issuer(MOUNT));
    // Once.
    assert_eq!(visitor.open(&link).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_remembered_consent_leads_back_as_well() {
    let kit = kit().await;
    let phone = Phone::bind(&kit, UIN).await;
    for _ in 0..2 {
        let mut visitor = Visitor::new(&kit, MOUNT);
        visitor.on_a_phone().await;
        let link = approved(&kit, &phone, &visitor).await;
        assert_eq!(told(&visitor.open(&link).await)["code"].len(), 64);
    }
}

#[tokio::test]
async fn another_browser_is_refused_and_burns_nothing() {
    let kit = kit().await;
    let phone = Phone::bind(&kit, UIN).await;
    let mut visitor = Visitor::new(&kit, MOUNT);
    visitor.on_a_phone().await;
    let link = approved(&kit, &phone, &visitor).await;
    // One without cookies, one with its own, one at another issuer, one with another login of its own.
    let mut empty = Visitor::new(&kit, MOUNT);
    assert_eq!(empty.open(&link).await.status, StatusCode::FORBIDDEN);
    let mut other = Visitor::new(&kit, MOUNT);
    other.on_a_phone().await;
    let page = other.open(&link).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.headers.get(header::LOCATION).is_none());
    // Others' wallets know no way back, and their issuers have none.
    let elsewhere = link.replace("/op/", "/v1/esignet/");
    assert_eq!(visitor.open(&elsewhere).await.status, StatusCode::NOT_FOUND);
    let altered = format!("{}A", &link[..link.len() - 1]);
    let altered = if altered == link { format!("{}B", &link[..link.len() - 1]) } else { altered };
    assert_eq!(visitor.open(&altered).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(visitor.open(&format!("{}/authorize/return?x=1", kit.state.issuer(MOUNT))).await.status, 400);
    assert_eq!(told(&visitor.open(&link).await)["code"].len(), 64);
}

#[tokio::test]
async fn a_denial_after_the_approval_is_told_on_return() {
    let kit = kit().await;
    let phone = Phone::bind(&kit, UIN).await;
    let mut visitor = Visitor::new(&kit, MOUNT);
    visitor.on_a_phone().await;
    let (scanned, answer) = phone.approve(&kit, MOUNT, &visitor.code()).await;
    let no = json!({ "linkedTransactionId": scanned.linked, "reason": "not_me" });
    assert_eq!(kit.post("/wallet/deny", no, &[]).await.code(), "");
    let told_back = told(&visitor.open(answer["redirectUri"].as_str().unwrap()).await);
    assert_eq!((told_back["error"].as_str(), told_back.get("code")), ("access_denied", None));
}

/// Fifty tabs open the same link at once: one of them gets the code.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_a_response_code_serves_once() {
    for kit in Kit::both().await {
        person(&kit, UIN).await;
        add_client(&kit, MOUNT).await;
        let phone = Phone::bind(&kit, UIN).await;
        let mut visitor = Visitor::new(&kit, MOUNT);
        visitor.on_a_phone().await;
        let link = approved(&kit, &phone, &visitor).await;
        let opened = (0..50).map(|_| {
            let (kit, cookies, link) = (&kit, visitor.cookies.clone(), link.clone());
            async move { Visitor { cookies, ..Visitor::new(kit, MOUNT) }.open(&link).await.status }
        });
        let opened = futures::future::join_all(opened).await;
        assert_eq!(opened.iter().filter(|status| **status == StatusCode::SEE_OTHER).count(), 1, "{opened:?}");
    }
}
