//! The habits of Bank iD's profile for service providers; the reasons are in docs/bankid.md.

use protocol::jws::Algorithm;

use super::Dialect;
use crate::claims::bankid;
use crate::error::{Code, TokenFault};

pub(super) static DIALECT: Dialect = Dialect {
    null_response: true,
    several_errors: true,
    error_status: 400,
    acr_prefix: "mosip:idp:acr:",
    wallet_factor: "WLA",
    sub_types: "subTypes",
    status_upper_case: true,
    jwk_exp_text: false,
    claims: bankid::CLAIMS,
    claim_scopes: bankid::SCOPES,
    permitted_scopes: &[bankid::NOTIFICATION],
    // Two factors each: a key that only its device has, and what opens it, or the PIN.
    levels: &[("loa3", &["linked-wallet", "linked-wallet-static-code"])],
    unattested_key: Some("swk"),
    state_required: true,
    prompts: &["none", "login", "consent"],
    displays: &["page", "popup", "touch"],
    claims_parameter: false,
    json_apis: false,
    authorization_path: "/auth",
    profile_path: Some("/profile"),
    banks_path: Some("/api/v1/banks"),
    request_refusals: &[
        (Code::InvalidRedirectUri, "invalid_redirect_uri"),
        (Code::InvalidClientId, "invalid_client_metadata"),
        (Code::InvalidRequest, "invalid_client_metadata"),
    ],
    txn: true,
    key_roll_over: true,
    unique_client_keys: false,
    signing: &[Algorithm::Es256, Algorithm::Ps256],
    nonce_once: false,
    free_challenge_formats: false,
    legacy_wallets: false,
    same_device: true,
    first_factor_path: None,
    rebinds_own_key: true,
    encrypts_wallet_user_id: false,
    token_paths: &["/token"],
    userinfo_path: "/userinfo",
    jwks_paths: &["/.well-known/jwks"],
    metadata_paths: &super::METADATA,
    registration_path: None,
    client_metadata: true,
    cross_origin: &[],
    end_session_path: Some("/logout"),
    session_ids: false,
    logout_needs_hint: true,
    scopes: bankid::NAMED,
    assertion_signing: &super::ASSERTION_SIGNING,
    userinfo_json: true,
    missing_bearer: None,
    codes: &[],
    token_faults: &[(TokenFault::MediaType, 415, "invalid_content_type")],
};
