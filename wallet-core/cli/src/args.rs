//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A wallet in the terminal: bind it to a server, scan a login's QR code, see who asks for what, approve or deny.
///
/// Keys are software keys in files of the home folder, readable by their owner only: for developers, demos and tests.
#[derive(Debug, Parser)]
#[command(name = "wallet", version, propagate_version = true, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) setup: Setup,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where the wallet lies and whom it trusts.
#[derive(Debug, Args)]
pub(crate) struct Setup {
    /// Folder of keys and store; made where it is not there [default: .tessera-wallet in your home folder]
    #[arg(long, env = "TESSERA_WALLET_HOME", value_name = "FOLDER", global = true)]
    pub(crate) home: Option<PathBuf>,
    /// Trust the certificate authorities of this PEM file and no others
    #[arg(long, env = "TESSERA_WALLET_CA", value_name = "FILE", global = true)]
    pub(crate) ca: Option<PathBuf>,
    /// Allow plain http to this very machine (127.0.0.1, ::1, localhost)
    #[arg(long, env = "TESSERA_WALLET_LOOPBACK_HTTP", global = true)]
    pub(crate) loopback_http: bool,
    /// Languages for names, best first, as servers write them (ISO 639-3)
    #[arg(long, value_name = "LANG", value_delimiter = ',', default_value = "eng", global = true)]
    pub(crate) language: Vec<String>,
    /// Issuers whose credentials count as verified: a JSON list of objects with `issuer`, `name`, `keys` (JWKs) and `certificates`
    #[arg(long, env = "TESSERA_WALLET_ISSUERS", value_name = "FILE", global = true)]
    pub(crate) issuers: Option<PathBuf>,
    /// Tell on standard error what happens: steps and times, no data
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Bind this wallet to a server: make a key and prove who you are
    Bind(Bind),
    /// List the servers this wallet is bound to
    Bindings,
    /// Remove a binding here without telling the server (better: `devices revoke`)
    Forget {
        /// The binding, by its id or its beginning
        binding: String,
    },
    /// Take a login's code and show who asks for what
    ///
    /// From then on this wallet alone can approve that login. Go on with `approve` or `deny`.
    Scan(Scan),
    /// Show a login that waits for your decision
    Show(Which),
    /// Approve a login: essential claims, and what you accept beyond
    Approve(Approve),
    /// Send again what was approved, after the network failed
    Finish(Which),
    /// Deny a login; the browser is told at once
    Deny(Deny),
    /// Report a login you had approved: what it yielded is revoked, and somebody looks at it
    Report(Report),
    /// Drop an unfinished session here without telling the server
    Cancel(Which),
    /// List unfinished sessions
    Sessions,
    /// Your phones and wallets at a server
    Devices(Devices),
    /// What you agreed to at a server, with this wallet or elsewhere
    Consents(Consents),
    /// What relying parties ask of you at a server, beyond logins
    Inbox(Inbox),
    /// Credentials kept in this wallet
    #[command(subcommand)]
    Credentials(CredentialsCommand),
    /// Move what can be moved to another wallet
    #[command(subcommand)]
    Backup(BackupCommand),
    /// What this wallet did for whom: names of claims, never values
    Log {
        /// As JSON
        #[arg(long)]
        json: bool,
        /// Delete it all; receipts stay
        #[arg(long, conflicts_with = "json")]
        clear: bool,
    },
    /// Consents given, as signed
    Receipts {
        /// As JSON, with the signed statements
        #[arg(long)]
        json: bool,
    },
    /// Delete all this wallet holds, keys too
    Erase {
        /// Really
        #[arg(long)]
        yes: bool,
    },
}

/// `bind`
#[derive(Debug, Args)]
pub(crate) struct Bind {
    /// The server, for example `https://id.example` (with --esignet: where its API begins)
    pub(crate) server: String,
    /// Your identifier at the server (UIN or another)
    #[arg(long = "id", value_name = "ID", env = "TESSERA_WALLET_ID", hide_env_values = true)]
    pub(crate) individual_id: String,
    /// Where the one-time code goes; may be given twice
    #[arg(long, value_enum, value_name = "CHANNEL", default_value = "email")]
    pub(crate) channel: Vec<Channel>,
    /// The one-time code; asked for on standard input if absent. Nothing is sent then: you have it already
    ///
    /// Other users of this machine may see your command line.
    #[arg(long, value_name = "CODE")]
    pub(crate) otp: Option<String>,
    /// Prove yourself with your PIN instead, read from standard input
    #[arg(long, conflicts_with = "otp")]
    pub(crate) pin: bool,
    /// What the server shall call this wallet
    #[arg(long, value_name = "NAME", default_value = "Terminal")]
    pub(crate) name: String,
    /// What this wallet shall call you; stays here
    #[arg(long, value_name = "LABEL", default_value = "")]
    pub(crate) label: String,
    #[command(flatten)]
    pub(crate) esignet: Esignet,
}

/// Binding by the calls of eSignet 1.x.
#[derive(Debug, Args)]
#[command(next_help_heading = "eSignet 1.x")]
pub(crate) struct Esignet {
    /// Bind by the calls of eSignet 1.x, with an RSA key and tokens in its form
    #[arg(long)]
    pub(crate) esignet: bool,
    /// Header PARTNER-ID
    #[arg(long, value_name = "ID", requires_all = ["esignet", "partner_api_key"])]
    pub(crate) partner_id: Option<String>,
    /// Header PARTNER-API-KEY
    #[arg(long, value_name = "KEY", env = "TESSERA_WALLET_PARTNER_API_KEY", hide_env_values = true)]
    pub(crate) partner_api_key: Option<String>,
    /// Bearer token with scope wallet_binding
    #[arg(long, value_name = "TOKEN", env = "TESSERA_WALLET_PARTNER_TOKEN", hide_env_values = true)]
    pub(crate) partner_token: Option<String>,
    /// Audience of the tokens: esignet-binding, or ida-binding before a MOSIP IDA
    #[arg(long, value_name = "AUDIENCE", default_value = "esignet-binding")]
    pub(crate) audience: String,
}

/// A way to send a one-time code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Channel {
    /// By e-mail
    Email,
    /// By text message
    Phone,
}

/// `scan`
#[derive(Debug, Args)]
pub(crate) struct Scan {
    /// The link of the QR code, a picture of it (PNG, JPEG), or - for a link on standard input
    pub(crate) what: String,
    /// The binding to log in with, where several serve the link
    #[arg(long, value_name = "ID")]
    pub(crate) binding: Option<String>,
}

/// Which session.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// The session, by its id or its beginning; not needed where there is one only
    pub(crate) session: Option<String>,
}

/// `approve`
#[derive(Debug, Args)]
pub(crate) struct Approve {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Voluntary claims to accept; essential ones go without saying
    #[arg(long, value_name = "CLAIM", value_delimiter = ',')]
    pub(crate) accept: Vec<String>,
    /// Scopes to permit
    #[arg(long, value_name = "SCOPE", value_delimiter = ',')]
    pub(crate) permit: Vec<String>,
    /// The number the browser shows, where it is needed; asked for on standard input if absent
    #[arg(long, value_name = "NUMBER")]
    pub(crate) number: Option<String>,
}

/// `deny`
#[derive(Debug, Args)]
pub(crate) struct Deny {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Why
    #[arg(long, value_enum)]
    pub(crate) reason: Option<Reason>,
}

/// `report`
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The entry of `wallet log`, by its id or its beginning
    pub(crate) entry: String,
    /// Why
    #[arg(long, value_enum)]
    pub(crate) reason: Option<Reason>,
}

/// Why a login is denied or reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Reason {
    /// I did not start this login
    NotMe,
    /// I did, and do not want to go on
    ChangedMind,
    /// Something looks wrong
    Suspicious,
}

/// `devices`
#[derive(Debug, Args)]
pub(crate) struct Devices {
    /// The binding whose server is asked; not needed where there is one only
    #[arg(long, value_name = "ID", global = true)]
    pub(crate) binding: Option<String>,
    #[command(subcommand)]
    pub(crate) command: DevicesCommand,
}

/// What to do with devices.
#[derive(Debug, Subcommand)]
pub(crate) enum DevicesCommand {
    /// List them, this wallet among them
    List,
    /// Give one another name
    Rename {
        /// The device, by its id or its beginning
        device: String,
        /// 1 to 64 characters
        name: String,
    },
    /// End one's right to log in; this wallet's own too
    Revoke {
        /// The device, by its id or its beginning
        device: String,
    },
    /// Fetch a new certificate for this wallet's key
    Renew,
}

/// `consents`
#[derive(Debug, Args)]
pub(crate) struct Consents {
    /// The binding whose server is asked; not needed where there is one only
    #[arg(long, value_name = "ID", global = true)]
    pub(crate) binding: Option<String>,
    #[command(subcommand)]
    pub(crate) command: ConsentsCommand,
}

/// What to do with consents.
#[derive(Debug, Subcommand)]
pub(crate) enum ConsentsCommand {
    /// List them, newest first, after asking the server what changed
    List,
    /// End one, and all that was agreed to with the same relying party
    Withdraw {
        /// The receipt, by its id or its beginning
        receipt: String,
    },
    /// Check the statement of one with this wallet's own key; no server is asked
    Verify {
        /// The receipt, by its id or its beginning
        receipt: String,
    },
}

/// `inbox`
#[derive(Debug, Args)]
pub(crate) struct Inbox {
    /// The binding whose server is asked; not needed where there is one only
    #[arg(long, value_name = "ID", global = true)]
    pub(crate) binding: Option<String>,
    #[command(subcommand)]
    pub(crate) command: InboxCommand,
}

/// What to do with questions.
#[derive(Debug, Subcommand)]
pub(crate) enum InboxCommand {
    /// List those that can be answered
    List,
    /// Say yes: the relying party may be told these claims until you withdraw
    Accept {
        /// The question, by its id or its beginning
        question: String,
        /// A claim to agree to, of those asked for [default: all of them]
        #[arg(long, value_name = "CLAIM", value_delimiter = ',')]
        claim: Vec<String>,
    },
    /// Say no
    Decline {
        /// The question, by its id or its beginning
        question: String,
    },
}

/// What to do with credentials.
#[derive(Debug, Subcommand)]
pub(crate) enum CredentialsCommand {
    /// Keep what a QR code holds
    Add {
        /// The text of the QR code, a picture of it (PNG, JPEG), or - for a text on standard input
        what: String,
    },
    /// List them, each checked now, the newest first
    List,
    /// Show all that one says
    Show {
        /// The credential, by its id or its beginning
        credential: String,
        /// Write the photo to this file
        #[arg(long, value_name = "FILE")]
        photo: Option<PathBuf>,
    },
    /// Delete one
    Delete {
        /// The credential, by its id or its beginning
        credential: String,
    },
}

/// What to do with backups.
#[derive(Debug, Subcommand)]
pub(crate) enum BackupCommand {
    /// Write a new file, encrypted with a passphrase read from standard input; keys are not in it
    Export {
        /// The file; it must not exist
        file: PathBuf,
    },
    /// Bring a file back, with its passphrase read from standard input
    Restore {
        /// The file
        file: PathBuf,
    },
    /// List where this wallet must be bound after a restore
    BindAgain {
        /// Take this one off the list, by its id or its beginning
        #[arg(long, value_name = "ID")]
        skip: Option<String>,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn reads_choices() {
        let arguments = Arguments::parse_from(["wallet", "approve", "--accept", "email,name", "--accept", "phone"]);
        let Command::Approve(approve) = arguments.command else { panic!() };
        assert_eq!(approve.accept, ["email", "name", "phone"]);
        assert!(approve.which.session.is_none());
    }

    #[test]
    fn partner_headers_come_together() {
        let bind = ["wallet", "bind", "https://id.example", "--id", "1", "--esignet", "--partner-id", "p"];
        assert!(Arguments::try_parse_from(bind).is_err());
        assert!(Arguments::try_parse_from([&bind[..], &["--partner-api-key", "k"]].concat()).is_ok());
    }
}
