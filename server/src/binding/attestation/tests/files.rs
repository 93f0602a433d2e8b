//! The operator's configuration and files: what cannot work is told when the server starts.

use super::*;
use crate::binding::attestation::load;
use crate::config::{AttestationPolicy, Config};
use crate::testkit::Kit;

const PEM: &str = include_str!("published/apple-root.pem");

#[tokio::test]
async fn files_that_cannot_be_used_are_told_at_the_start() {
    let mut operator = Operator::of_android(PEM);
    let load_with = async |attestation: &config::Attestation| {
        let mut config = Config::default();
        config.binding.attestation = attestation.clone();
        load(&Kit::with(config).await.state).map_err(|error| error.to_string())
    };
    assert_eq!(load_with(&operator.config).await, Ok(()));
    let nothing = operator.folder.path().join("nothing.pem");
    std::fs::write(&nothing, "no certificate").unwrap();
    for root in [operator.folder.path().join("absent.pem"), nothing.clone()] {
        operator.android().roots = vec![root];
        assert!(load_with(&operator.config).await.unwrap_err().starts_with("binding.attestation: "));
    }
    let mut operator = Operator::of_android(PEM);
    for list in [operator.folder.path().join("absent.json"), operator.folder.path().join("roots.pem")] {
        operator.android().revoked = Some(list);
        assert!(load_with(&operator.config).await.unwrap_err().starts_with("binding.attestation: "));
    }
}

#[test]
fn a_configuration_that_would_let_any_app_pass_is_refused() {
    let read = |text: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tessera.toml");
        std::fs::write(&path, text).unwrap();
        Config::read(Some(&path)).map(|config| config.binding.attestation.policy).map_err(|error| error.to_string())
    };
    let android = |more: &str| {
        format!(
            "[binding.attestation]\npolicy = \"required\"\n[binding.attestation.android]\nroots = [\"r.pem\"]\n{more}"
        )
    };
    let app = format!("apps = [{{ package = \"p\", signing_digests = [\"{}\"] }}]", "5d".repeat(32));
    assert_eq!(read(&android(&app)), Ok(AttestationPolicy::Required));
    let short = app.replace("5d5d", "5d");
    let nameless = "apps = [{ package = \"p\", signing_digests = [] }]".to_owned();
    for more in ["apps = []".to_owned(), nameless, short, format!("{app}\nboot_keys = [\"x\"]"), String::new()] {
        assert!(read(&android(&more)).is_err(), "{more}");
    }
    assert!(read("[binding.attestation]\npolicy = \"when_offered\"").unwrap_err().contains("add `android`"));
    let apple = "[binding.attestation]\npolicy = \"when_offered\"\n[binding.attestation.apple]\nroots = [\"r.pem\"]\n";
    assert!(read(&format!("{apple}apps = []")).is_err());
    assert_eq!(read(&format!("{apple}apps = [\"T.b\"]\ndevelopment = true")), Ok(AttestationPolicy::WhenOffered));
    let production = "mode = \"production\"\npublic_url = \"https://id.example\"\n[otp.delivery.webhook]\nurl = \"https://o.example\"\n";
    let all = format!("{production}{apple}apps = [\"T.b\"]\ndevelopment = true");
    assert!(read(&all).unwrap_err().contains("development"), "{:?}", read(&all));
}
