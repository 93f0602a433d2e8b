//! Standard input and output, and what may be printed on a terminal.

use std::io::{self, BufRead, Write};

use protocol::timestamp::Timestamp;

use crate::error::CliError;

/// Where lines are printed and answers read.
pub(crate) struct Terminal {
    input: Box<dyn BufRead>,
    output: Box<dyn Write>,
}

impl Terminal {
    /// The process's own.
    pub(crate) fn standard() -> Self {
        Self { input: Box::new(io::stdin().lock()), output: Box::new(io::stdout().lock()) }
    }

    /// Prints a line. Texts of servers come through [`printable`] first.
    pub(crate) fn line(&mut self, text: impl AsRef<str>) -> Result<(), CliError> {
        writeln!(self.output, "{}", text.as_ref()).map_err(CliError::Terminal)
    }

    /// Asks a question and reads one line, trimmed. An empty answer is refused.
    pub(crate) fn ask(&mut self, question: &str) -> Result<String, CliError> {
        write!(self.output, "{question} ").and_then(|()| self.output.flush()).map_err(CliError::Terminal)?;
        self.read_line()
    }

    /// Reads one line, trimmed. An empty one is refused.
    pub(crate) fn read_line(&mut self) -> Result<String, CliError> {
        let mut line = String::new();
        self.input.read_line(&mut line).map_err(CliError::Terminal)?;
        let line = line.trim();
        if line.is_empty() { Err(CliError::Choice("no answer on standard input")) } else { Ok(line.to_owned()) }
    }
}

/// A text of a server as it may be printed: control characters, which move the cursor or recolour the terminal, and
/// marks of writing direction, which reorder what is read, become `?`.
pub(crate) fn printable(text: &str) -> String {
    let harmless = |c: char| {
        !c.is_control()
            && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars().map(|c| if harmless(c) { c } else { '?' }).collect()
}

/// A list of names in one line.
pub(crate) fn names(list: &[String]) -> String {
    list.iter().map(|name| printable(name)).collect::<Vec<_>>().join(", ")
}

/// A moment in UTC.
pub(crate) fn moment(ms: i64) -> String {
    Timestamp::from_epoch_ms(ms).map_or_else(|_| "?".to_owned(), |at| at.to_string())
}

/// The one of `ids` that is `given` or begins with it.
pub(crate) fn by_beginning<'a>(
    ids: impl IntoIterator<Item = &'a str>,
    given: &str,
    none: &'static str,
    several: &'static str,
) -> Result<String, CliError> {
    let fitting: Vec<&str> = ids.into_iter().filter(|id| !given.is_empty() && id.starts_with(given)).collect();
    match fitting.as_slice() {
        [] => Err(CliError::Choice(none)),
        [one] => Ok((*one).to_owned()),
        many => many.iter().find(|id| **id == given).map(|id| (*id).to_owned()).ok_or(CliError::Choice(several)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_servers_cannot_steer_the_terminal() {
        assert_eq!(printable("Clinic\u{1b}[2J\u{202e}knab\n"), "Clinic?[2J?knab?");
        assert_eq!(printable("Клиника ü 診療所"), "Клиника ü 診療所");
    }

    #[test]
    fn ids_may_be_short() {
        let pick = |given| by_beginning(["abc", "abd", "b", "bc"], given, "none", "several");
        assert_eq!(pick("abc").unwrap(), "abc");
        assert_eq!(pick("abd").unwrap(), "abd");
        assert_eq!(pick("b").unwrap(), "b");
        for (given, error) in [("a", "several"), ("x", "none"), ("", "none")] {
            assert_eq!(pick(given).unwrap_err().to_string(), error);
        }
    }

    #[test]
    fn an_empty_answer_is_refused() {
        let with = |input: &'static str| Terminal { input: Box::new(input.as_bytes()), output: Box::new(io::sink()) };
        assert_eq!(with(" 123456 \n").ask("?").unwrap(), "123456");
        assert!(with("\n").ask("?").is_err());
        assert!(with("").ask("?").is_err());
    }
}
