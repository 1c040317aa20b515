//! Where a history lies: a file, or a database by its URL.

use std::fmt;
use std::path::PathBuf;

/// Where a history lies.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// An SQLite file.
    File(PathBuf),
    /// A PostgreSQL database, by its URL.
    Url(String),
}

impl Place {
    /// Takes `postgres://…` and `postgresql://…` as a database, everything else as a file.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let database = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
        if database { Self::Url(text.to_owned()) } else { Self::File(PathBuf::from(text)) }
    }

    /// A text with the password of a URL taken out, for whatever is shown.
    #[must_use]
    pub fn without_password(text: &str) -> String {
        let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        // A password may itself hold an at sign: the last one ends it.
        let authority = match authority.rsplit_once('@') {
            Some((user, host)) => match user.split_once(':') {
                Some((name, _)) => format!("{name}:***@{host}"),
                None => authority.to_owned(),
            },
            None => authority.to_owned(),
        };
        // A parameter can carry the password, too.
        let path = match path.split_once("password=") {
            Some((before, after)) => {
                let rest = after.find('&').and_then(|at| after.get(at..)).unwrap_or_default();
                format!("{before}password=***{rest}")
            }
            None => path.to_owned(),
        };
        format!("{scheme}://{authority}{path}")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => file.display().fmt(f),
            Self::Url(url) => f.write_str(&Self::without_password(url)),
        }
    }
}

/// Without the password, like [`fmt::Display`].
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_a_database_and_all_else_a_file() {
        assert!(matches!(Place::new("postgresql://db/audit"), Place::Url(_)));
        for file in ["history.db", "/var/lib/probity/history.db", "C:\\history.db"] {
            assert_eq!(Place::new(file), Place::File(PathBuf::from(file)));
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            ("postgres://audit:s3cr@et@db:5432/a?sslmode=require", "postgres://audit:***@db:5432/a?sslmode=require"),
            ("postgres://audit@db/a", "postgres://audit@db/a"),
            (
                "postgres://db/a?user=x&password=secret&sslmode=require",
                "postgres://db/a?user=x&password=***&sslmode=require",
            ),
            ("postgres://db", "postgres://db"),
            ("history.db", "history.db"),
        ] {
            assert_eq!(Place::without_password(url), shown);
        }
        assert_eq!(format!("{:?}", Place::new("postgres://a:b@c/d")), "Place(postgres://a:***@c/d)");
    }
}
