//! A connection on which nobody speaks is closed (case F7).
//!
//! The limit on a request's head begins once it is known which version of HTTP is spoken; until then a client may say
//! nothing, or the first letters of `PRI * HTTP/2.0`, for ever. So the first bytes have a limit of their own.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum_server::accept::Accept;
use futures::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// As many bytes as tell the version: HTTP/2's preface (RFC 9113 §3.4).
const TELLING: usize = 24;

/// Around another acceptor, TLS or none.
#[derive(Clone)]
pub struct FirstBytes<A> {
    inner: A,
    patience: Duration,
}

impl<A> FirstBytes<A> {
    /// Lets a client take so long for its first bytes.
    pub fn within(patience: Duration, inner: A) -> Self {
        Self { inner, patience }
    }
}

impl<A, I, S> Accept<I, S> for FirstBytes<A>
where
    A: Accept<I, S>,
    A::Future: Send + 'static,
    A::Stream: Send,
{
    type Stream = Awaited<A::Stream>;
    type Service = A::Service;
    type Future = BoxFuture<'static, io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let (accepted, patience) = (self.inner.accept(stream, service), self.patience);
        Box::pin(async move {
            let (stream, service) = accepted.await?;
            Ok((Awaited { stream, seen: 0, limit: Some(Box::pin(tokio::time::sleep(patience))) }, service))
        })
    }
}

/// A connection that fails where its first bytes take too long.
pub struct Awaited<S> {
    stream: S,
    seen: usize,
    /// `None` once they have come.
    limit: Option<Pin<Box<Sleep>>>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Awaited<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, into);
        let Some(limit) = &mut self.limit else { return read };
        if read.is_pending() {
            return limit.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()));
        }
        self.seen += into.filled().len() - before;
        if self.seen >= TELLING {
            self.limit = None;
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Awaited<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    fn awaited<S>(stream: S, patience: Duration) -> Awaited<S> {
        Awaited { stream, seen: 0, limit: Some(Box::pin(tokio::time::sleep(patience))) }
    }

    #[tokio::test]
    async fn f7_silence_and_half_a_preface_end_with_the_limit() {
        for said in [b"".as_slice(), b"P", b"PRI * HTTP/2.0"] {
            let (mut client, server) = tokio::io::duplex(64);
            client.write_all(said).await.unwrap();
            let mut text = Vec::new();
            let error = awaited(server, Duration::from_millis(20)).read_to_end(&mut text).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
            assert_eq!(text, said);
        }
    }

    #[tokio::test]
    async fn whoever_has_spoken_has_no_such_limit() {
        let (mut client, server) = tokio::io::duplex(64);
        client.write_all(&[b'x'; TELLING]).await.unwrap();
        let mut server = awaited(server, Duration::from_secs(3600));
        server.read_exact(&mut [0; TELLING]).await.unwrap();
        assert!(server.limit.is_none());
    }
}
