//! A TCP connection that can be cut from inside a request, for faults that drop the answer.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Accepts connections that can be cut, and counts those that are open.
pub struct Door(pub TcpListener, pub watch::Sender<usize>);

/// One connection.
pub struct Line {
    stream: TcpStream,
    open: watch::Sender<usize>,
    cut: Arc<AtomicBool>,
}

/// The knife for one connection.
#[derive(Clone, Debug)]
pub struct Knife(Arc<AtomicBool>);

impl Knife {
    /// Cuts the connection: nothing is sent any more, not even what is already written but not yet on its way.
    pub fn cut(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Listener for Door {
    type Io = Line;
    type Addr = (Option<SocketAddr>, Knife);

    async fn accept(&mut self) -> (Line, Self::Addr) {
        // The library's own listener waits out errors such as too many open files.
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Answers are small; waiting for more of them to send together only costs time.
        let _ = stream.set_nodelay(true);
        let cut = Arc::new(AtomicBool::new(false));
        self.1.send_modify(|open| *open += 1);
        (Line { stream, open: self.1.clone(), cut: cut.clone() }, (Some(address), Knife(cut)))
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        let address = self.0.local_addr()?;
        Ok((Some(address), Knife(Arc::new(AtomicBool::new(false)))))
    }
}

impl Connected<IncomingStream<'_, Door>> for Knife {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Knife {
        stream.remote_addr().1.clone()
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.open.send_modify(|open| *open -= 1);
    }
}

impl Line {
    fn check(&self) -> io::Result<()> {
        match self.cut.load(Ordering::Relaxed) {
            true => Err(io::Error::from(io::ErrorKind::ConnectionReset)),
            false => Ok(()),
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
