//! A network between the server and its database that can be made slow, or go silent.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[derive(Default)]
struct Weather {
    delay: AtomicU64,
    silent: AtomicBool,
}

/// A relay to one address.
#[derive(Clone)]
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    weather: Arc<Weather>,
}

impl Proxy {
    /// Listens on a free port until the runtime ends.
    pub async fn start(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let weather = Arc::<Weather>::default();
        let (to, of_all) = (target.to_owned(), weather.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (to, weather) = (to.clone(), of_all.clone());
                tokio::spawn(async move {
                    let Ok(server) = TcpStream::connect(&to).await else { return };
                    let _ = (client.set_nodelay(true), server.set_nodelay(true));
                    let ((from_client, to_client), (from_server, to_server)) =
                        (client.into_split(), server.into_split());
                    tokio::spawn(relay(from_client, to_server, weather.clone(), false));
                    relay(from_server, to_client, weather, true).await;
                });
            }
        });
        Self { address, weather }
    }

    /// Each answer comes so much later from now on.
    pub fn delay_answers(&self, delay: Duration) {
        self.weather.delay.store(delay.as_millis() as u64, Ordering::SeqCst);
    }

    /// From now on nothing comes through, either way, and nobody is told; or everything does again.
    pub fn silence(&self, silent: bool) {
        self.weather.silent.store(silent, Ordering::SeqCst);
    }
}

async fn relay(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    weather: Arc<Weather>,
    answers: bool,
) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        let delay = weather.delay.load(Ordering::SeqCst);
        if answers && delay > 0 {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        while weather.silent.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
