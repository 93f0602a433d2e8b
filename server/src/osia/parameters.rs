//! Parameters of a query, where one may come several times (`?attributes=a&attributes=b`).

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use url::form_urlencoded;

use super::Refusal;

/// Characters of a `transactionId` at most.
const LONGEST: usize = 256;
/// Where a page may begin at most: deeper ones cost the database more than they are worth.
const DEEPEST: u32 = 1_000_000_000;

/// What a query holds, in its order.
#[derive(Clone, Debug, Default)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads a query's text.
    #[must_use]
    pub fn read(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// As [`Self::read`], for a request.
    ///
    /// # Errors
    /// [`Refusal::Bad`] where something in it is not UTF-8: read leniently, two ids could become one.
    fn strictly(query: &str) -> Result<Self, Refusal> {
        let read = Self::read(query);
        let unread = |text: &str| text.contains(char::REPLACEMENT_CHARACTER);
        if read.0.iter().any(|(name, value)| unread(name) || unread(value)) {
            return Err(Refusal::bad("the query must be UTF-8, percent-encoded (RFC 3986 §2.5)"));
        }
        Ok(read)
    }

    /// The one value of a parameter.
    ///
    /// # Errors
    /// [`Refusal::Bad`] where it comes more than once.
    pub fn one(&self, name: &str) -> Result<Option<&str>, Refusal> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Refusal::bad(format!("{name} may be given once"))),
            (value, None) => Ok(value),
        }
    }

    /// The one value of a parameter that must be there.
    ///
    /// # Errors
    /// [`Refusal::Bad`] where it is missing or comes more than once.
    pub fn needed(&self, name: &str) -> Result<&str, Refusal> {
        self.one(name)?.ok_or_else(|| Refusal::bad(format!("{name} is needed")))
    }

    /// Every value of a parameter.
    pub fn all<'p>(&'p self, name: &str) -> impl Iterator<Item = &'p str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Everything else than the parameters named.
    pub fn others<'p>(&'p self, known: &[&str]) -> impl Iterator<Item = (&'p str, &'p str)> {
        let others = self.0.iter().filter(move |(name, _)| !known.contains(&name.as_str()));
        others.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// `true` or `false`; `default` where it is absent.
    ///
    /// # Errors
    /// [`Refusal::Bad`] for anything else.
    pub fn boolean(&self, name: &str, default: bool) -> Result<bool, Refusal> {
        match self.one(name)? {
            None => Ok(default),
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(_) => Err(Refusal::bad(format!("{name} must be true or false"))),
        }
    }

    /// `offset` (default 0) and `limit` (default `usual`, at most `most`).
    ///
    /// # Errors
    /// [`Refusal::Bad`] for anything but such numbers.
    pub fn page(&self, usual: u32, most: u32) -> Result<Page, Refusal> {
        let number = |name: &str, default: u32, most: u32| match self.one(name)? {
            None => Ok(default),
            Some(text) => text
                .parse()
                .ok()
                // `parse` would take a sign.
                .filter(|number| *number <= most && text.bytes().all(|digit| digit.is_ascii_digit()))
                .ok_or_else(|| Refusal::bad(format!("{name} must be a number from 0 to {most}"))),
        };
        Ok(Page { offset: number("offset", 0, DEEPEST)?, limit: number("limit", usual, most)? })
    }

    /// The required `transactionId`: the caller's own name for what it does, for tracing (GS-ENR-08, OSIA-COM-01).
    ///
    /// # Errors
    /// [`Refusal::Bad`] where it is missing, blank, longer than 256 characters or has control characters.
    pub fn transaction(&self) -> Result<Transaction, Refusal> {
        let id = self.needed("transactionId")?;
        let good = !id.trim().is_empty() && id.chars().count() <= LONGEST && !id.chars().any(char::is_control);
        if !good {
            return Err(Refusal::bad(
                "transactionId must have 1 to 256 characters, not only spaces, none of them a control character",
            ));
        }
        Ok(Transaction(id.to_owned()))
    }
}

/// Which part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many to leave out at the beginning.
    pub offset: u32,
    /// How many at most.
    pub limit: u32,
}

/// A call's `transactionId`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction(pub String);

impl<S: Sync> FromRequestParts<S> for Parameters {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        Self::strictly(parts.uri.query().unwrap_or_default())
    }
}

impl<S: Sync> FromRequestParts<S> for Transaction {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        Parameters::from_request_parts(parts, state).await?.transaction()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OSIA-COM-01.
    #[test]
    fn osia_com_01_a_transaction_id_is_needed_once_and_of_sane_length() {
        let of = |query: &str| Parameters::read(query).transaction();
        assert_eq!(of("transactionId=T%201").unwrap(), Transaction("T 1".into()));
        for bad in [
            "",
            "transactionId=",
            "transactionId=%20",
            "transactionId=+",
            "transactionId=a&transactionId=b",
            "transactionId=a%0Ab",
        ] {
            assert!(matches!(of(bad), Err(Refusal::Bad(_))), "{bad}");
        }
        assert!(of(&format!("transactionId={}", "é".repeat(256))).is_ok());
        assert!(of(&format!("transactionId={}", "é".repeat(257))).is_err());
        for unread in ["transactionId=%ff", "transactionId=a&%C3=b", "transactionId=%ED%A0%80"] {
            assert!(matches!(Parameters::strictly(unread), Err(Refusal::Bad(_))), "{unread}");
        }
        assert_eq!(
            Parameters::strictly("transactionId=%C3%A9").unwrap().transaction().unwrap(),
            Transaction("é".into())
        );
    }

    /// OSIA-ENR-02b, OSIA-ENR-07b, OSIA-ENR-01b.
    #[test]
    fn osia_enr_02b_lists_marks_and_pages_are_read_strictly() {
        let parameters = Parameters::read("attributes=a&attributes=b&finalize=maybe&limit=5&offset=-1");
        assert_eq!(parameters.all("attributes").collect::<Vec<_>>(), ["a", "b"]);
        assert!(parameters.boolean("finalize", false).is_err());
        assert!(!parameters.boolean("absent", false).unwrap());
        assert!(parameters.page(100, 1000).is_err());
        assert_eq!(Parameters::read("limit=5").page(100, 1000).unwrap(), Page { offset: 0, limit: 5 });
        assert_eq!(Parameters::read("").page(100, 1000).unwrap(), Page { offset: 0, limit: 100 });
        for bad in ["limit=1001", "limit=%2B5", "limit=", "limit=5.0", "offset=1e2", "limit=5&limit=5"] {
            assert!(Parameters::read(bad).page(100, 1000).is_err(), "{bad}");
        }
        let others: Vec<_> = parameters.others(&["attributes", "finalize"]).collect();
        assert_eq!(others, [("limit", "5"), ("offset", "-1")]);
    }
}
