//! A database's URL whose port is another server's: who is there is said, and which option leads there.

#![cfg(all(feature = "store-mysql", feature = "store-jdbc-postgres"))]
#![expect(clippy::unwrap_used, reason = "a test")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;

/// The port of a server that sends `answer` to whatever is a line, or to what `answers_all` is asked.
fn server(answer: &'static [u8], answers_all: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let talk = move |mut stream: TcpStream| {
        let mut bytes = [0; 256];
        while let Ok(count @ 1..) = stream.read(&mut bytes) {
            if (answers_all || bytes[..count].ends_with(b"\n")) && stream.write_all(answer).is_err() {
                return;
            }
        }
    };
    std::thread::spawn(move || {
        listener.incoming().flatten().for_each(|stream| {
            std::thread::spawn(move || talk(stream));
        });
    });
    port
}

/// What `migrate --status` says of a URL with this port.
fn said(kind: &str, port: u16, timeout: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"))
        .args(["migrate", "--status", "--autoscaler.standalone.state-store.type=jdbc"])
        .arg(format!("--autoscaler.standalone.jdbc.url={kind}://me@127.0.0.1:{port}/flink"))
        .arg(format!("--autoscaler.standalone.jdbc.timeout={timeout}"))
        .env_remove("FLINK_CONF_DIR")
        .env_remove("JDBC_PWD")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn it_is_said_who_answers_instead() {
    for (answer, who) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], "an HTTP server"),
        (b"-ERR wrong number of arguments for 'get' command\r\n", "a server like Redis"),
    ] {
        let port = server(answer, false);
        for (kind, name) in [("mysql", "MySQL"), ("postgres", "PostgreSQL")] {
            // Long enough that nobody comes to its end, however busy the machine is.
            let text = said(kind, port, "60 s");
            for part in [&format!("what answers there is {who}, not {name}"), &format!(":{port}"), "jdbc.url"] {
                assert!(text.contains(part), "{part} is missing in {text}");
            }
        }
    }
    let text = said("mysql", server(b"N", true), "60 s");
    assert!(text.contains("what answers there is a PostgreSQL server, not MySQL"), "{text}");
}

#[test]
fn of_silence_it_is_said_that_nothing_answers() {
    for (kind, name) in [("mysql", "MySQL"), ("postgres", "PostgreSQL")] {
        let port = server(b"", true);
        let text = said(kind, port, "3 s");
        for part in ["no connection within 3s: whatever is there", &format!("{name} at 127.0.0.1:{port}"), "jdbc.url"] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }
}
