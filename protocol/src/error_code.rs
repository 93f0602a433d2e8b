//! Error codes of the envelope (`errors[].errorCode`) that wallet and server both know: those of the
//! linked-authorization and binding calls of GovStack and eSignet 1.x, and those of the wallet's own calls.

/// The envelope or a member of the body is malformed.
pub const INVALID_REQUEST: &str = "invalid_request";
/// The server failed.
pub const UNKNOWN_ERROR: &str = "unknown_error";
/// The transaction id is blank; GovStack: also unknown, finished or expired.
pub const INVALID_TRANSACTION_ID: &str = "invalid_transaction_id";
/// The transaction is unknown, finished, expired, or not in the state for this call.
pub const INVALID_TRANSACTION: &str = "invalid_transaction";
/// The link code is blank, unknown, used or expired.
pub const INVALID_LINK_CODE: &str = "invalid_link_code";
/// No more link codes for this transaction.
pub const LINK_CODE_LIMIT_REACHED: &str = "link_code_limit_reached";
/// A long poll ended without news; poll again.
pub const RESPONSE_TIMEOUT: &str = "response_timeout";
/// The relying party is unknown or inactive.
pub const INVALID_CLIENT_ID: &str = "invalid_client_id";
/// No such person, or the identifier is malformed.
pub const INVALID_IDENTIFIER: &str = "invalid_identifier";
/// The identifier of a person is blank or malformed (binding).
pub const INVALID_INDIVIDUAL_ID: &str = "invalid_individual_id";
/// Too few or too many challenges.
pub const INVALID_NO_OF_CHALLENGES: &str = "invalid_no_of_challenges";
/// Unknown authentication factor.
pub const INVALID_AUTH_FACTOR_TYPE: &str = "invalid_auth_factor_type";
/// Blank challenge.
pub const INVALID_CHALLENGE: &str = "invalid_challenge";
/// The format is not the one of the factor.
pub const INVALID_CHALLENGE_FORMAT: &str = "invalid_challenge_format";
/// The challenge is too short or too long.
pub const INVALID_CHALLENGE_LENGTH: &str = "invalid_challenge_length";
/// The factors given are not one of the alternatives offered.
pub const AUTH_FACTOR_MISMATCH: &str = "auth_factor_mismatch";
/// The challenge was not met.
pub const AUTH_FAILED: &str = "auth_failed";
/// No attempts left for this transaction.
pub const NO_ATTEMPTS_LEFT: &str = "no_attempts_left";
/// The person is locked out for a while.
pub const INDIVIDUAL_ID_BLOCKED: &str = "individual_id_blocked";
/// A claim accepted was not requested, or an essential one was not accepted.
pub const INVALID_ACCEPTED_CLAIM: &str = "invalid_accepted_claim";
/// A scope permitted was not requested.
pub const INVALID_PERMITTED_SCOPE: &str = "invalid_permitted_scope";
/// The consent signature is not of the two-part form, or does not hold.
pub const INVALID_SIGNATURE_FORMAT: &str = "invalid_signature_format";
/// Unknown channel for an OTP.
pub const INVALID_OTP_CHANNEL: &str = "invalid_otp_channel";
/// The OTP could not be sent.
pub const SEND_OTP_FAILED: &str = "send_otp_failed";
/// The WLA token's claims do not hold.
pub const INVALID_WLA_TOKEN: &str = "invalid_wla_token";
/// The key is malformed, weak or of a kind not taken.
pub const INVALID_PUBLIC_KEY: &str = "invalid_public_key";
/// The key is already bound.
pub const DUPLICATE_PUBLIC_KEY: &str = "duplicate_public_key";
/// Binding failed.
pub const KEY_BINDING_FAILED: &str = "key_binding_failed";
/// No binding for this key or person.
pub const BINDING_NOT_FOUND: &str = "binding_not_found";
/// GovStack: the format is not the one of the factor (binding).
pub const UNSUPPORTED_CHALLENGE_FORMAT: &str = "unsupported_challenge_format";
/// GovStack: the challenge was not met (binding).
pub const INVALID_AUTH_CHALLENGE: &str = "invalid_auth_challenge";
/// Wallet calls: the proof of possession does not hold.
pub const INVALID_PROOF: &str = "invalid_proof";
/// Wallet calls, and `authenticate` on the standard mount: the key proved itself, and was revoked or has expired.
pub const BINDING_ENDED: &str = "binding_ended";
/// Wallet calls: the `Tessera-Wallet` header is missing or does not hold.
pub const INVALID_WALLET_TOKEN: &str = "invalid_wallet_token";
/// Wallet calls: no such device of this person.
pub const INVALID_DEVICE_ID: &str = "invalid_device_id";
/// Wallet calls: no such consent of this person.
pub const INVALID_CONSENT_ID: &str = "invalid_consent_id";
/// Wallet calls: no question to this person that can still be answered.
pub const INVALID_QUESTION_ID: &str = "invalid_question_id";
/// Wallet calls: the name of a device is blank or too long.
pub const INVALID_DEVICE_NAME: &str = "invalid_device_name";
/// Wallet calls: the attestation of the key does not hold or is demanded and absent.
pub const INVALID_ATTESTATION: &str = "invalid_attestation";
