//! `/socket.io/`: the client for pages that were written for the Node original.
//! It lies beside the protocol, which only a whole [`Server`] speaks.

use serde_json::Value;

use crate::wire::{exchange, get, serve};
use crate::world::World;

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

#[tokio::test]
async fn what_the_protocol_refuses_is_a_problem_as_anywhere() {
    let world = World::new().await;
    let address = serve(&world).await;
    for (query, status, detail) in [
        ("EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAA", 400, "Session ID unknown."),
        ("EIO=4&transport=pigeon", 400, "Transport unknown."),
        ("EIO=3&transport=polling", 400, "Unsupported protocol version."),
    ] {
        let (head, body) = get(address, &format!("/socket.io/?{query}")).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{query}: {head}");
        assert!(head.contains("content-type: application/problem+json"), "{query}: {head}");
        let problem: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((&problem["instance"], &problem["detail"]), (&"/socket.io/".into(), &detail.into()));
        let id = problem["request_id"].as_str().unwrap();
        assert!(!id.is_empty() && head.contains(&format!("x-request-id: {id}")), "{query}: {head}");
    }
    let (_, opened) = get(address, "/socket.io/?EIO=4&transport=polling").await;
    let sid = std::str::from_utf8(&opened[9..]).unwrap().split('"').next().unwrap().to_owned();
    let packets = "4".repeat(70_000);
    let (head, body) = exchange(
        address,
        &format!(
            "POST /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nhost: banyan\r\n\
             connection: close\r\ncontent-length: {}\r\n\r\n{packets}",
            packets.len()
        ),
    )
    .await;
    assert!(head.starts_with("HTTP/1.1 413 "), "{head}{}", String::from_utf8_lossy(&body));
    assert!(String::from_utf8_lossy(&body).contains("64 KiB"), "{}", String::from_utf8_lossy(&body));
}
