//! `offline_access` (OpenID Connect Core §11): nobody has it without having been asked.

use super::*;
use crate::clients::{GrantType, Registration};
use crate::grants::{self, Approval, Presented};
use crate::testkit::{Pair, RelyingParty};

const MOUNT: Mount = Mount::Op;

async fn approval(kit: &Kit, code: &str) -> Approval {
    let redirect_uri = Some("https://rp.test/cb");
    let presented = Presented {
        mount: MOUNT,
        client_id: "shop",
        code,
        redirect_uri,
        code_verifier: None,
        code_seconds: None,
        refreshable: false,
        public: false,
    };
    grants::redeem(&kit.state, presented, grants::Shown::default()).await.unwrap().approval
}

async fn shop(kit: &Kit, change: impl FnOnce(&mut Registration)) {
    RelyingParty::with(kit, MOUNT, "shop", Pair::new(protocol::jws::Algorithm::Es256), change).await;
}

const ASK: [(&str, &str); 3] = [("client_id", "shop"), ("claims", "-"), ("scope", "openid offline_access")];

#[tokio::test]
async fn access_while_away_is_agreed_to_and_remembered() {
    let kit = kit().await;
    shop(&kit, |registration| registration.grant_types.push(GrantType::RefreshToken)).await;
    let mut visitor = Visitor::new(&kit, MOUNT);
    visitor.authorize(&ASK).await;
    let answer = visitor.submit("login", &[("individualId", UIN), ("pin", PIN)]).await;
    assert!(answer.text.contains("keep its access while you are away"), "{}", answer.text);
    let fixed = visitor.says("<input type=\"hidden\" name=\"scope\" value=\"");
    let code = told(&visitor.submit("consent", &[("scope", &fixed)]).await)["code"].clone();
    let given = approval(&kit, &code).await;
    assert!(given.offline);
    assert_eq!((given.scopes, given.permitted_scopes), (vec!["openid".into(), "offline_access".into()], Vec::new()));
    let back = told(&visitor.authorize(&[ASK[0], ASK[1], ASK[2], ("prompt", "none")]).await);
    assert!(approval(&kit, &back["code"]).await.offline);
    // Not asked for, not given.
    let back = told(&visitor.authorize(&ASK[..2]).await);
    assert!(!approval(&kit, &back["code"]).await.offline);
}

#[tokio::test]
async fn a_client_that_cannot_refresh_is_as_if_it_had_not_asked() {
    let kit = kit().await;
    shop(&kit, |_| ()).await;
    let mut visitor = Visitor::new(&kit, MOUNT);
    visitor.authorize(&ASK).await;
    let back = told(&visitor.submit("login", &[("individualId", UIN), ("pin", PIN)]).await);
    let given = approval(&kit, &back["code"]).await;
    assert_eq!((given.offline, given.scopes), (false, vec!["openid".to_owned()]));
}
