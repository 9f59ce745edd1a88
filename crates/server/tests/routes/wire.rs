//! A whole server, sockets included, and what goes over a connection to it.

use std::net::SocketAddr;

use server::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::world::World;

/// Serves the world for as long as the test runs.
pub(crate) async fn serve(world: &World) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(Server::new(world.site(), None).run(listener, std::future::pending()));
    address
}

/// Sends a request over a connection of its own; answers head and body.
pub(crate) async fn get(address: SocketAddr, path: &str) -> (String, Vec<u8>) {
    exchange(address, &format!("GET {path} HTTP/1.1\r\nhost: banyan\r\nconnection: close\r\n\r\n")).await
}

/// Sends these bytes over a connection of its own, and reads until the server closes it.
pub(crate) async fn exchange(address: SocketAddr, request: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    let body = bytes.split_off(end + 4);
    (String::from_utf8(bytes).unwrap(), body)
}

/// The next answer on a connection that is kept; head and body.
pub(crate) async fn answer(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a head"));
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.expect("a length").parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    (head, body)
}
