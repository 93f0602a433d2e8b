//! Questions of relying parties to the citizen, pulled from a native server: nobody pushes them, and nothing is asked of the
//! citizen before the app looks.

use crate::activity::{ActivityEntry, ActivityKind};
use crate::bound::{self, BindingRecord};
use crate::devices::{native, signed_call};
use crate::errors::{ErrorCode, WalletError};
use crate::parts::Parts;
use crate::ports::{SigningPrompt, SigningPurpose};
use crate::receipts::ConsentReceipt;
use protocol::consent::{self, Statement, sorted};
use protocol::inbox as wire;

/// A relying party asks whether it may be told claims, by calls of its own, until the citizen withdraws.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct ConsentQuestion {
    /// Names the question.
    pub id: String,
    /// The binding that it was pulled with, and is answered with.
    pub binding_id: String,
    /// The issuer that the relying party belongs to.
    pub issuer: String,
    /// The relying party's client id.
    pub client_id: String,
    /// The relying party's registered name: verified.
    pub relying_party: String,
    /// Names of the claims that it asks for. None is essential.
    pub claims: Vec<String>,
    /// What it wants them for, in its own words. **Not verified.**
    pub purpose: String,
    /// When it asked, in milliseconds since 1970, by the server's clock.
    pub at_ms: i64,
    /// Until when it can be answered, in milliseconds since 1970, by the server's clock.
    pub expires_at_ms: i64,
}

crate::redact::redacted_debug!(ConsentQuestion);

/// The questions that can be answered, oldest first. Errors: those of [`native`] and of a signed call; `UnexpectedAnswer` where
/// the server names an issuer that is not its own.
pub(crate) async fn list(parts: &Parts, binding_id: &str) -> Result<Vec<ConsentQuestion>, WalletError> {
    let bound = native(parts, binding_id)?;
    let purpose = SigningPurpose::ManageConsents;
    let told: wire::List = signed_call(parts, &bound, "/wallet/inbox/list", &wire::ListRequest {}, purpose).await?;
    told.questions.into_iter().map(|question| pulled(&bound, question)).collect()
}

fn pulled(bound: &BindingRecord, question: wire::Question) -> Result<ConsentQuestion, WalletError> {
    let nameless = question.client_name.trim().is_empty() || question.claims.is_empty();
    if nameless || !bound.issuers.contains(&question.issuer) {
        return Err(ErrorCode::UnexpectedAnswer.into());
    }
    Ok(ConsentQuestion {
        id: question.question_id,
        binding_id: bound.id.clone(),
        issuer: question.issuer,
        client_id: question.client_id,
        relying_party: question.client_name,
        claims: question.claims,
        purpose: question.purpose,
        at_ms: question.asked_date_time.epoch_ms(),
        expires_at_ms: question.expire_date_time.epoch_ms(),
    })
}

/// Answers: a yes to some of the claims, with the receipt of it, or a no. What is signed is what the question shows. Errors:
/// `InvalidInput` for a claim that is not asked for, and as [`list`].
pub(crate) async fn answer(
    parts: &Parts,
    question: &ConsentQuestion,
    accepted: &[String],
) -> Result<Option<ConsentReceipt>, WalletError> {
    let bound = native(parts, &question.binding_id)?;
    if !bound.issuers.contains(&question.issuer) || !accepted.iter().all(|claim| question.claims.contains(claim)) {
        return Err(ErrorCode::InvalidInput.into());
    }
    let mut claims = sorted(accepted);
    claims.dedup();
    let agreed = if claims.is_empty() {
        decline(parts, &bound, question).await?;
        None
    } else {
        Some(agree(parts, &bound, question, &claims).await?)
    };

    let mut entry = ActivityEntry::plain(parts, ActivityKind::QuestionAnswered, &bound.server)?;
    entry.relying_party = Some(question.relying_party.clone());
    entry.claims.clone_from(&claims);
    let Some((statement, consent_id)) = agreed else {
        parts.store.write(&[entry.put()?])?;
        return Ok(None);
    };
    let public_key = bound::jwk_of(&parts.keys.info(bound.key_alias.clone()).await?.public_key)?.canonical();
    let receipt = ConsentReceipt::answered(parts, question, claims, (statement, public_key), consent_id)?;
    entry.receipt_id = Some(receipt.id.clone());
    parts.store.write(&[receipt.put()?, entry.put()?])?;
    Ok(Some(receipt))
}

const ANSWER: &str = "/wallet/inbox/answer";

/// Says no.
async fn decline(parts: &Parts, bound: &BindingRecord, question: &ConsentQuestion) -> Result<(), WalletError> {
    let request = wire::AnswerRequest { question_id: question.id.clone(), ..wire::AnswerRequest::default() };
    let purpose = SigningPurpose::ManageConsents;
    let _: wire::Answered = signed_call(parts, bound, ANSWER, &request, purpose).await?;
    Ok(())
}

/// Says yes. The statement is all that is signed, so that a key that asks at every use asks once; and once more where the
/// device's clock was the trouble. Gives the statement, and the server's name for the consent.
async fn agree(
    parts: &Parts,
    bound: &BindingRecord,
    question: &ConsentQuestion,
    claims: &[String],
) -> Result<(String, Option<String>), WalletError> {
    let mut first = true;
    loop {
        let statement = state(parts, bound, question, claims).await?;
        let request = wire::AnswerRequest {
            question_id: question.id.clone(),
            accepted_claims: claims.to_vec(),
            consent_statement: Some(statement.clone()),
        };
        let body = parts.exchange.envelope(&bound.server, &request)?;
        match parts.exchange.post::<wire::Answered>(&bound.server, ANSWER, Vec::new(), body).await {
            Ok(answered) => return Ok((statement, answered.consent_id)),
            Err(failure) if failure.clock_was_wrong && first => first = false,
            Err(failure) => return Err(failure.error.into()),
        }
    }
}

/// The consent statement over what is agreed to.
async fn state(
    parts: &Parts,
    bound: &BindingRecord,
    question: &ConsentQuestion,
    claims: &[String],
) -> Result<String, WalletError> {
    let statement = Statement {
        iss: bound.key_thumbprint.clone(),
        aud: question.issuer.clone(),
        txn: question.id.clone(),
        client_id: Some(question.client_id.clone()),
        client_name: question.relying_party.clone(),
        claims: claims.to_vec(),
        scopes: Vec::new(),
        iat: parts.exchange.now(&bound.server)?.epoch_seconds(),
        jti: parts.random_id()?,
    };
    let input = consent::statement_signing_input(bound.jws_algorithm(), &statement);
    let input = input.map_err(|_| ErrorCode::InvalidInput)?;
    let audience = Some(question.relying_party.clone());
    let prompt = SigningPrompt { purpose: SigningPurpose::ManageConsents, audience };
    let signature = parts.keys.sign(bound.key_alias.clone(), input.bytes().to_vec(), prompt).await?;
    Ok(input.attach(&signature))
}
