//! One command that shows all of Tessera: the server on a file, two relying parties, and a phone in a browser tab.
//!
//! `--once` plays a citizen with a browser and a phone through every kind of login, and another one from enrollment to a
//! change of name; it checks each result, and says how long each step took.

mod browser;
mod messages;
mod once;
mod phone;
mod pixels;
mod relying_party;
mod seed;
mod service;
mod told;

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header;
use axum::response::Redirect;
use axum::routing::get;
use clap::Parser;
use server::config::{Config, Delivery};
use tokio::net::TcpListener;
use url::Url;

use messages::Messages;
use phone::Phone;
use relying_party::{PROFILES, RelyingParty};
use service::{REGISTRY, REGISTRY_SCOPES, Service};
use told::Told;

/// Shows a phone logging a browser in by QR code.
#[derive(Parser)]
struct Arguments {
    /// Play every login once without a person, check every result, and exit with 1 where one is wrong.
    #[arg(long)]
    once: bool,
    /// Port of the server; relying parties and phone use the next one. With --once, free ports are taken.
    #[arg(long, default_value_t = 8080)]
    port: u16,
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// The whole demonstration, running.
struct Stage {
    server: String,
    parties: Vec<Arc<RelyingParty>>,
    phone: Arc<Phone>,
    messages: Arc<Messages>,
    /// Enrolls people, and is told of them.
    registry: Service,
    told: Arc<Told>,
    origin: String,
    folder: tempfile::TempDir,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Refused only where one is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut out = std::io::stdout();
    let done = if arguments.once { play(&mut out).await } else { show(arguments.port, &mut out).await };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "demo: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn play(out: &mut impl Write) -> Result<(), Fault> {
    let stage = set(0, Some(once::FRAME_SECONDS)).await?;
    once::play(&stage, out).await
}

async fn show(port: u16, out: &mut impl Write) -> Result<(), Fault> {
    tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_ansi(false).with_writer(std::io::stderr).init();
    let stage = set(port, None).await?;
    writeln!(out, "Tessera is running at {}\n", stage.server)?;
    writeln!(out, "1. Open the phone and bind it:     {}/phone", stage.origin)?;
    writeln!(out, "   One-time passwords arrive at    {}/messages", stage.origin)?;
    for party in &stage.parties {
        writeln!(
            out,
            "2. Log in at {:<22} {}/{}/",
            format!("{}:", party.profile.name),
            stage.origin,
            party.profile.path
        )?;
    }
    writeln!(out, "3. Let the phone look at the code on the login page, and approve.")?;
    writeln!(out, "\nPeople: {}. PIN of all: {}. Stop with Ctrl-C.", seed::names(), seed::PIN)?;
    tokio::signal::ctrl_c().await?;
    Ok(())
}

/// Starts everything on `port` and the next one, or on free ports.
async fn set(port: u16, frame_seconds: Option<u32>) -> Result<Stage, Fault> {
    let folder = tempfile::tempdir()?;
    let server_port = if port == 0 { free_port().await? } else { port };
    let listener = TcpListener::bind(("127.0.0.1", if port == 0 { 0 } else { port + 1 })).await?;
    let address = listener.local_addr()?;
    let (server, origin) = (format!("http://localhost:{server_port}"), format!("http://localhost:{}", address.port()));

    let messages = Arc::new(Messages::default());
    let told = Arc::new(Told::default());
    let mut parties = Vec::new();
    for profile in &PROFILES {
        parties.push(RelyingParty::new(profile, &server, &origin)?);
    }
    let mut config = Config {
        public_url: Url::parse(&server)?,
        listen: SocketAddr::from(([127, 0, 0, 1], server_port)),
        secret_file: folder.path().join("secret"),
        fetch_allow: vec![format!("localhost:{}", address.port()), "localhost".into()],
        ..Config::default()
    };
    config.database.url = format!("sqlite:{}", folder.path().join("tessera.sqlite").display());
    config.otp.delivery = Delivery::Webhook { url: Url::parse(&format!("{origin}/messages"))?, token: None };
    if let Some(seconds) = frame_seconds {
        config.lifetimes.frame = seconds;
    }
    server::secrets::Secrets::create(&config.secret_file, &server::clock::System)?;
    let state = server::serve::open(config, true).await?;
    seed::people(&state, folder.path()).await?;
    for party in &parties {
        seed::client(&state, party, folder.path()).await?;
    }
    let registry = Service::with_new_key(REGISTRY, &server)?;
    seed::service(&state, &registry, &REGISTRY_SCOPES, folder.path()).await?;
    let (ready, started) = tokio::sync::oneshot::channel();
    let serving = tokio::spawn(server::serve::serve(state, std::future::pending(), |_| {
        let _ = ready.send(());
    }));
    tokio::select! {
        ended = serving => return Err(ended?.err().map_or_else(|| "the server stopped".into(), Into::into)),
        started = tokio::time::timeout(Duration::from_secs(60), started) => started??,
    }

    let phone = Phone::new(&folder.path().join("phone"), &server).await?;
    let mut router = Router::new()
        .route("/", get(|| async { Redirect::to("/clinic/") }))
        .route("/demo.css", get(|| async { ([(header::CONTENT_TYPE, "text/css")], include_str!("demo.css")) }))
        .merge(messages::routes(messages.clone()))
        .merge(told::routes(told.clone()))
        .merge(phone::routes(phone.clone()));
    for party in &parties {
        router = router.merge(relying_party::routes(party.clone()));
    }
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(Stage { server, parties, phone, messages, registry, told, origin, folder })
}

async fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port())
}
