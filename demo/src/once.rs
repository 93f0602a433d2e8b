//! Every kind of login once, as a citizen would do it, each result checked.

mod enrolled;

use std::io::Write;
use std::time::Duration;

use tokio::time::Instant;
use url::Url;
use wallet_core::ErrorCode;

use crate::browser::{Browser, Page};
use crate::phone::PhoneError;
use crate::relying_party::RelyingParty;
use crate::{Fault, Stage, pixels, seed};

/// How long each picture is shown here: long enough to be scanned within twice that time, short enough to wait for its end.
pub const FRAME_SECONDS: u32 = 4;

/// Prints each step with its time.
struct Steps<'a, W> {
    out: &'a mut W,
    last: Instant,
}

impl<W: Write> Steps<'_, W> {
    fn done(&mut self, step: &str) -> std::io::Result<()> {
        let now = Instant::now();
        writeln!(self.out, "{:>8.1} ms  {step}", (now - self.last).as_secs_f64() * 1000.0)?;
        self.last = Instant::now();
        Ok(())
    }
}

/// A browser on the server's login page.
struct LoginPage {
    browser: Browser,
    page: Page,
    server: Url,
}

impl LoginPage {
    /// From the relying party's home page to the login page.
    async fn reach(stage: &Stage, party: &RelyingParty) -> Result<Self, Fault> {
        let browser = Browser::new()?;
        let home = Url::parse(&format!("{}/{}/login", stage.origin, party.profile.path))?;
        let authorize = browser.open(&home).await?.next()?;
        let page = browser.open(&authorize).await?;
        expect(page.status == 200, "the login page answers 200")?;
        expect(page.html.contains(party.profile.name), "the login page names the relying party")?;
        Ok(Self { browser, page, server: Url::parse(&stage.server)? })
    }

    /// A picture of the QR code.
    fn photograph(&self) -> Result<Vec<u8>, Fault> {
        let svg = self.page.between("class=\"qr\">", "</div>")?;
        Ok(pixels::photograph(svg)?)
    }

    /// The number that the page shows once its code is scanned.
    async fn number(&self) -> Result<String, Fault> {
        let waiting = self.send("continue", &[]).await?;
        let shown = waiting.between("id=\"match-number\"", "</span>")?;
        Ok(shown.rsplit('>').next().unwrap_or_default().to_owned())
    }

    /// Sends one of the page's forms.
    async fn send(&self, form: &str, fields: &[(&str, &str)]) -> Result<Page, Fault> {
        let action = self.page.between(&format!("<form id=\"{form}\" method=\"post\" action=\""), "\"")?;
        let mut all = vec![
            ("_csrf", self.page.between("name=\"_csrf\" value=\"", "\"")?),
            ("transactionId", self.page.between("name=\"transactionId\" value=\"", "\"")?),
        ];
        all.extend(fields);
        Ok(self.browser.send(&self.server.join(action)?, &all).await?)
    }

    /// Follows the answer back to the relying party.
    async fn arrive(&self, answer: &Page) -> Result<Page, Fault> {
        Ok(self.browser.open(&answer.next()?).await?)
    }
}

fn expect(holds: bool, what: &str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(format!("it does not hold that {what}").into()) }
}

/// Plays all of it.
///
/// # Errors
/// What did not hold.
pub async fn play(stage: &Stage, out: &mut impl Write) -> Result<(), Fault> {
    let mut steps = Steps { out, last: Instant::now() };
    let [clinic, bank] = stage.parties.as_slice() else { return Err("two relying parties".into()) };
    bind(stage, &mut steps).await?;
    approve(stage, clinic, &mut steps).await?;
    deny(stage, bank, &mut steps).await?;
    expire(stage, clinic, &mut steps).await?;
    one_time_password(stage, bank, &mut steps).await?;
    enrolled::play(stage, clinic, &mut steps).await?;
    writeln!(steps.out, "All as it should be.")?;
    Ok(())
}

async fn bind<W: Write>(stage: &Stage, steps: &mut Steps<'_, W>) -> Result<(), Fault> {
    let (id, _, email, ..) = seed::PEOPLE[0];
    let sent_to = stage.phone.ask_for_otp(id.into()).await?;
    expect(!sent_to.contains(email), "the address is shown masked")?;
    let otp = stage.messages.newest(email).await.ok_or("no one-time password arrived")?;
    steps.done("bind: a one-time password arrived")?;
    stage.phone.bind(otp).await?;
    expect(stage.phone.wallet.bindings()?.len() == 1, "the wallet is bound")?;
    steps.done("bind: the phone's key is bound").map_err(Into::into)
}

async fn approve<W: Write>(stage: &Stage, party: &RelyingParty, steps: &mut Steps<'_, W>) -> Result<(), Fault> {
    let login = LoginPage::reach(stage, party).await?;
    steps.done("approve: the login page shows a QR code")?;
    let review = stage.phone.scan(&login.photograph()?).await?;
    expect(review.relying_party.name == party.profile.name, "the wallet names the relying party")?;
    expect(
        review.claims.iter().filter(|claim| claim.essential).count() == party.profile.essential.len(),
        "the wallet shows what is essential",
    )?;
    steps.done("approve: scanned from pixels, reviewed")?;
    expect(review.number_required, "a browser that nobody has used yet asks for a number")?;
    let number = login.number().await?;
    stage.phone.approve(vec!["email".into()], Some(number)).await?;
    steps.done("approve: number typed, token and consent signed and taken")?;
    let home = login.arrive(&login.send("continue", &[]).await?).await?;
    let (_, name, email, phone, birthdate) = seed::PEOPLE[0];
    expect(home.status == 200 && home.html.contains("You are logged in"), "the browser is logged in")?;
    expect(
        [name, email, birthdate].iter().all(|value| home.html.contains(value)),
        "userinfo holds what was agreed to",
    )?;
    expect(!home.html.contains(phone), "userinfo holds no more than was agreed to")?;
    steps.done("approve: the browser is logged in, ID token and userinfo verified")?;
    Ok(())
}

async fn deny<W: Write>(stage: &Stage, party: &RelyingParty, steps: &mut Steps<'_, W>) -> Result<(), Fault> {
    let login = LoginPage::reach(stage, party).await?;
    stage.phone.scan(&login.photograph()?).await?;
    stage.phone.deny().await?;
    let home = login.arrive(&login.send("continue", &[]).await?).await?;
    expect(home.status == 403 && home.html.contains("access_denied"), "the relying party hears access_denied")?;
    steps.done("deny: nobody is logged in")?;
    Ok(())
}

async fn expire<W: Write>(stage: &Stage, party: &RelyingParty, steps: &mut Steps<'_, W>) -> Result<(), Fault> {
    let login = LoginPage::reach(stage, party).await?;
    let picture = login.photograph()?;
    tokio::time::sleep(Duration::from_secs(2 * u64::from(FRAME_SECONDS)) + Duration::from_millis(200)).await;
    match stage.phone.scan(&picture).await {
        Err(PhoneError::Wallet(error)) => {
            let over = [ErrorCode::LinkExpired, ErrorCode::LinkCodeRefused].contains(&error.code());
            expect(over, "the wallet says that the picture is too old")?;
        }
        Err(other) => return Err(other.into()),
        Ok(_) => return Err("an old picture was taken".into()),
    }
    let after = login.send("continue", &[]).await?;
    expect(after.location.is_none(), "an old picture logs nobody in")?;
    steps.done("expire: a picture that is too old is refused")?;
    Ok(())
}

async fn one_time_password<W: Write>(
    stage: &Stage,
    party: &RelyingParty,
    steps: &mut Steps<'_, W>,
) -> Result<(), Fault> {
    let (id, name, email, ..) = seed::PEOPLE[1];
    let mut login = LoginPage::reach(stage, party).await?;
    login.page = login.send("otp-send", &[("individualId", id), ("channel", "email")]).await?;
    let otp = stage.messages.newest(email).await.ok_or("no one-time password arrived")?;
    steps.done("one-time password: asked for, arrived")?;
    login.page = login.send("otp-login", &[("individualId", id), ("otp", &otp)]).await?;
    expect(login.page.html.contains("id=\"consent\""), "the browser asks for consent")?;
    let home = login.arrive(&login.send("consent", &[]).await?).await?;
    expect(home.status == 200 && home.html.contains(name), "the browser is logged in")?;
    expect(!home.html.contains(email), "what was not agreed to is not told")?;
    steps.done("one-time password: the browser is logged in")?;
    Ok(())
}
