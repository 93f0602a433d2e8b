//! Whole flows of the program over TCP, every command a process of its own, against a played server that checks each
//! token with `protocol`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must fail")]

mod certificate;
mod credentials;
mod http;
mod played_esignet;
mod played_server;

use std::io::Write as _;
use std::process::{Command, Stdio};

use played_esignet::PlayedEsignet;
use played_server::PlayedServer;

struct Phone {
    home: tempfile::TempDir,
}

impl Phone {
    fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    /// Runs a command; what it printed, or what it said on standard error.
    fn run(&self, arguments: &[&str], input: &str) -> Result<String, String> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_wallet"))
            .env_clear()
            .args(["--loopback-http", "--verbose", "--home"])
            .arg(self.home.path().join("w"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = process.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        // GS-PRI-01c: nothing that names a person or lets in is logged.
        for marker in ["987654321", "111111", "tessera-wla", "eyJ", "linkCode"] {
            assert!(!said.contains(marker), "{said}");
        }
        if output.status.success() { Ok(String::from_utf8(output.stdout).unwrap()) } else { Err(said) }
    }

    fn bound_to(server: &PlayedServer) -> Self {
        let phone = Self::new();
        phone.run(&["bind", &server.origin, "--id", "987654321", "--name", "Desk", "--otp", "111111"], "").unwrap();
        phone
    }
}

#[test]
fn binds_with_a_code_from_standard_input() {
    let server = PlayedServer::start();
    let phone = Phone::new();
    let said = phone.run(&["bind", &server.origin, "--id", "987654321"], "111111\n").unwrap();
    assert!(said.contains("on its way to a***@example.org"), "{said}");
    assert!(said.contains("as \"Terminal\""), "{said}");
    assert!(phone.run(&["bindings"], "").unwrap().contains(&server.origin));
    assert_eq!(server.steps(), ["binding-otp", "binding-challenge", "binding"]);
}

#[test]
fn a_wrong_code_binds_nothing() {
    let server = PlayedServer::start();
    let phone = Phone::new();
    let said = phone.run(&["bind", &server.origin, "--id", "987654321", "--otp", "000000"], "").unwrap_err();
    assert!(said.contains("AuthenticationFailed"), "{said}");
    assert_eq!(phone.run(&["bindings"], "").unwrap(), "");
    assert_eq!(std::fs::read_dir(phone.home.path().join("w/keys")).unwrap().count(), 0);
}

#[test]
fn gs_wal_04_to_06_scans_approves_and_keeps_the_receipt() {
    let server = PlayedServer::start();
    let phone = Phone::bound_to(&server);
    let review = phone.run(&["scan", &server.link("c1")], "").unwrap();
    for part in ["Clinic asks you to log in", "clinic.example", "name", "email, phone", "--accept"] {
        assert!(review.contains(part), "{review}");
    }
    assert!(phone.run(&["show"], "").unwrap().contains("Clinic"));
    let refused = phone.run(&["approve", "--accept", "address"], "").unwrap_err();
    assert!(refused.contains("InvalidInput"), "{refused}");
    let done = phone.run(&["approve", "--accept", "email"], "").unwrap();
    assert!(done.contains("Logged in to Clinic"), "{done}");
    assert_eq!(server.steps()[2..], ["link-transaction", "authenticate", "consent email,name"]);
    assert!(phone.run(&["sessions"], "").unwrap().is_empty());
    let log = phone.run(&["log"], "").unwrap();
    assert!(log.contains("LoginApproved") && log.contains("claims: email, name"), "{log}");
    let receipts = phone.run(&["receipts", "--json"], "").unwrap();
    assert!(receipts.contains("\"statement\": \"eyJ"), "{receipts}");
}

#[test]
fn scans_a_picture_and_denies() {
    let server = PlayedServer::start();
    let phone = Phone::bound_to(&server);
    let picture = phone.home.path().join("code.png");
    std::fs::write(&picture, qr_png(&server.link("c1"))).unwrap();
    phone.run(&["scan", picture.to_str().unwrap()], "").unwrap();
    assert_eq!(phone.run(&["deny", "--reason", "not-me"], "").unwrap(), "Denied.\n");
    assert_eq!(server.steps().last().unwrap(), "deny NotMe");
    let used = phone.run(&["scan", "-"], &server.link("c1")).unwrap_err();
    assert!(used.contains("LinkCodeRefused"), "{used}");
}

#[test]
fn lists_renames_and_revokes_its_devices() {
    let server = PlayedServer::start();
    let phone = Phone::bound_to(&server);
    let list = phone.run(&["devices", "list"], "").unwrap();
    assert!(list.contains("\"Desk\"") && list.contains("this wallet"), "{list}");
    phone.run(&["devices", "rename", "dev", "Table"], "").unwrap();
    assert!(phone.run(&["devices", "list"], "").unwrap().contains("\"Table\""));
    let renewed = phone.run(&["devices", "renew"], "").unwrap();
    assert!(renewed.starts_with("Renewed until "), "{renewed}");
    phone.run(&["devices", "revoke", "device-1"], "").unwrap();
    assert_eq!(phone.run(&["bindings"], "").unwrap(), "");
    assert!(phone.run(&["scan", &server.link("c1")], "").unwrap_err().contains("UnknownServer"));
}

#[test]
fn logs_in_at_an_esignet_server_in_its_own_form() {
    let server = PlayedEsignet::start();
    let phone = Phone::new();
    let bind = ["bind", &server.base_url, "--esignet", "--id", "987654321", "--otp", "111111"];
    assert!(phone.run(&bind, "").is_err());
    phone.run(&[&bind[..], &["--partner-id", "p", "--partner-api-key", "k"]].concat(), "").unwrap();
    assert!(phone.run(&["bindings"], "").unwrap().contains("eSignet form"));
    let link = "io.mosip.residentapp.inji://wla-auth?linkCode=a1B2c3D4e5F6g7H";
    assert!(phone.run(&["scan", link], "").unwrap().contains("The Clinic asks you"));
    phone.run(&["approve", "--permit", "Manage-VID"], "").unwrap();
    let linked = |step| format!("/linked-authorization/v2/{step}");
    let expected = ["link-transaction", "authenticate", "consent"].map(linked);
    assert_eq!(server.steps()[1..], expected);
    assert!(phone.run(&["devices", "list"], "").unwrap_err().contains("no server that lists devices"));
}

fn qr_png(text: &str) -> Vec<u8> {
    let code = qrcode::QrCode::new(text).unwrap();
    let modules = u32::try_from(code.width()).unwrap();
    let colors = code.to_colors();
    let side = (modules + 8) * 5;
    let image = image::GrayImage::from_fn(side, side, |x, y| {
        let (x, y) = ((x / 5).wrapping_sub(4), (y / 5).wrapping_sub(4));
        let dark = x < modules && y < modules && colors[(y * modules + x) as usize] == qrcode::Color::Dark;
        image::Luma([if dark { 0 } else { 255 }])
    });
    let mut file = std::io::Cursor::new(Vec::new());
    image.write_to(&mut file, image::ImageFormat::Png).unwrap();
    file.into_inner()
}
