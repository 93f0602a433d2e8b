//! Authorization requests against the list of checks, as `GET /authorize` reads them.

use serde_json::{Value, json};

use super::super::request::Prompt;
use super::*;
use crate::acr::Acr;
use crate::authorization::model_tests::client;
use crate::clients::{Client, Profile, ResponseMode};

const CALLBACK: &str = "https://rp.test/cb";

/// A good request with some parameters replaced; `None` takes one away.
fn query(changes: &[(&str, Option<&str>)]) -> String {
    let mut parameters = vec![
        ("client_id", "clinic"),
        ("response_type", "code"),
        ("scope", "openid profile"),
        ("redirect_uri", CALLBACK),
        ("state", "s&t#a=t+e"),
        ("nonce", "n"),
    ];
    for (name, value) in changes {
        parameters.retain(|(known, _)| known != name);
        if let Some(value) = value {
            parameters.push((name, value));
        }
    }
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

fn run(mount: Mount, changes: &[(&str, Option<&str>)]) -> Result<Request, Refused> {
    run_as(&client(mount), Door::Plain, changes)
}

fn run_as(client: &Client, door: Door, changes: &[(&str, Option<&str>)]) -> Result<Request, Refused> {
    check(&Asked::from_query(&query(changes)).unwrap(), client, client.mount, door)
}

/// A client that is held to FAPI 2.0.
fn fapi2() -> Client {
    let mut client = client(Mount::Op);
    client.registration.profile = Profile::Fapi2;
    client
}

fn good(changes: &[(&str, Option<&str>)]) -> Request {
    run(Mount::ESignet, changes).unwrap()
}

/// The redirect's error on a mount; it must carry the state.
fn redirected_on(mount: Mount, changes: &[(&str, Option<&str>)]) -> &'static str {
    let refused = run(mount, changes).unwrap_err();
    let return_to = refused.return_to.clone().unwrap();
    assert_eq!(return_to.redirect_uri, CALLBACK);
    assert_eq!(return_to.state.as_deref(), Some("s&t#a=t+e"));
    refused.first().error
}

/// The same, where every mount says the same.
fn redirected(changes: &[(&str, Option<&str>)]) -> &'static str {
    let mut errors = Mount::ISSUERS.map(|mount| redirected_on(mount, changes));
    errors.sort_unstable();
    assert_eq!(errors[0], errors[2]);
    errors[0]
}

fn on_a_page_only(changes: &[(&str, Option<&str>)]) -> Code {
    let refused = run(Mount::Op, changes).unwrap_err();
    assert_eq!(refused.return_to, None, "{changes:?}");
    refused.first().code
}

#[test]
fn gs_oidc_02_a1_a2_a3_a4_only_registered_redirect_uris_are_gone_to() {
    for uri in [
        "https://other.test/cb",
        "https://rp.test/CB",
        "https://rp.test/cb/",
        "https://rp.test/cb?x=1",
        "https://rp.test/cb#f",
        "https://rp.test:8443/cb",
        "http://rp.test/cb",
        "https://RP.TEST/cb",
        "https://rp.test@evil.test/cb",
        "https://rp.test.evil.test/cb",
        "https://rp.test/cb/../x",
        "https://rp.test/%2e%2e%2fcb",
        "https://rp.test\\cb",
        "https://rp.test/cb\r\n",
        "http://localhost/cb",
    ] {
        assert_eq!(on_a_page_only(&[("redirect_uri", Some(uri))]), Code::InvalidRedirectUri, "{uri}");
    }
    assert_eq!(on_a_page_only(&[("redirect_uri", None)]), Code::InvalidRedirectUri);
    assert_eq!(unknown_client().return_to, None);
}

#[test]
fn a5_what_is_sent_twice_is_told_on_a_page() {
    for name in ["client_id", "redirect_uri", "scope"] {
        let text = format!("{}&{name}=x", query(&[]));
        let asked = Asked::from_query(&text).unwrap();
        let refused = check(&asked, &client(Mount::Op), Mount::Op, Door::Plain).unwrap_err();
        assert_eq!(refused.return_to, None, "{name}");
    }
}

#[test]
fn a6_the_only_response_type_is_code() {
    for other in ["token", "id_token", "code token", "CODE"] {
        assert_eq!(redirected(&[("response_type", Some(other))]), "unsupported_response_type");
    }
    assert_eq!(redirected(&[("response_type", None)]), "invalid_request");
}

#[test]
fn a7_other_response_modes_than_those_named_in_discovery_are_redirected() {
    for other in ["fragment", "web_message", "fragment.jwt", "QUERY", "query "] {
        assert_eq!(redirected(&[("response_mode", Some(other))]), "invalid_request", "{other}");
    }
    for mount in Mount::ISSUERS {
        let known = client(mount).policy().response_modes;
        for mode in ResponseMode::ALL {
            let asked = run(mount, &[("response_mode", Some(mode.name()))]);
            assert_eq!(asked.map(|request| request.response_mode).ok(), known.contains(&mode).then_some(mode));
        }
        assert_eq!(run(mount, &[]).unwrap().response_mode, ResponseMode::Query);
    }
    // A fault is told as the request asked to be answered.
    let refused = run(Mount::Op, &[("response_mode", Some("form_post")), ("response_type", None)]).unwrap_err();
    assert_eq!(refused.return_to.unwrap().mode, ResponseMode::FormPost);
}

/// RFC 9126 §6, FAPI 2.0 Security Profile §5.3.2.2.
#[test]
fn what_must_be_pushed_or_signed_is_not_taken_otherwise() {
    let pkce = "a".repeat(43);
    let pkce = [("code_challenge", Some(pkce.as_str())), ("code_challenge_method", Some("S256"))];
    let told = |client: &Client, door| run_as(client, door, &pkce).map_err(|refused| refused.first().error).err();
    let mut own_wish = client(Mount::Op);
    own_wish.registration.require_pushed_authorization_requests = true;
    for client in [fapi2(), own_wish] {
        for door in [Door::Plain, Door::Object] {
            assert_eq!(told(&client, door), Some("invalid_request"));
        }
        assert_eq!(told(&client, Door::Pushing { object: false }), None);
        assert_eq!(told(&client, Door::Pushed(1)), None);
    }
    let mut signs = client(Mount::Op);
    signs.registration.require_signed_request_object = true;
    for door in [Door::Plain, Door::Pushing { object: false }] {
        assert_eq!(told(&signs, door), Some("invalid_request"));
    }
    for door in [Door::Object, Door::Pushing { object: true }, Door::Pushed(1)] {
        assert_eq!(told(&signs, door), None);
    }
}

#[test]
fn gs_oidc_02_a_wrong_scope_is_redirected() {
    for scope in [Some("profile"), Some("offline_access"), Some("email Manage-VID"), None] {
        assert_eq!(redirected(&[("scope", scope)]), "invalid_scope", "{scope:?}");
    }
    let claims = json!({ "userinfo": { "name": null } }).to_string();
    assert_eq!(redirected(&[("scope", Some("Manage-VID")), ("claims", Some(&claims))]), "invalid_scope");
    assert_eq!(good(&[("scope", Some("openid offline_access Manage-VID"))]).authorize_scopes, ["Manage-VID"]);
}

#[test]
fn a10_pkce_is_s256_or_refused() {
    let challenge = "a".repeat(43);
    let s256 = ("code_challenge_method", Some("S256"));
    assert_eq!(good(&[("code_challenge", Some(&challenge)), s256]).code_challenge, Some(challenge.clone()));
    for (challenge, method) in [
        (Some("a".repeat(43)), Some("plain")),
        (Some("a".repeat(43)), None),
        (Some("a".repeat(42)), Some("S256")),
        (Some("a".repeat(129)), Some("S256")),
        (Some(format!("{}=", "a".repeat(43))), Some("S256")),
        (None, Some("S256")),
    ] {
        let changes = [("code_challenge", challenge.as_deref()), ("code_challenge_method", method)];
        assert_eq!(redirected(&changes), "invalid_request", "{changes:?}");
    }
    let mut client = client(Mount::Op);
    client.registration.additional.require_pkce = true;
    assert_eq!(run_as(&client, Door::Plain, &[]).unwrap_err().first().code, Code::UsePkce);
    // Public clients keep no secret, and FAPI 2.0 demands it of all.
    let mut public = super::super::model_tests::client(Mount::Op);
    public.registration.auth_methods = vec![crate::clients::AuthMethod::None];
    assert_eq!(run_as(&public, Door::Plain, &[]).unwrap_err().first().code, Code::UsePkce);
    assert_eq!(run_as(&fapi2(), Door::Pushed(1), &[]).unwrap_err().first().code, Code::UsePkce);
}

#[test]
fn a17_odd_prompts_and_ages_are_redirected() {
    for (name, value) in [
        ("max_age", "-1"),
        ("max_age", "1e20"),
        ("max_age", "99999999999999999999"),
        ("max_age", "abc"),
        ("prompt", "none login"),
        ("prompt", "xyz"),
        ("display", "tv"),
    ] {
        assert_eq!(redirected(&[(name, Some(value))]), "invalid_request", "{name}={value}");
    }
    assert_eq!(good(&[("prompt", Some("login consent"))]).prompt, [Prompt::Login, Prompt::Consent]);
    assert_eq!(good(&[("max_age", Some("0"))]).max_age, Some(0));
    let mut client = client(Mount::Op);
    client.registration.default_max_age = Some(60);
    assert_eq!(run_as(&client, Door::Plain, &[]).unwrap().max_age, Some(60));
    assert_eq!(run_as(&client, Door::Plain, &[("max_age", Some("5"))]).unwrap().max_age, Some(5));
}

/// Where no sessions are kept nobody is logged in; where they are, they decide.
#[test]
fn a18_silent_logins_are_answered_with_login_required() {
    for mount in [Mount::GovStack, Mount::ESignet] {
        assert_eq!(redirected_on(mount, &[("prompt", Some("none"))]), "login_required");
    }
    assert_eq!(run(Mount::Op, &[("prompt", Some("none"))]).unwrap().prompt, [Prompt::None]);
}

/// What a mount lacks is refused by its own name, and never ignored.
#[test]
fn a11_a12_a13_a16_what_a_mount_lacks_is_refused_by_its_own_name() {
    assert_eq!(redirected(&[("registration", Some("{}"))]), "registration_not_supported");
    assert_eq!(redirected(&[("dpop_jkt", Some("x"))]), "invalid_request");
    let thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    assert_eq!(run(Mount::Op, &[("dpop_jkt", Some(thumbprint))]).unwrap().dpop_jkt.as_deref(), Some(thumbprint));
    for mount in [Mount::GovStack, Mount::ESignet] {
        assert_eq!(redirected_on(mount, &[("request", Some("e30.e30."))]), "request_not_supported");
        let uri = [("request_uri", Some("http://127.0.0.1:22/"))];
        assert_eq!(redirected_on(mount, &uri), "request_uri_not_supported");
        assert_eq!(redirected_on(mount, &[("id_token_hint", Some("x"))]), "invalid_request");
    }
}

#[test]
fn a19_claims_nobody_can_read_are_redirected() {
    assert_eq!(redirected(&[("claims", Some(&"[".repeat(10_000)))]), "invalid_request");
    assert_eq!(redirected(&[("claims", Some("name"))]), "invalid_request");
}

/// GS-VAP-08.
#[test]
fn gs_vap_08_only_registered_claims_count() {
    let claims = json!({ "userinfo": {
        "name": { "essential": true, "purpose": "To greet you" },
        "picture": { "essential": true },
        "name#fr": null
    } });
    let request = good(&[("claims", Some(&claims.to_string()))]);
    assert_eq!(request.essential_claims(), ["name"]);
    assert_eq!(request.voluntary_claims(), ["name#fr", "email"]);
    assert!(good(&[("scope", Some("openid"))]).essential_claims().is_empty());
}

#[test]
fn acrs_are_those_of_the_claim_then_of_the_parameter_then_all() {
    let claim = |essential: bool, values: Value| {
        json!({ "id_token": { "acr": { "essential": essential, "values": values } } }).to_string()
    };
    let wallet = claim(false, json!(["idbb:acr:linked-wallet", "mosip:idp:acr:biometrics"]));
    let both = [("claims", Some(wallet.as_str())), ("acr_values", Some("mosip:idp:acr:generated-code"))];
    assert_eq!(good(&both).acrs, ["idbb:acr:linked-wallet"]);
    assert_eq!(good(&both[1..]).acrs, ["mosip:idp:acr:generated-code"]);
    let all = ["mosip:idp:acr:generated-code", "mosip:idp:acr:linked-wallet"];
    assert_eq!(good(&[("acr_values", Some("mosip:idp:acr:biometrics"))]).acrs, all);
    assert_eq!(run(Mount::GovStack, &[]).unwrap().acrs, ["idbb:acr:generated-code", "idbb:acr:linked-wallet"]);

    let impossible = claim(true, json!(["mosip:idp:acr:biometrics"]));
    assert_eq!(redirected(&[("claims", Some(&impossible))]), "unmet_authentication_requirements");

    let mut nothing = client(Mount::ESignet);
    nothing.registration.acrs.clear();
    let refused = run_as(&nothing, Door::Plain, &[]).unwrap_err();
    assert_eq!(refused.first().code, Code::NoAcrRegistered);

    let mut own = client(Mount::Op);
    own.registration.default_acr_values = vec![Acr::LinkedWallet, Acr::StaticCode];
    assert_eq!(run_as(&own, Door::Plain, &[]).unwrap().acrs, ["mosip:idp:acr:linked-wallet"]);
    assert_eq!(
        run_as(&own, Door::Plain, &both[1..]).unwrap().acrs,
        ["mosip:idp:acr:generated-code"],
        "what is asked goes before"
    );
}

/// OpenID Connect Core §5.5: what is said about a claim goes with the approval, and nothing that the client may not have.
#[test]
fn the_claims_parameter_goes_with_the_approval() {
    let claims = json!({
        "userinfo": { "name": { "essential": true, "values": ["Anna"] }, "picture": null },
        "id_token": { "auth_time": { "essential": true }, "email": null, "theirs": null }
    });
    let asked = good(&[("claims", Some(&claims.to_string()))]).asked_claims;
    assert_eq!(asked.userinfo.claims.keys().collect::<Vec<_>>(), ["name"]);
    assert!(asked.userinfo.claims["name"].essential && asked.userinfo.claims["name"].values == [json!("Anna")]);
    assert_eq!(asked.id_token.claims.keys().collect::<Vec<_>>(), ["auth_time", "email"]);
}

#[test]
fn a_machine_client_logs_nobody_in() {
    let mut machine = client(Mount::Op);
    machine.registration.grant_types = vec![crate::clients::GrantType::ClientCredentials];
    machine.registration.acrs = vec![Acr::LinkedWallet];
    let refused = run_as(&machine, Door::Plain, &[]).unwrap_err();
    assert_eq!(refused.first().error, "unauthorized_client");
}

#[test]
fn several_faults_are_found_together() {
    let refused = run(Mount::ESignet, &[("display", Some("tv")), ("prompt", Some("x"))]).unwrap_err();
    let codes: Vec<Code> = refused.faults.iter().map(|fault| fault.code).collect();
    assert_eq!(codes, [Code::InvalidDisplay, Code::InvalidPrompt]);
}
