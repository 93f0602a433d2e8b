//! Tables as `psql` writes them by `\copy … WITH (FORMAT csv, HEADER)` (RFC 4180): names of the columns in the first
//! line, quotes doubled, NULL as nothing at all and a blank text as `""`.

use std::path::{Path, PathBuf};

/// Why a file cannot be read as a table.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// The file.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
    /// Not a table.
    #[error("{0}, line {1}: {2}")]
    Form(PathBuf, usize, &'static str),
    /// Not the table that is expected.
    #[error("{0}: the column `{1}` is missing; was the file written with HEADER, from the right table?")]
    Column(PathBuf, &'static str),
}

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    columns: Vec<String>,
    rows: Vec<(usize, Vec<Option<String>>)>,
}

/// One row of a table.
#[derive(Clone, Copy)]
pub(super) struct Row<'t> {
    table: &'t Table,
    /// Where the row begins in the file, counted from 1.
    pub(super) line: usize,
    fields: &'t [Option<String>],
}

impl<'t> Row<'t> {
    /// A field; `None` for NULL and for a column that the table has not.
    pub(super) fn get(&self, column: &str) -> Option<&'t str> {
        let place = self.table.columns.iter().position(|name| name == column)?;
        self.fields.get(place)?.as_deref()
    }

    /// A field; blank for NULL.
    pub(super) fn text(&self, column: &str) -> &'t str {
        self.get(column).unwrap_or_default()
    }
}

impl Table {
    /// Reads a file that must have these columns, and may have others.
    ///
    /// # Errors
    /// [`CsvError`].
    pub(super) fn read(path: &Path, columns: &[&'static str]) -> Result<Self, CsvError> {
        let text = std::fs::read_to_string(path).map_err(|error| CsvError::File(path.into(), error))?;
        let table = Self::parse(&text).map_err(|(line, what)| CsvError::Form(path.into(), line, what))?;
        match columns.iter().find(|column| !table.columns.iter().any(|have| have == *column)) {
            Some(missing) => Err(CsvError::Column(path.into(), missing)),
            None => Ok(table),
        }
    }

    /// The rows, in the order of the file.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(line, fields)| Row { table: self, line: *line, fields })
    }

    fn parse(text: &str) -> Result<Self, (usize, &'static str)> {
        let mut lines = Reader { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1 };
        let (_, columns) = lines.row()?.ok_or((1, "the file is empty"))?;
        let columns: Vec<String> = columns.into_iter().map(Option::unwrap_or_default).collect();
        let mut rows = Vec::new();
        while let Some((line, fields)) = lines.row()? {
            if fields.len() != columns.len() {
                return Err((line, "there are more or fewer fields than columns"));
            }
            rows.push((line, fields));
        }
        Ok(Self { columns, rows })
    }
}

struct Reader<'t> {
    rest: &'t str,
    line: usize,
}

impl Reader<'_> {
    /// The next row with the line it begins on; `None` at the end of the file.
    #[expect(clippy::type_complexity, reason = "a row is a line and its fields; a name for it would say no more")]
    fn row(&mut self) -> Result<Option<(usize, Vec<Option<String>>)>, (usize, &'static str)> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let began = self.line;
        let mut fields = Vec::new();
        loop {
            fields.push(self.field()?);
            let end = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix('\n'));
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
            } else if let Some(rest) = end {
                (self.rest, self.line) = (rest, self.line + 1);
                return Ok(Some((began, fields)));
            } else if self.rest.is_empty() {
                return Ok(Some((began, fields)));
            } else {
                return Err((self.line, "there is text after a closing quote"));
            }
        }
    }

    fn field(&mut self) -> Result<Option<String>, (usize, &'static str)> {
        let Some(quoted) = self.rest.strip_prefix('"') else {
            let end = self.rest.find([',', '\n', '\r']).unwrap_or(self.rest.len());
            let (field, rest) = self.rest.split_at(end);
            self.rest = rest;
            return Ok((!field.is_empty()).then(|| field.to_owned()));
        };
        let began = self.line;
        let (mut field, mut rest) = (String::new(), quoted);
        loop {
            let (text, after) = rest.split_once('"').ok_or((began, "a quote is not closed"))?;
            self.line += text.matches('\n').count();
            field.push_str(text);
            match after.strip_prefix('"') {
                Some(after) => {
                    field.push('"');
                    rest = after;
                }
                None => {
                    self.rest = after;
                    return Ok(Some(field));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_psql_writes_is_read() {
        let text = "id,name,logo\r\na,\"{\"\"@none\"\":\"\"A, \nB\"\"}\",\nb,\"\",é\n";
        let table = Table::parse(text).unwrap();
        let rows: Vec<_> = table.rows().collect();
        assert_eq!((rows[0].line, rows[1].line), (2, 4));
        assert_eq!((rows[0].get("name"), rows[0].get("logo")), (Some("{\"@none\":\"A, \nB\"}"), None));
        assert_eq!((rows[1].get("name"), rows[1].get("logo"), rows[1].get("none")), (Some(""), Some("é"), None));
        assert_eq!(Table::parse("id").unwrap().rows().count(), 0);
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_line() {
        for (text, line) in [("", 1), ("a,b\n1\n", 2), ("a\n\"x\n", 2), ("a\n\"x\"y\n", 2), ("a\nx\ny,z", 3)] {
            assert_eq!(Table::parse(text).unwrap_err().0, line, "{text:?}");
        }
    }

    #[test]
    fn a_file_of_another_table_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        std::fs::write(&path, "id,name\n").unwrap();
        assert!(Table::read(&path, &["id"]).is_ok());
        assert!(matches!(Table::read(&path, &["id", "rp_id"]), Err(CsvError::Column(_, "rp_id"))));
        assert!(matches!(Table::read(&folder.path().join("y"), &[]), Err(CsvError::File(..))));
    }
}
