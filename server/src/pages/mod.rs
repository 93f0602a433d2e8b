//! What people see: HTML of a few templates, in their language, readable without script, under a strict content
//! security policy. Only how things look; what is shown when is `login/`'s.

mod account_view;
pub mod assets;
mod claim_names;
mod html;
mod language;
mod logout_view;
mod qr;
mod sentence;
mod text;
mod view;

pub use account_view::{AccountPage, DeviceView, GivenView, LoginView, ReceiptView, SessionView, SignedOutPage};
pub use html::{Html, form_action, show};
pub use language::Language;
pub use logout_view::{LoggedOutPage, LogoutPage};
pub use qr::svg;
pub use sentence::Sentence;
pub use text::Text;
pub use view::{
    AccountChoicePage, AppView, Choice, ConsentPage, FormPostPage, Frame, LoginPage, MessagePage, Party, Problem,
    QrView, Step, WaitingPage,
};

#[cfg(test)]
mod tests;
