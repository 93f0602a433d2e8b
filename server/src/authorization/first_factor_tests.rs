//! `first-factor` as a login page that is not ours calls it.

use serde_json::json;

use super::model_tests::client;
use super::page_tests_kit::{PIN, Page, UIN, anna, register};
use crate::clients::{CrossDevice, LoginPolicy};
use crate::dialect::Mount;
use crate::testkit::{Answer, Kit};

/// Anna, and the clinic with this policy.
async fn kit(cross_device: CrossDevice) -> Kit {
    let kit = Kit::new().await;
    anna(&kit).await;
    let mut clinic = client(Mount::Op);
    clinic.registration.login_policy = Some(LoginPolicy { cross_device, ..LoginPolicy::of_mount(Mount::Op) });
    register(&kit, &clinic).await;
    kit
}

async fn code(kit: &Kit, page: &Page<'_>) -> Answer {
    let headers = page.headers();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let request = json!({ "transactionId": page.transaction });
    kit.post("/op/linked-authorization/link-code", request, &headers).await
}

async fn first(page: &mut Page<'_>, factor: &str, value: &str) -> String {
    let format = if factor == "PIN" { "number" } else { "alpha-numeric" };
    let challenge = json!({ "authFactorType": factor, "challenge": value, "format": format });
    let request = json!({ "transactionId": page.transaction, "individualId": UIN, "challengeList": [challenge] });
    page.post("first-factor", request).await.code()
}

#[tokio::test]
async fn a_foreign_page_gets_a_code_after_a_first_factor() {
    let kit = kit(CrossDevice::AfterFirstFactor).await;
    let mut page = Page::arrive(&kit, Mount::Op).await;
    page.begin(json!({})).await;
    assert_eq!(code(&kit, &page).await.code(), "cross_device_refused");
    assert_eq!(first(&mut page, "PIN", "000000").await, "auth_failed");
    assert_eq!(code(&kit, &page).await.code(), "cross_device_refused");
    // An OTP may be had for it, also where the client offers none.
    let otp = page.otp().await;
    assert_eq!(first(&mut page, "OTP", &otp).await, "");
    let shown = code(&kit, &page).await;
    assert!(shown.json()["response"]["linkCode"].is_string(), "{}", shown.text);
    assert_eq!(first(&mut page, "PIN", PIN).await, "invalid_transaction", "it is given once");

    // Another browser's page proves nothing here.
    let mut other = Page::arrive(&kit, Mount::Op).await;
    page.begin(json!({})).await;
    (other.transaction, other.hash) = (page.transaction.clone(), page.hash.clone());
    assert_eq!(first(&mut other, "PIN", PIN).await, "invalid_transaction");
    assert_eq!(first(&mut page, "PIN", PIN).await, "");
}

#[tokio::test]
async fn a_first_factor_that_nobody_wants_is_refused() {
    let kit = kit(CrossDevice::Allow).await;
    let mut page = Page::arrive(&kit, Mount::Op).await;
    page.begin(json!({})).await;
    assert_eq!(first(&mut page, "PIN", PIN).await, "auth_factor_mismatch");
    assert_eq!(code(&kit, &page).await.code(), "");
}

/// GovStack's and eSignet's documents know no such call.
#[tokio::test]
async fn the_call_is_the_standard_mounts_own() {
    let kit = kit(CrossDevice::AfterFirstFactor).await;
    for mount in [Mount::GovStack, Mount::ESignet] {
        let path = format!("{}/authorization/first-factor", mount.prefix());
        assert_eq!(kit.post(&path, json!({}), &[]).await.status, 404, "{mount:?}");
    }
}
