//! The wallet from outside: its public API over a phone and a server played in memory. The server
//! checks what it is sent by the rules of `protocol`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed; played phone and server are tests too"
)]

mod backup;
mod binding;
mod certified;
mod consents;
mod credentials;
mod devices;
mod faults;
mod inbox;
mod login;
mod phone;
mod redaction;
mod same_device;
mod server;
mod server_linked;
mod server_wallet;

use futures::executor::block_on;
use phone::Phone;
use server::FakeServer;
use std::sync::Arc;
use wallet_core::ports::{KeySecurityLevel, SecurityLevelRule, UserAuthentication};
use wallet_core::{
    ActivityKind, Binding, BindingFactor, BindingRequest, BindingServer, ErrorCode, LoginChoices, OtpChannel,
    PartnerAccess, Wallet, WalletError,
};

/// A wallet on a phone, and the one server it can reach.
struct World {
    phone: Phone,
    server: Arc<FakeServer>,
    wallet: Arc<Wallet>,
}

impl World {
    fn new() -> Self {
        let server = Arc::new(FakeServer::new());
        let phone = Phone::new(server.clone());
        let wallet = phone.open().unwrap();
        Self { phone, server, wallet }
    }

    /// The same with a phone bound in the native way.
    fn bound() -> (Self, Binding) {
        let world = Self::new();
        let binding = world.bind(native()).unwrap();
        (world, binding)
    }

    fn bind(&self, request: BindingRequest) -> Result<Binding, WalletError> {
        let session = self.wallet.begin_binding(request)?;
        block_on(async {
            session.request_otp(vec![OtpChannel::Email]).await?;
            session.bind(vec![BindingFactor::Otp { code: server::OTP.into() }]).await
        })
    }

    /// Whether the activity log tells of exactly one such thing.
    fn did(&self, kind: ActivityKind) -> bool {
        self.wallet.activity().unwrap().iter().filter(|entry| entry.kind == kind).count() == 1
    }

    /// The app is killed and started again.
    fn restart(&mut self) {
        // The file must be closed before it can be opened again.
        let spare = Phone::new(self.server.clone()).open().unwrap();
        drop(std::mem::replace(&mut self.wallet, spare));
        self.wallet = self.phone.open().unwrap();
    }
}

fn native() -> BindingRequest {
    BindingRequest {
        server: BindingServer::Tessera { origin: server::ORIGIN.into() },
        individual_id: server::UIN.into(),
        device_name: "Blue phone".into(),
        label: "Me".into(),
        security_level: SecurityLevelRule::Prefer { level: KeySecurityLevel::SecureElement },
        user_authentication: UserAuthentication::EveryUse,
        attest: true,
    }
}

fn esignet() -> BindingRequest {
    let partner = PartnerAccess { partner_id: "mobile".into(), partner_api_key: "key".into(), access_token: None };
    let base_url = format!("{}/v1/esignet/", server::ORIGIN);
    let server = BindingServer::Esignet { base_url, partner: Some(partner), wla_audience: "esignet-binding".into() };
    BindingRequest { server, attest: false, ..native() }
}

fn accept_email() -> LoginChoices {
    LoginChoices { accepted_voluntary_claims: vec!["email".into()], ..LoginChoices::default() }
}

fn code<T>(result: Result<T, WalletError>) -> Option<ErrorCode> {
    result.err().map(|error| error.code())
}
