//! Somebody who is not registered yet: enrolled by the civil registry, logged in a minute later, verified, and married.

use std::io::Write;

use reqwest::Method;
use serde_json::json;
use url::form_urlencoded;

use super::{LoginPage, Steps, expect};
use crate::phone::Phone;
use crate::relying_party::RelyingParty;
use crate::{Fault, Stage};

const MAIL: &str = "nia@people.example";
const NAME: &str = "Nia Owusu";
const MARRIED: &str = "Nia Mensah";
const BORN: &str = "1992-02-29";

/// Plays it.
///
/// # Errors
/// What did not hold.
pub async fn play<W: Write>(stage: &Stage, party: &RelyingParty, steps: &mut Steps<'_, W>) -> Result<(), Fault> {
    for topic in ["newPerson", "changeOfName"] {
        subscribe(stage, topic).await?;
    }
    steps.done("enroll: the registry subscribes to what happens, and confirms")?;
    let record = json!({
        "enrollmentType": "citizen",
        "contextualData": { "office": "Harbour Street" },
        "biographicData": {
            "firstName": "Nia", "lastName": "Owusu", "fullName": NAME, "dateOfBirth": BORN, "email": MAIL
        }
    });
    let path = "/v1/enrollments/harbour-1?transactionId=demo&finalize=true";
    stage.registry.call(Method::POST, path, Some(&record)).await?;
    let told = stage.told.event("newPerson").await.ok_or("nobody was told of the new person")?;
    let uin = told["uin"].as_str().ok_or("the new person has no UIN")?.to_owned();
    steps.done("enroll: enrolled in one step; the registry is told of the new person's UIN")?;

    let phone = Phone::new(&stage.folder.path().join("second-phone"), &stage.server).await?;
    phone.ask_for_otp(uin.clone()).await?;
    let otp = stage.messages.newest(MAIL).await.ok_or("no one-time password arrived")?;
    phone.bind(otp).await?;
    steps.done("enroll: the new person's phone is bound")?;

    let login = LoginPage::reach(stage, party).await?;
    let review = phone.scan(&login.photograph()?).await?;
    let number = if review.number_required { Some(login.number().await?) } else { None };
    phone.approve(Vec::new(), number).await?;
    let home = login.arrive(&login.send("continue", &[]).await?).await?;
    expect(home.status == 200 && home.html.contains(NAME), "the browser is logged in with what was enrolled")?;
    steps.done("enroll: logged in by QR code, with the enrolled name")?;

    expect(verified(stage, party, &uin, NAME).await?, "what was enrolled is verified")?;
    expect(!verified(stage, party, &uin, MARRIED).await?, "another name is not")?;
    steps.done("verify: right and wrong are told apart, and nothing else is told")?;

    let change = json!({
        "individualId": uin, "set": { "lastName": "Mensah", "fullName": MARRIED }, "reason": "marriage",
        "evidence": [{ "documentType": "OTHER", "documentTypeOther": "marriage certificate", "parts": [{ "data": "AA==" }] }]
    });
    stage.registry.call(Method::POST, "/identity/person/change?transactionId=demo", Some(&change)).await?;
    let told = stage.told.event("changeOfName").await.ok_or("nobody was told of the new name")?;
    expect(told["uin"] == uin.as_str(), "the event names the person")?;
    expect(verified(stage, party, &uin, MARRIED).await?, "the new name is verified")?;
    steps.done("change: upon a certificate, and the registry is told")?;
    Ok(())
}

async fn subscribe(stage: &Stage, topic: &str) -> Result<(), Fault> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("topic", topic).append_pair("protocol", "http").append_pair("policy", "1,10");
    let query = query.append_pair("address", &format!("{}/told", stage.origin)).finish();
    stage.registry.call(Method::POST, &format!("/v1/subscriptions?{query}"), None).await?;
    let token = stage.told.question().await.ok_or("no subscription was asked about")?;
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("token", &token).finish();
    stage.registry.call(Method::GET, &format!("/v1/subscriptions/confirm?{query}"), None).await?;
    Ok(())
}

/// Whether the relying party is told that a name and the birth date are right.
async fn verified(stage: &Stage, party: &RelyingParty, uin: &str, name: &str) -> Result<bool, Fault> {
    let body = json!({ "biographicData": { "fullName": name, "dateOfBirth": BORN } });
    let service = party.service(&stage.server)?;
    let told = service.call(Method::POST, &format!("/v1/verify/{uin}?transactionId=demo"), Some(&body)).await?;
    expect(told["verificationProof"].is_string(), "the result has a proof")?;
    Ok(told["verificationCode"] == 0)
}
