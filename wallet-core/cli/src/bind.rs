//! `wallet bind`

use std::sync::Arc;

use wallet_core::ports::{KeySecurityLevel, SecurityLevelRule, UserAuthentication};
use wallet_core::{BindingFactor, BindingRequest, BindingServer, OtpChannel, OtpDelivery, PartnerAccess, Wallet};

use crate::args::{Bind, Channel, Esignet};
use crate::error::CliError;
use crate::terminal::{Terminal, moment, printable};

pub(crate) async fn run(wallet: &Arc<Wallet>, bind: &Bind, terminal: &mut Terminal) -> Result<(), CliError> {
    let session = wallet.begin_binding(request(bind))?;
    let factor = match (&bind.otp, bind.pin) {
        (Some(code), _) => Ok(BindingFactor::Otp { code: code.clone() }),
        (None, true) => terminal.ask("PIN:").map(|pin| BindingFactor::Pin { pin }),
        (None, false) => match session.request_otp(channels(&bind.channel)).await {
            Ok(delivery) => ask_otp(&delivery, terminal),
            Err(error) => Err(error.into()),
        },
    };
    let bound = match factor {
        Ok(factor) => session.bind(vec![factor]).await.map_err(CliError::from),
        Err(error) => Err(error),
    };
    let binding = match bound {
        Ok(binding) => binding,
        Err(error) => {
            // A session is kept for apps that are killed; here the next try is a new command.
            session.cancel()?;
            return Err(error);
        }
    };
    terminal.line(format!("Bound to {} as \"{}\".", binding.server, printable(&binding.device_name)))?;
    terminal.line(format!("Binding {}, until {}.", binding.id, moment(binding.expires_at_ms)))
}

fn request(bind: &Bind) -> BindingRequest {
    BindingRequest {
        server: server(&bind.server, &bind.esignet),
        individual_id: bind.individual_id.clone(),
        device_name: bind.name.clone(),
        label: bind.label.clone(),
        security_level: SecurityLevelRule::Prefer { level: KeySecurityLevel::Software },
        user_authentication: UserAuthentication::None,
        attest: false,
    }
}

fn server(address: &str, esignet: &Esignet) -> BindingServer {
    if !esignet.esignet {
        return BindingServer::Tessera { origin: address.to_owned() };
    }
    let partner = match (&esignet.partner_id, &esignet.partner_api_key) {
        (Some(id), Some(key)) => Some(PartnerAccess {
            partner_id: id.clone(),
            partner_api_key: key.clone(),
            access_token: esignet.partner_token.clone(),
        }),
        _ => None,
    };
    BindingServer::Esignet { base_url: address.to_owned(), partner, wla_audience: esignet.audience.clone() }
}

fn channels(given: &[Channel]) -> Vec<OtpChannel> {
    let mut channels = Vec::new();
    for channel in given {
        let channel = match channel {
            Channel::Email => OtpChannel::Email,
            Channel::Phone => OtpChannel::Phone,
        };
        if !channels.contains(&channel) {
            channels.push(channel);
        }
    }
    channels
}

fn ask_otp(delivery: &OtpDelivery, terminal: &mut Terminal) -> Result<BindingFactor, CliError> {
    for place in [&delivery.masked_email, &delivery.masked_phone].into_iter().flatten() {
        terminal.line(format!("A one-time code is on its way to {}.", printable(place)))?;
    }
    Ok(BindingFactor::Otp { code: terminal.ask("One-time code:")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_given_twice_counts_once() {
        let both = channels(&[Channel::Phone, Channel::Email, Channel::Phone]);
        assert_eq!(both, [OtpChannel::Phone, OtpChannel::Email]);
    }
}
