//! The login stand, started once for all tests: `src/bin/login_stand.rs` tells its calls.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// A person of the stand.
#[derive(Clone)]
pub struct Person {
    pub id: String,
    pub name: String,
}

/// A login that a browser has begun.
pub struct Begun {
    number: String,
    pub link: String,
}

/// A caller of the stand.
pub struct Stand {
    http: reqwest::Client,
    address: &'static str,
}

/// The process lives as long as its standard input, which ends with this one.
struct Running {
    address: String,
    _process: Child,
}

fn running() -> &'static Running {
    static RUNNING: OnceLock<Running> = OnceLock::new();
    RUNNING.get_or_init(|| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_login_stand"));
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
        assert!(address.starts_with("http://"), "the login stand does not start");
        Running { address: address.trim().to_owned(), _process: process }
    })
}

impl Stand {
    pub fn new() -> Self {
        Self { http: outside::http().build().unwrap(), address: &running().address }
    }

    async fn call(&self, post: bool, path: &str) -> Result<String, String> {
        let url = format!("{}{path}", self.address);
        let call = if post { self.http.post(url) } else { self.http.get(url) };
        let answer = call.send().await.unwrap();
        let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        match status {
            200 => Ok(text),
            409 => Err(text),
            _ => panic!("{path}: {status} {text}"),
        }
    }

    pub async fn server(&self) -> String {
        self.call(false, "/server").await.unwrap()
    }

    pub async fn person(&self) -> Person {
        let told = self.call(true, "/persons").await.unwrap();
        let (id, name) = told.split_once('\n').unwrap();
        Person { id: id.into(), name: name.into() }
    }

    pub async fn otp(&self, person: &Person) -> String {
        self.call(false, &format!("/persons/{}/otp", person.id)).await.unwrap()
    }

    pub async fn unlock(&self, person: &Person) {
        self.call(true, &format!("/persons/{}/unlock", person.id)).await.unwrap();
    }

    /// A login of the plain kind, or of another: `/expired`, `/elsewhere`.
    pub async fn begin(&self, kind: &str) -> Begun {
        let told = self.call(true, &format!("/logins{kind}")).await.unwrap();
        let (number, link) = told.split_once('\n').unwrap();
        Begun { number: number.into(), link: link.into() }
    }

    /// The name that the relying party learned, or the code with which the login ended.
    pub async fn end(&self, login: &Begun) -> Result<String, String> {
        self.call(false, &format!("/logins/{}", login.number)).await
    }

    /// A relying party asks a person for consent to `name` and `email`; the question's id.
    pub async fn ask(&self, person: &Person) -> String {
        self.call(true, &format!("/persons/{}/questions", person.id)).await.unwrap()
    }

    /// How a question stands, and what was agreed to.
    pub async fn standing(&self, question: &str) -> String {
        self.call(false, &format!("/questions/{question}")).await.unwrap()
    }

    /// The name, asked for again with the same token.
    pub async fn name(&self, login: &Begun) -> Result<String, String> {
        self.call(false, &format!("/logins/{}/name", login.number)).await
    }
}
