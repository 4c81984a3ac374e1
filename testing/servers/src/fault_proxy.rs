//! A TCP proxy that misbehaves when told to: connections refused, cut after some bytes, held back or held up.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How the proxy behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behavior {
    /// Everything passes.
    Pass,
    /// Open connections are cut, new ones are closed at once.
    Refuse,
    /// Every connection is cut once the client has sent so many bytes in all from now on.
    CutAfter(u64),
    /// Answers are held back for so long.
    Delay(Duration),
    /// Once clients have sent so many times from now on, the last of it included, nothing passes any more.
    HoldAfter(u64),
}

/// A running proxy; dropping it closes its port.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    behavior: watch::Sender<Behavior>,
    /// Bytes sent by clients since the behavior was set.
    sent: AtomicU64,
    /// Times that clients have sent something since then.
    sendings: watch::Sender<u64>,
}

impl FaultProxy {
    /// Starts on a free port, in front of `upstream`.
    pub async fn start(upstream: SocketAddr) -> Self {
        let shared = Arc::new(Shared {
            behavior: watch::Sender::new(Behavior::Pass),
            sent: AtomicU64::new(0),
            sendings: watch::Sender::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let for_server = Arc::clone(&shared);
        let server = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let shared = Arc::clone(&for_server);
                if *shared.behavior.borrow() == Behavior::Refuse {
                    continue;
                }
                tokio::spawn(async move {
                    if let Ok(server) = TcpStream::connect(upstream).await {
                        pass(client, server, &shared).await;
                    }
                });
            }
        });
        Self { address, shared, server }
    }

    /// The address it listens at.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Behaves differently from now on, open connections included.
    pub fn behave(&self, behavior: Behavior) {
        self.shared.sent.store(0, Ordering::Relaxed);
        self.shared.sendings.send_replace(0);
        self.shared.behavior.send_replace(behavior);
    }

    /// How many times clients have sent something since the behavior was set that the server has.
    pub fn passed(&self) -> u64 {
        *self.shared.sendings.borrow()
    }

    /// Waits until clients have sent so many times since the behavior was set, and the server has all of it.
    pub async fn has_passed(&self, sendings: u64) {
        let mut counted = self.shared.sendings.subscribe();
        let _open = counted.wait_for(|count| *count >= sendings).await;
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Passes bytes both ways until one side ends or the connection is to be cut.
async fn pass(mut client: TcpStream, mut server: TcpStream, shared: &Shared) {
    let mut changes = shared.behavior.subscribe();
    let (mut from_client, mut from_server) = (vec![0; 16 << 10], vec![0; 16 << 10]);
    loop {
        let behavior = *changes.borrow_and_update();
        match behavior {
            Behavior::Refuse => return,
            Behavior::CutAfter(most) if shared.sent.load(Ordering::Relaxed) >= most => return,
            Behavior::HoldAfter(most) if *shared.sendings.borrow() >= most => {
                // A client that goes away is still noticed, as the server would.
                tokio::select! {
                    changed = changes.changed() => if changed.is_err() { return } else { continue },
                    read = client.read(&mut from_client) => if !read.is_ok_and(|bytes| bytes > 0) { return } else { continue },
                }
            }
            _ => {}
        }
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            read = client.read(&mut from_client) => match read {
                Ok(bytes) if bytes > 0 => {
                    shared.sent.fetch_add(bytes as u64, Ordering::Relaxed);
                    if let Behavior::CutAfter(most) = behavior && shared.sent.load(Ordering::Relaxed) >= most {
                        return;
                    }
                    if server.write_all(&from_client[..bytes]).await.is_err() { return }
                    shared.sendings.send_modify(|count| *count += 1);
                }
                _ => return,
            },
            read = server.read(&mut from_server) => match read {
                Ok(bytes) if bytes > 0 => {
                    if let Behavior::Delay(time) = behavior { tokio::time::sleep(time).await }
                    if client.write_all(&from_server[..bytes]).await.is_err() { return }
                }
                _ => return,
            },
        }
    }
}
