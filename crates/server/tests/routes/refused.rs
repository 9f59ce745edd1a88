//! What a client hears that is refused while it still sends, or that sends what is no
//! request: over real connections, since that is where answers are lost.

use app::Caller;
use app::access::create_key;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::wire::{answer, exchange, serve};
use crate::world::World;

const MIB: usize = 1024 * 1024;

fn post(path: &str, headers: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nhost: banyan\r\ncontent-type: application/json\r\n{headers}\r\n")
}

fn of_length(bytes: usize) -> String {
    format!("content-length: {bytes}\r\n")
}

/// Checks that the answer is a whole problem of this status and code.
#[track_caller]
fn is_problem((head, body): &(String, Vec<u8>), status: u16, code: &str) {
    assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
    assert!(head.contains("content-type: application/problem+json"), "{head}");
    let problem: Value = serde_json::from_slice(body).unwrap();
    assert_eq!((&problem["code"], &problem["status"]), (&code.into(), &status.into()));
    let id = problem["request_id"].as_str().unwrap();
    assert!(!id.is_empty() && head.contains(&format!("x-request-id: {id}")), "{head}{problem}");
}

#[tokio::test]
async fn whoever_is_refused_while_she_sends_hears_why_and_may_go_on() {
    let world = World::new().await;
    let address = serve(&world).await;
    let key = create_key(&world.app, &Caller::Admin, "shop".into(), "purchases:write".parse().unwrap()).await;
    let known = format!("authorization: Bearer {}\r\n", key.unwrap().key);
    for (credential, status, code) in [
        ("", 401, "unauthorized"),
        ("authorization: Bearer nonsense\r\n", 401, "invalid_token"),
        (&known, 413, "payload_too_large"),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = post("/api/purchases", &(of_length(12 * MIB) + credential));
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&vec![b' '; 12 * MIB]).await.expect("all of it is taken");
        is_problem(&answer(&mut stream).await, status, code);
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: banyan\r\n\r\n").await.unwrap();
        let (head, _) = answer(&mut stream).await;
        assert!(head.starts_with("HTTP/1.1 200 "), "the connection goes on: {head}");
    }
}

#[tokio::test]
async fn whoever_goes_on_for_ever_is_cut_off() {
    let world = World::new().await;
    let mut stream = TcpStream::connect(serve(&world).await).await.unwrap();
    let head = post("/api/purchases", &of_length(1024 * MIB));
    stream.write_all(head.as_bytes()).await.unwrap();
    let sent = stream.write_all(&vec![b' '; 256 * MIB]).await;
    assert!(sent.is_err(), "256 MiB were taken");
}

#[tokio::test]
async fn whoever_asks_first_is_refused_without_having_sent() {
    let world = World::new().await;
    let mut stream = TcpStream::connect(serve(&world).await).await.unwrap();
    let head = post("/api/purchases", &(of_length(MIB) + "expect: 100-continue\r\n"));
    stream.write_all(head.as_bytes()).await.unwrap();
    is_problem(&answer(&mut stream).await, 401, "unauthorized");
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0, "nothing is waited for");
}

#[tokio::test]
async fn what_is_no_request_is_answered_with_a_problem_too() {
    let world = World::new().await;
    let address = serve(&world).await;
    let many = "x: y\r\n".repeat(200);
    for (request, status, code) in [
        ("nonsense\r\n\r\n", 400, "malformed_request"),
        ("GET / HTTP/3.7\r\n\r\n", 400, "malformed_request"),
        ("GET / HTTP/1.1\r\nbad header\r\n\r\n", 400, "malformed_request"),
        (&format!("GET / HTTP/1.1\r\n{many}\r\n"), 431, "headers_too_large"),
        (
            &post("/api/sessions", "connection: close\r\ntransfer-encoding: chunked\r\n"),
            400,
            "incomplete_body",
        ),
    ] {
        let request = if code == "incomplete_body" { format!("{request}zz\r\n") } else { request.to_owned() };
        is_problem(&exchange(address, &request).await, status, code);
    }
}
