//! `tessera client …`.

use clap::Parser;

use super::super::cli::{self, ClientCommand};
use super::*;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: ClientCommand,
}

pub(super) async fn command(kit: &Kit, arguments: &str) -> Result<String, String> {
    let words = std::iter::once("client").chain(arguments.split_whitespace());
    let command = Arguments::try_parse_from(words).map_err(|error| error.to_string())?.command;
    let mut out = Vec::new();
    cli::run(&kit.state, command, &mut out).await.map_err(|error| error.to_string())?;
    Ok(String::from_utf8(out).unwrap())
}

#[tokio::test]
async fn commands_register_list_change_and_remove() {
    let kit = Kit::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let shop = format!(
        "add shop --mount esignet --name Shop --logo https://shop.test/logo.png --redirect-uri https://shop.test/cb \
         --claim name --acr linked-wallet --new-key {}",
        file("shop.jwk")
    );
    let told = command(&kit, &shop).await.unwrap();
    assert!(told.contains("registered shop on esignet (issuer http://localhost:8080/v1/esignet)"), "{told}");
    let client = find(&kit.state, Mount::ESignet, "shop").await.unwrap().unwrap();
    assert!(client.allows(GrantType::AuthorizationCode) && !client.allows(GrantType::ClientCredentials));
    assert_eq!(client.redirect_uris, ["https://shop.test/cb"]);
    // A second one of the same id: refused, and its new key file is not left behind.
    let again = shop.replace("shop.jwk", "again.jwk");
    assert!(command(&kit, &again).await.unwrap_err().contains("taken"));
    assert!(!std::path::Path::new(&file("again.jwk")).exists());
    // The same key again, read from the private file.
    let thief = shop.replace("add shop", "add thief").replace("--new-key", "--jwk");
    assert!(command(&kit, &thief).await.unwrap_err().contains("has this key"));

    let office = format!(
        "add office --mount esignet --grant client_credentials --scope add_oidc_client --new-key {} --alg RS256",
        file("office.jwk")
    );
    command(&kit, &office).await.unwrap();
    let office = find(&kit.state, Mount::ESignet, "office").await.unwrap().unwrap();
    assert_eq!(office.scopes, ["add_oidc_client"]);
    assert!(!office.allows(GrantType::AuthorizationCode) && office.redirect_uris.is_empty());

    // Relying parties of eSignet before 1.8 expect RS256.
    assert_eq!(client.signed_with(), Some(Algorithm::Ps256));
    assert!(command(&kit, "signing shop --mount esignet RS256").await.unwrap().ends_with("signed with RS256\n"));
    assert!(command(&kit, "signing shop --mount esignet ES256").await.unwrap_err().contains("invalid_algorithm"));
    let client = find(&kit.state, Mount::ESignet, "shop").await.unwrap().unwrap();
    assert_eq!(client.signed_with(), Some(Algorithm::Rs256));

    let keys = command(&kit, &format!("keys shop --mount esignet --new-key {}", file("next.jwk"))).await.unwrap();
    assert_eq!(keys.lines().count(), 2);
    let old = keys.lines().next().unwrap().strip_prefix("key ").unwrap().to_owned();
    let keys = command(&kit, &format!("keys shop --mount esignet --retire {old}")).await.unwrap();
    assert!(!keys.contains(&old) && keys.lines().count() == 1);
    assert!(command(&kit, &format!("keys shop --mount esignet --retire {old}")).await.is_err());

    assert_eq!(command(&kit, "list").await.unwrap().lines().count(), 2);
    command(&kit, "disable shop --mount esignet").await.unwrap();
    assert!(find(&kit.state, Mount::ESignet, "shop").await.unwrap().is_none());
    let shown: Value = serde_json::from_str(&command(&kit, "show shop --mount esignet").await.unwrap()).unwrap();
    assert_eq!((&shown["status"], &shown["userClaims"]), (&json!("INACTIVE"), &json!(["name"])));
    command(&kit, "enable shop --mount esignet").await.unwrap();
    command(&kit, "remove shop --mount esignet").await.unwrap();
    assert!(command(&kit, "show shop --mount esignet").await.is_err());
}

/// Ids and thumbprints are random text in base64url: some begin with `-`.
#[tokio::test]
async fn commands_take_ids_and_thumbprints_that_begin_with_a_hyphen() {
    let kit = Kit::new().await;
    for id in ["-shop", "--shop"] {
        let add = format!(
            "add {id} --mount op --logo https://shop.test/l.png --redirect-uri https://shop.test/cb \
             --jwks-uri https://shop.test/jwks --id-token-alg RS256"
        );
        command(&kit, &add).await.unwrap();
        for line in [format!("show {id} --mount op"), format!("show --mount op {id}")] {
            let shown: Value = serde_json::from_str(&command(&kit, &line).await.unwrap()).unwrap();
            assert_eq!((&shown["clientId"], &shown["idTokenSignedResponseAlg"]), (&json!(id), &json!("RS256")));
        }
        let told = command(&kit, &format!("keys {id} --mount op --retire -thumb")).await.unwrap_err();
        assert!(told.contains("publishes its keys"), "{told}");
    }
    assert!(command(&kit, "show shop --mount op --nonsense").await.is_err());
}

#[tokio::test]
async fn commands_refuse_what_makes_no_sense() {
    let kit = Kit::new().await;
    for arguments in [
        "add a --mount nowhere --jwks-uri https://a.test/jwks",
        "add a --mount wallet --jwks-uri https://a.test/jwks",
        "add a --mount op",
        "add a --mount op --jwk one --new-key two",
        "add a --mount op --jwks-uri https://a.test/jwks --scope add_oidc_client",
        "add a --mount op --jwks-uri https://a.test/jwks --grant client_credentials",
        "add a --mount op --jwks-uri https://a.test/jwks --grant client_credentials --scope everything",
        "add a --mount op --jwk /nowhere",
        "show a --mount op",
        "disable a --mount op",
        "signing a --mount op RS256",
        "add a --mount op --jwks-uri https://a.test/jwks --id-token-alg PS256",
    ] {
        assert!(command(&kit, arguments).await.is_err(), "{arguments}");
    }
    let missing = command(&kit, "add a --mount op --jwks-uri https://a.test/jwks").await.unwrap_err();
    assert!(missing.contains("logoUri: invalid_uri") && missing.contains("redirectUris: invalid_redirect_uri"));
    // What may be named where `invalid_claim` alone does not tell.
    let claim = "add a --mount op --jwks-uri https://a.test/jwks --logo https://a.test/l.png --redirect-uri https://a.test/cb \
                 --claim shoe_size";
    let refused = command(&kit, claim).await.unwrap_err();
    assert!(refused.contains("userClaims: invalid_claim (") && refused.contains("claims_supported"), "{refused}");
}

#[tokio::test]
async fn commands_make_secrets_and_set_metadata_at_op() {
    let kit = Kit::new().await;
    let add = "add shop --mount op --auth-method client_secret_basic --logo https://shop.test/l.png \
         --redirect-uri https://shop.test/cb --metadata {\"subject_type\":\"public\"}";
    let told = command(&kit, add).await.unwrap();
    let shown = |told: &str| told.lines().find_map(|line| line.strip_prefix("client secret: ")).map(str::to_owned);
    let first = shown(&told).unwrap();
    let kept = async || find_any(&kit.state, Mount::Op, "shop").await.unwrap().unwrap();
    let good =
        |client: &Client, given: &str| is_secret(&kit.state.secrets, Mount::Op, "shop", client.secret.as_ref(), given);
    let client = kept().await;
    assert!(good(&client, &first));
    assert_eq!((client.sector(), client.auth_methods.as_slice()), ("", [AuthMethod::ClientSecretBasic].as_slice()));
    // Shown once: afterwards only a new one can be had.
    let all = command(&kit, "show shop --mount op").await.unwrap() + &command(&kit, "list").await.unwrap();
    assert!(!all.contains(&first));
    let second = shown(&command(&kit, "secret shop --mount op").await.unwrap()).unwrap();
    assert!(good(&kept().await, &second) && !good(&kept().await, &first));

    let metadata = |json: &str| format!("metadata shop --mount op {json}");
    let told = command(&kit, &metadata("{\"post_logout_redirect_uris\":[\"https://shop.test/bye\"]}")).await.unwrap();
    assert!(told.contains("https://shop.test/bye") && told.contains("\"public\"") && !told.contains("secret: "));
    let unsigned = command(&kit, &metadata("{\"token_endpoint_auth_method\":\"private_key_jwt\"}")).await.unwrap_err();
    assert!(unsigned.contains("jwks: invalid_client_metadata"), "{unsigned}");
    command(&kit, &metadata("{\"token_endpoint_auth_method\":\"none\"}")).await.unwrap();
    assert_eq!((kept().await.secret.clone(), kept().await.is_public()), (None, true));
    assert!(command(&kit, "secret shop --mount op").await.unwrap_err().contains("without a secret"));
    let again = command(&kit, &metadata("{\"token_endpoint_auth_method\":\"client_secret_post\"}")).await.unwrap();
    assert!(good(&kept().await, &shown(&again).unwrap()));
    // A machine with a secret; a client that signs without a key; mounts that know neither.
    let machine =
        "add office --mount op --grant client_credentials --scope add_oidc_client --auth-method client_secret_post";
    assert!(shown(&command(&kit, machine).await.unwrap()).is_some());
    let bare = add.replace("add shop", "add bare").replace("client_secret_basic", "private_key_jwt");
    assert!(command(&kit, &bare).await.unwrap_err().contains("--new-key"));
    let fapi2 = add.replace("add shop", "add bank").replace("--metadata", "--profile fapi2 --metadata");
    assert!(command(&kit, &fapi2).await.unwrap_err().contains("invalid_client_metadata"));
    for mount in ["govstack", "esignet"] {
        let old = add.replace("--mount op", &format!("--mount {mount}"));
        assert!(command(&kit, &old).await.is_err(), "{mount}");
        assert!(command(&kit, &format!("metadata shop --mount {mount}")).await.is_err());
    }
}

/// Whoever asks for refresh tokens on the command line gets them, or is told why not.
#[tokio::test]
async fn commands_give_the_grants_that_they_name() {
    let kit = Kit::new().await;
    let add = |id: &str, mount: &str, more: &str| {
        format!(
            "add {id} --mount {mount} --logo https://shop.test/l.png --redirect-uri https://shop.test/cb \
             --jwks-uri https://shop.test/jwks {more}"
        )
    };
    let both = "--grant authorization_code --grant refresh_token";
    for mount in [Mount::Op, Mount::BankId] {
        command(&kit, &add("shop", mount.name(), both)).await.unwrap();
        let client = find(&kit.state, mount, "shop").await.unwrap().unwrap();
        assert_eq!(client.grant_types, [GrantType::AuthorizationCode, GrantType::RefreshToken], "{mount:?}");
    }
    let three = format!("{both} --grant client_credentials --scope audit_read");
    command(&kit, &add("office", "op", &three)).await.unwrap();
    let client = find(&kit.state, Mount::Op, "office").await.unwrap().unwrap();
    assert!(client.allows(GrantType::RefreshToken) && client.allows(GrantType::ClientCredentials));
    let told = command(&kit, &add("old", "esignet", both)).await.unwrap_err();
    assert!(told.contains("grantTypes: unsupported_grant_type"), "{told}");
    let told = command(&kit, &add("away", "op", "--grant refresh_token")).await.unwrap_err();
    assert!(told.contains("--grant authorization_code"), "{told}");
    command(&kit, &add("plain", "op", "")).await.unwrap();
    let client = find(&kit.state, Mount::Op, "plain").await.unwrap().unwrap();
    assert_eq!(client.grant_types, [GrantType::AuthorizationCode]);
}

/// A key that the command makes is one that the client's mount takes.
#[tokio::test]
async fn commands_make_a_key_that_the_mount_takes() {
    let kit = Kit::new().await;
    let folder = tempfile::tempdir().unwrap();
    for (mount, alg) in [("op", "ES256"), ("govstack", "ES256"), ("bankid", "ES512")] {
        let file = folder.path().join(mount).display().to_string();
        let add = format!(
            "add shop --mount {mount} --logo https://shop.test/l.png --redirect-uri https://shop.test/cb --new-key {file}"
        );
        command(&kit, &add).await.unwrap();
        assert!(std::fs::read_to_string(&file).unwrap().contains(alg), "{mount}");
    }
}

/// GS-ENR-05a: what an enrollment client must do is the operator's to say.
#[tokio::test]
async fn commands_set_what_enrollments_must_have() {
    let kit = Kit::new().await;
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("office.jwk").display().to_string();
    let add = format!("add office --mount op --grant client_credentials --scope enroll.write --new-key {key}");
    command(&kit, &add).await.unwrap();
    assert_eq!(command(&kit, "enrollment-policy office --mount op").await.unwrap(), "{}\n");
    let policy = r#"{"context":["operator"],"integrity":["biographicData"],"signature":["JWS"]}"#;
    let told = command(&kit, &format!("enrollment-policy office --mount op {policy}")).await.unwrap();
    assert!(told.contains("operator") && told.contains("JWS"), "{told}");
    let kept = || async { find(&kit.state, Mount::Op, "office").await.unwrap().unwrap().enrollment_policy.clone() };
    assert_eq!(kept().await.unwrap().context, ["operator"]);
    for wrong in [r#"{"contexts":[]}"#, r#"{"integrity":["a["]}"#] {
        assert!(command(&kit, &format!("enrollment-policy office --mount op {wrong}")).await.is_err());
    }
    command(&kit, "enrollment-policy office --mount op {}").await.unwrap();
    assert_eq!(kept().await, None);
}
