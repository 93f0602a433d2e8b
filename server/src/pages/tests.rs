//! The pages as text: escaped, in their language, without inline script or style.

use askama::Template;

use super::*;

fn step() -> Step {
    Step { base: "/op".into(), transaction_id: "T".into(), csrf: "c.d".into() }
}

fn party() -> Party {
    Party {
        name: "\"><script>alert(1)</script>".into(),
        logo_url: Some("https://rp.test/logo.png".into()),
        policy_url: Some("https://rp.test/privacy?a=\"b\"".into()),
        terms_url: None,
    }
}

fn login(language: Language) -> LoginPage {
    LoginPage {
        frame: Frame { language },
        party: party(),
        step: step(),
        app: None,
        first: true,
        then_wallet: false,
        other_device: false,
        qr: Some(QrView {
            svg: svg("tessera://wla-auth?linkCode=a", language.text().qr_code).unwrap(),
            deep_link: "tessera://wla-auth?linkCode=a&iss=b".into(),
            link_code: "a".into(),
            shown_ms: 50_000,
            now_ms: 1,
            download_url: Some("https://wallet.test/".into()),
        }),
        otp: true,
        pin: true,
        individual_id: "\" autofocus onfocus=\"x".into(),
        sent_to: None,
        otp_digits: 6,
        problem: Some(Problem::AuthFailed),
    }
}

fn consent(language: Language) -> ConsentPage {
    ConsentPage {
        frame: Frame { language },
        party: party(),
        step: step(),
        essential: vec![Choice::claim("name", Some("to greet <you>"), language)],
        voluntary: vec![Choice::claim("email", None, language), Choice::claim("\"><b>", None, language)],
        scopes: vec![Choice::scope("Manage-Service")],
        fixed_scopes: vec![Choice::scope("offline_access")],
    }
}

fn pages(language: Language) -> Vec<(&'static str, String)> {
    let frame = Frame { language };
    let sent = LoginPage { qr: None, problem: None, sent_to: Some("a***@e***.org".into()), ..login(language) };
    vec![
        ("login", login(language).render().unwrap()),
        ("sent", sent.render().unwrap()),
        ("consent", consent(language).render().unwrap()),
        (
            "waiting",
            WaitingPage { number: Some("042".into()), scanned_twice: true, frame, party: party(), step: step() }
                .render()
                .unwrap(),
        ),
        (
            "account_choice",
            AccountChoicePage { frame, party: party(), step: step(), name: Some("<b>Anna</b>".into()) }
                .render()
                .unwrap(),
        ),
        (
            "form_post",
            FormPostPage {
                frame,
                action: "https://rp.test/cb".into(),
                fields: vec![("state".into(), "\"><script>alert(1)</script><b>".into())],
            }
            .render()
            .unwrap(),
        ),
        (
            "message",
            MessagePage { frame, sentence: language.text().gone, code: Some("invalid_request") }.render().unwrap(),
        ),
    ]
}

#[test]
fn nothing_of_others_becomes_markup_and_nothing_is_inline() {
    for language in Language::ALL {
        for (name, html) in pages(language) {
            assert!(!html.contains("<script>alert"), "{name}");
            assert!(!html.contains("<b>") && !html.contains("<you>"), "{name}");
            assert!(!html.contains(" style=") && !html.contains("<style"), "{name}");
            // Scripts come from a file; handlers in attributes do not exist.
            assert!(html.matches("<script").count() == html.matches("<script src=\"/static/").count(), "{name}");
            assert!(!html.contains("onfocus=\"x"), "{name}");
            assert!(html.starts_with("<!doctype html>"), "{name}");
        }
    }
}

#[test]
fn each_page_says_its_language_and_direction() {
    for (language, head) in [
        (Language::English, "<html lang=\"en\" dir=\"ltr\">"),
        (Language::French, "<html lang=\"fr\" dir=\"ltr\">"),
        (Language::Arabic, "<html lang=\"ar\" dir=\"rtl\">"),
    ] {
        for (name, html) in pages(language) {
            assert!(html.contains(head), "{name}");
        }
    }
}

/// What tests from outside and people's password managers hold on to.
#[test]
fn forms_have_stable_names() {
    let html = login(Language::English).render().unwrap();
    for form in ["otp-send", "pin-login", "continue", "refresh", "cancel", "first-otp-send", "first-pin"] {
        assert!(html.contains(&format!("<form id=\"{form}\" method=\"post\" action=\"/op/authorize/")), "{form}");
    }
    assert_eq!(html.matches("name=\"_csrf\" value=\"c.d\"").count(), 7);
    let html = consent(Language::English).render().unwrap();
    // Essential claims are fixed and not sent; voluntary ones and scopes are off.
    assert!(html.contains("<li id=\"claim-name\">Full name"));
    assert!(html.contains("id=\"claim-email\" name=\"claim\" value=\"email\">"));
    assert!(html.contains("id=\"scope-Manage-Service\" name=\"scope\" value=\"Manage-Service\">"));
}

/// Every id is there once, so that labels and scripts find what they mean.
#[test]
fn ids_are_unique() {
    for (name, html) in pages(Language::English) {
        let mut seen = std::collections::HashSet::new();
        for id in html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(seen.insert(id.to_owned()), "{name}: {id}");
        }
    }
}

/// Whoever drives a browser waits for one sentence, and finds no other by it.
#[test]
fn each_error_page_has_a_sentence_of_its_own() {
    for language in Language::ALL {
        let sentences = Sentence::ALL.map(|sentence| sentence.in_language(language));
        for (place, one) in sentences.iter().enumerate() {
            assert!(!one.is_empty());
            assert!(sentences.iter().enumerate().all(|(other, text)| other == place || !text.contains(one)), "{one}");
        }
    }
}

/// What the relying party registered about people's data and its terms can be read before anything is typed or agreed to.
#[test]
fn the_relying_partys_policy_and_terms_are_linked_where_it_has_them() {
    for language in [Language::English, Language::French, Language::Arabic] {
        let both = |party: Party| Party { terms_url: Some("https://rp.test/terms".into()), ..party };
        let login_page = LoginPage { party: both(party()), ..login(language) }.render().unwrap();
        let consent_page = ConsentPage { party: both(party()), ..consent(language) }.render().unwrap();
        for page in [login_page, consent_page] {
            let policy = r#"id="party-policy" href="https://rp.test/privacy?a=&#34;b&#34;""#;
            assert!(page.contains(policy), "{page}");
            assert!(page.contains(r#"id="party-terms" href="https://rp.test/terms""#));
            assert!(page.contains(language.text().policy) && page.contains(language.text().terms));
            assert!(page.matches(r#"rel="noopener noreferrer""#).count() == 2);
        }
    }
    let none = Party { policy_url: None, ..party() };
    assert!(!LoginPage { party: none, ..login(Language::English) }.render().unwrap().contains("party-links"));
}
