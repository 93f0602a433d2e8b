//! `wallet devices`

use std::sync::Arc;

use wallet_core::{BindingProfile, Device, Wallet};

use crate::args::{Devices, DevicesCommand};
use crate::error::CliError;
use crate::records;
use crate::terminal::{Terminal, by_beginning, moment, printable};

pub(crate) async fn run(wallet: &Arc<Wallet>, devices: &Devices, terminal: &mut Terminal) -> Result<(), CliError> {
    let binding = match &devices.binding {
        Some(given) => records::binding_id(wallet, given)?,
        None => records::only_native_binding(wallet)?,
    };
    match &devices.command {
        DevicesCommand::List => {
            for device in wallet.devices(binding).await? {
                terminal.line(line(&device))?;
            }
            Ok(())
        }
        DevicesCommand::Rename { device, name } => {
            let device = device_id(wallet, &binding, device).await?;
            wallet.rename_device(binding, device, name.clone()).await?;
            terminal.line("Renamed.")
        }
        DevicesCommand::Revoke { device } => {
            let device = device_id(wallet, &binding, device).await?;
            wallet.revoke_device(binding, device).await?;
            terminal.line("Revoked.")
        }
        DevicesCommand::Renew => {
            let binding = wallet.renew_binding(binding).await?;
            terminal.line(format!("Renewed until {}.", moment(binding.expires_at_ms)))
        }
    }
}

async fn device_id(wallet: &Arc<Wallet>, binding: &str, given: &str) -> Result<String, CliError> {
    let devices = wallet.devices(binding.to_owned()).await?;
    by_beginning(
        devices.iter().map(|device| device.device_id.as_str()),
        given,
        "no device of this id: see `wallet devices list`",
        "several devices begin so: see `wallet devices list`",
    )
}

fn line(device: &Device) -> String {
    let mut line = format!(
        "{}  \"{}\"  bound {}  until {}",
        printable(&device.device_id),
        printable(&device.name),
        moment(device.created_at_ms),
        moment(device.expires_at_ms)
    );
    let marks = [
        (device.current, "this wallet"),
        (device.profile == BindingProfile::Esignet, "eSignet form"),
        (device.revoked, "revoked"),
    ];
    for (holds, mark) in marks {
        if holds {
            line.push_str("  ");
            line.push_str(mark);
        }
    }
    line
}
