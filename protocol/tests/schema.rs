//! GS-GEN-12: the JSON Schemas of the bodies name what stands on the wire.

use protocol::binding::{Binding, BindingRequest, WalletBindingRequest};
use protocol::devices::List;
use protocol::envelope::{Request, Response};
use protocol::linked::{AuthenticateRequest, ConsentRequest, LinkTransaction};
use schemars::{JsonSchema, schema_for};

fn text<T: JsonSchema>() -> String {
    schema_for!(T).to_value().to_string()
}

#[test]
fn names_are_those_of_the_wire() {
    let cases: [(String, &[&str]); 7] = [
        (
            text::<Request<AuthenticateRequest>>(),
            &["requestTime", "linkedTransactionId", "challengeList", "authFactorType"],
        ),
        (
            text::<Response<LinkTransaction>>(),
            &["responseTime", "errorCode", "linkTransactionId", "tessera", "rp_domain"],
        ),
        (text::<ConsentRequest>(), &["permittedAuthorizeScopes", "consentStatement", "signature"]),
        (text::<BindingRequest>(), &["individualId", "publicKey", "proof", "deviceName"]),
        (text::<WalletBindingRequest>(), &["authFactorType", "format", "publicKey"]),
        (text::<Binding>(), &["walletUserId", "expireDateTime", "issuers"]),
        (text::<List>(), &["createdDateTime", "ES256", "native"]),
    ];
    for (schema, names) in cases {
        for name in names {
            assert!(schema.contains(&format!("\"{name}\"")), "{name} in {schema}");
        }
    }
}
