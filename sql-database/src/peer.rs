//! What kind of server answers at an address where a database is expected. Only asked where connecting does not work: a
//! database counts those who connect and then say nothing sensible, and shuts them out in the end.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::url::Scheme;

/// How long a server that is to speak first, or to answer, is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// What PostgreSQL's clients ask first: for TLS. It answers with one byte.
const SSL_REQUEST: &[u8] = &[0, 0, 0, 8, 4, 210, 22, 47];

/// HTTP servers answer it, and others that read lines.
const LINE: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

/// A server of another kind than the URL says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what answers there is {found}, not {expected}: the URL's kind of database or its port is another's")]
pub(crate) struct OtherServer {
    /// What was found, with its article.
    pub(crate) found: &'static str,
    /// The name of the database that was expected.
    pub(crate) expected: &'static str,
}

/// The server at an address, where it is certainly not of the kind expected; none where that can't be told, within eight
/// seconds.
pub(crate) async fn other_than(expected: Scheme, host: &str, port: u16) -> Option<OtherServer> {
    for question in [SSL_REQUEST, LINE] {
        if let Some(kind) = asked(host, port, question, PATIENCE / 2).await {
            return kind.other_than(expected);
        }
    }
    None
}

/// The same, asked at once what PostgreSQL answers at once: its driver can't stand what others send.
pub(crate) async fn other_than_postgres(host: &str, port: u16) -> Option<OtherServer> {
    asked(host, port, SSL_REQUEST, Duration::ZERO).await?.other_than(Scheme::Postgres)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Postgres,
    MySql,
    Http,
    Tls,
    Ssh,
    Mail,
    Redis,
    File,
}

impl Kind {
    fn of(scheme: Scheme) -> Self {
        match scheme {
            Scheme::Postgres => Self::Postgres,
            Scheme::MySql => Self::MySql,
            Scheme::Sqlite => Self::File,
        }
    }

    fn other_than(self, expected: Scheme) -> Option<OtherServer> {
        (self != Self::of(expected)).then_some(OtherServer { found: self.name(), expected: expected.name() })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Postgres => "a PostgreSQL server",
            Self::MySql => "a MySQL or MariaDB server",
            Self::Http => "an HTTP server",
            Self::Tls => "a server that speaks TLS from the first byte",
            Self::Ssh => "an SSH server",
            Self::Mail => "a mail or FTP server",
            Self::Redis => "a server like Redis",
            Self::File => "a file",
        }
    }

    /// By the first bytes that a server sends, by itself or as an answer to `question`.
    fn told_by(bytes: &[u8], question: &[u8]) -> Option<Self> {
        const GREETINGS: [(&[u8], Kind); 8] = [
            (b"HTTP/", Kind::Http),
            (b"SSH-", Kind::Ssh),
            (b"220", Kind::Mail),
            (b"+OK", Kind::Mail),
            (b"* OK", Kind::Mail),
            (b"-ERR", Kind::Redis),
            (b"-NOAUTH", Kind::Redis),
            (b"-DENIED", Kind::Redis),
        ];
        if let Some((_, kind)) = GREETINGS.into_iter().find(|(greeting, _)| bytes.starts_with(greeting)) {
            return Some(kind);
        }
        match bytes {
            // Length and sequence number, then the protocol's version, or an error such as too many connections.
            [_, _, 0, 0, 9 | 10 | 0xff, _, ..] => Some(Self::MySql),
            // An alert of any version.
            [0x15, 3, 0..=4, ..] => Some(Self::Tls),
            [b'S' | b'N'] if question == SSL_REQUEST => Some(Self::Postgres),
            _ => None,
        }
    }
}

/// What comes of connecting, waiting, and asking a question where nothing came.
async fn asked(host: &str, port: u16, question: &[u8], wait: Duration) -> Option<Kind> {
    let mut stream = timeout(PATIENCE, TcpStream::connect((host, port))).await.ok()?.ok()?;
    let mut bytes = [0; 16];
    let mut read = timeout(wait, stream.read(&mut bytes)).await;
    if read.is_err() {
        stream.write_all(question).await.ok()?;
        read = timeout(PATIENCE / 2, stream.read(&mut bytes)).await;
    }
    Kind::told_by(&bytes[..read.ok()?.ok()?], question)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    /// The port of a server that sends `greeting` at once, and `answer` to what it is sent, as far as `reads` likes it.
    async fn server(greeting: &'static [u8], reads: fn(&[u8]) -> bool, answer: &'static [u8]) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut bytes = [0; 64];
                    stream.write_all(greeting).await.unwrap();
                    while let Ok(count @ 1..) = stream.read(&mut bytes).await {
                        if reads(&bytes[..count]) {
                            stream.write_all(answer).await.unwrap();
                        }
                    }
                });
            }
        });
        port
    }

    /// Each of these ports with what is expected there and what is found; all at once, as most of it is waiting.
    async fn check(cases: Vec<(u16, Scheme, Option<&'static str>)>) {
        let mut checks = tokio::task::JoinSet::new();
        for (port, expected, found) in cases {
            checks.spawn(async move {
                let other = other_than(expected, "127.0.0.1", port).await;
                assert_eq!(other.map(|other| other.found), found, "where {expected:?} is expected");
            });
        }
        checks.join_all().await;
    }

    #[tokio::test]
    async fn servers_are_told_by_what_they_say() {
        let is_line = |bytes: &[u8]| bytes.ends_with(b"\n");
        let is_ssl_request = |bytes: &[u8]| bytes == SSL_REQUEST;
        let postgres = server(b"", is_ssl_request, b"N").await;
        let mysql = server(b"J\0\0\0\n8.0.36\0", |_| false, b"").await;
        let mut cases = vec![
            (postgres, Scheme::MySql, Some("a PostgreSQL server")),
            (postgres, Scheme::Postgres, None),
            (mysql, Scheme::Postgres, Some("a MySQL or MariaDB server")),
            (mysql, Scheme::MySql, None),
        ];
        for (greeting, answer, found) in [
            (&b""[..], &b"HTTP/1.1 400 Bad Request\r\n"[..], "an HTTP server"),
            (b"", b"-ERR wrong number of arguments for 'get' command\r\n", "a server like Redis"),
            (b"SSH-2.0-OpenSSH_9.6\r\n", b"", "an SSH server"),
            (b"220 mail.example.com ESMTP\r\n", b"", "a mail or FTP server"),
            (b"", b"\x15\x03\x01\0\x02\x02\x28", "a server that speaks TLS from the first byte"),
        ] {
            let port = server(greeting, is_line, answer).await;
            cases.extend([(port, Scheme::MySql, Some(found)), (port, Scheme::Postgres, Some(found))]);
        }
        check(cases).await;
        assert_eq!(other_than_postgres("127.0.0.1", postgres).await, None);
        assert!(other_than_postgres("127.0.0.1", mysql).await.is_some());
    }

    #[tokio::test]
    async fn of_silence_and_rubbish_nothing_is_said() {
        let mut cases = vec![(1, Scheme::MySql, None)];
        for answer in [&b""[..], b"\0", b"SN", b"what?"] {
            let port = server(b"", |_| true, answer).await;
            cases.extend([(port, Scheme::MySql, None), (port, Scheme::Postgres, None)]);
        }
        check(cases).await;
    }
}
