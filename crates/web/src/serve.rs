//! The router on a socket: time limits, a limit on connections, an orderly end.

use crate::limits::Peer;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower::ServiceExt as _;

/// Connections open at the same time, watching pages included. Each takes a file descriptor and about
/// 20 kB.
const CONNECTIONS: usize = 10_000;
/// How long a client may take to send the head of a request.
const HEAD: Duration = Duration::from_secs(10);
/// How long connections may take to end after shutdown was asked for.
const GRACE: Duration = Duration::from_secs(5);

/// Told when the server is to end; put on every request, for streams that would not end by themselves.
#[derive(Clone)]
pub(crate) struct Stopping(pub watch::Receiver<bool>);

/// Serves `router` on `listener` until `shutdown` is done; then takes no more connections, ends the
/// streams, lets the answers that were begun finish, and returns.
///
/// # Errors
///
/// If the socket can take no connections at all.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let (stop, stopping) = watch::channel(false);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &connections) => accepted?,
        };
        let Some((stream, peer, permit)) = accepted else { continue };
        let (router, stopping) = (router.clone(), Stopping(stopping.clone()));
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(peer);
            request.extensions_mut().insert(stopping.clone());
            router.clone().oneshot(request)
        });
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // A connection that breaks off is no event: the other side went away.
            let _ = connection.await;
            drop(permit);
        });
    }
    drop(listener);
    // Nobody watching is fine.
    let _ = stop.send(true);
    if tokio::time::timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::info!("Some connections did not end in time and were cut.");
    }
    Ok(())
}

/// The next connection, once there is room for it; none if it broke off at once.
async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> io::Result<Option<(TcpStream, Peer, OwnedSemaphorePermit)>> {
    let permit = Arc::clone(connections).acquire_owned().await.map_err(io::Error::other)?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // Small answers leave at once. Where that cannot be set they leave a little later.
            let _ = stream.set_nodelay(true);
            Ok(Some((stream, Peer(peer), permit)))
        }
        Err(error) => {
            // Out of file descriptors, most often: they come back as connections end.
            tracing::warn!(%error, "A connection could not be taken.");
            tokio::time::sleep(Duration::from_millis(100)).await;
            Ok(None)
        }
    }
}
