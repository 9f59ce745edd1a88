//! `/socket.io/`: the client for pages that were written for the Node original.
//! It lies beside the protocol, which only a whole [`Server`] speaks.

use std::net::SocketAddr;

use server::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::world::World;

/// Sends a request over a connection of its own; answers head and body.
async fn get(address: SocketAddr, path: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: banyan\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    let body = bytes.split_off(end + 4);
    (String::from_utf8(bytes).unwrap(), body)
}

async fn serve(world: &World) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(Server::new(world.site(), None).run(listener, std::future::pending()));
    address
}

#[tokio::test]
async fn the_client_is_where_every_page_looks_for_it() {
    let world = World::new().await;
    let address = serve(&world).await;
    for file in ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js"] {
        for path in [format!("socket.io/{file}"), format!("socket.io/{file}.map")] {
            let (head, body) = get(address, &format!("/{path}")).await;
            assert!(head.starts_with("HTTP/1.1 200 "), "{path}: {head}");
            assert!(head.contains("x-request-id: "), "{path}: {head}");
            assert!(body == dashboard::asset(&path).expect("it is compiled in").identity, "{path}");
        }
    }
}

#[tokio::test]
async fn beside_the_client_the_protocol_answers_and_beside_both_the_api() {
    let world = World::new().await;
    let address = serve(&world).await;
    let (head, body) = get(address, "/socket.io/?EIO=4&transport=polling").await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert!(body.starts_with(b"0{\"sid\":"), "{}", String::from_utf8_lossy(&body));
    let (head, _) = get(address, "/api/me").await;
    assert!(head.starts_with("HTTP/1.1 401 "), "{head}");
    assert!(head.contains("content-type: application/problem+json"), "{head}");
}
