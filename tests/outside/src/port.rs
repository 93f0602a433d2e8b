//! A loopback port that is kept for one program.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpSocket;

/// Nobody else's as long as this value lives. It is bound and not listened at: whoever asks for any port is given another
/// one, and the program that it is kept for can listen there, also after an end of its own.
pub struct Port {
    /// Where to listen.
    pub address: SocketAddr,
    _bound: TcpSocket,
}

impl Port {
    /// Keeps a free one.
    pub fn keep() -> Self {
        let bound = TcpSocket::new_v4().unwrap();
        bound.set_reuseaddr(true).unwrap();
        bound.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        Self { address: bound.local_addr().unwrap(), _bound: bound }
    }
}
