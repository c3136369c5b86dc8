use crate::house::server;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// Reads until `needle` has come.
async fn until(stream: &mut TcpStream, needle: &str) -> String {
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    while !String::from_utf8_lossy(&read).contains(needle) {
        let count = timeout(Duration::from_secs(5), stream.read(&mut buffer)).await.unwrap().unwrap();
        assert_ne!(count, 0, "ended before {needle}: {}", String::from_utf8_lossy(&read));
        read.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8(read).unwrap()
}

#[tokio::test]
async fn shutdown_ends_streams_and_lets_answers_finish() {
    let server = server().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(web::serve(listener, server.router.clone(), async { drop(stopped.await) }));

    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert!(until(&mut idle, "assemblies").await.starts_with("HTTP/1.1 200 OK"));
    let mut watching = TcpStream::connect(address).await.unwrap();
    watching.write_all(b"GET /garden/q/1/live HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert!(until(&mut watching, "tallies").await.contains("text/event-stream"));

    stop.send(()).unwrap();
    timeout(Duration::from_secs(2), serving).await.unwrap().unwrap().unwrap();
    let mut rest = Vec::new();
    watching.read_to_end(&mut rest).await.unwrap();
    assert!(String::from_utf8_lossy(&rest).ends_with("0\r\n\r\n"), "the stream ended properly");
    assert!(TcpStream::connect(address).await.is_err(), "nobody is taken any more");
}
