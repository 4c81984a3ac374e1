//! Servers that say back what they are sent.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A server on a port of its own, for as long as the test runs.
fn serve(answer: fn(TcpStream) -> io::Result<()>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            if answer(stream).is_ok() {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    (address, asked)
}

/// Asks for the password as plain text, and refuses it in its own words.
pub(crate) struct Postgres {
    pub(crate) address: String,
    asked: Arc<AtomicUsize>,
}

impl Postgres {
    pub(crate) fn start() -> Self {
        let (address, asked) = serve(refuse);
        Self { address, asked }
    }

    /// How often it was sent a password.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

fn message(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let mut body = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap_or(4).saturating_sub(4)];
    stream.read_exact(&mut body)?;
    Ok(body)
}

fn refuse(mut stream: TcpStream) -> io::Result<()> {
    let start = message(&mut stream)?;
    stream.write_all(b"R\0\0\0\x08\0\0\0\x03")?;
    stream.read_exact(&mut [0])?;
    let password = message(&mut stream)?;
    let printed = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\0', " ");
    let said = format!("nothing is known of {} with {}", printed(&start[4..]), printed(&password));
    let fields = format!("SFATAL\0VFATAL\0C0A000\0M{said}\0\0");
    stream.write_all(b"E")?;
    stream.write_all(&u32::try_from(fields.len() + 4).unwrap_or(0).to_be_bytes())?;
    stream.write_all(fields.as_bytes())
}

/// Answers 500 to every request, with what it was sent.
pub(crate) struct Gateway {
    pub(crate) address: String,
    asked: Arc<AtomicUsize>,
}

impl Gateway {
    pub(crate) fn start() -> Self {
        let (address, asked) = serve(repeat);
        Self { address, asked }
    }

    /// How often it was sent a request.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

fn repeat(mut stream: TcpStream) -> io::Result<()> {
    let mut said = String::new();
    for line in BufReader::new(stream.try_clone()?).lines() {
        let line = line?;
        if line.is_empty() {
            break;
        }
        let Some((name, value)) = line.split_once(": ") else { continue };
        // As a gateway that decodes it would.
        match (name.to_ascii_lowercase().as_str(), value.split_once(' ')) {
            ("authorization" | "proxy-authorization", Some(("Basic", encoded))) => said.push_str(&decoded(encoded)),
            ("authorization", Some((_, token))) => said.push_str(token),
            (name, _) if name.starts_with("x-") => said.push_str(value),
            _ => {}
        }
    }
    let body = format!("who is {said}?");
    let head = format!("HTTP/1.1 500 no\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())
}

/// Base64.
fn decoded(text: &str) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits: Vec<bool> = Vec::new();
    for digit in text.bytes().filter_map(|byte| DIGITS.iter().position(|digit| *digit == byte)) {
        bits.extend((0..6).rev().map(|bit| digit >> bit & 1 == 1));
    }
    let byte = |bits: &[bool]| bits.iter().fold(0u8, |byte, bit| byte << 1 | u8::from(*bit));
    String::from_utf8_lossy(&bits.chunks_exact(8).map(byte).collect::<Vec<u8>>()).into_owned()
}
