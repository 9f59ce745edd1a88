//! `/api/codes/{code}`, and what a messenger is shown of an invitation.

use std::net::Ipv4Addr;

use serde_json::json;

use crate::world::{ASHA, BINA, World};

#[tokio::test]
async fn a_code_tells_the_first_name_of_whoever_has_it_and_nothing_more() {
    let world = World::new().await;
    let code = world.code_of(ASHA).await;
    for typed in [code.clone(), code.to_lowercase()] {
        let answer = world.anonymous.get(&format!("/api/codes/{typed}")).await;
        assert_eq!(answer.status, 200, "{answer}");
        let expected = json!({"referral_code": code, "inviter": "Asha", "standing": "open"});
        assert_eq!(answer.json(), expected);
    }
}

#[tokio::test]
async fn a_code_whose_places_are_taken_is_full_and_one_of_an_inactive_member_inactive() {
    let world = World::new().await;
    let (asha, bina) = (world.code_of(ASHA).await, world.code_of(BINA).await);
    for number in 2..=8 {
        assert_eq!(world.anonymous.get(&format!("/api/codes/{asha}")).await.field("/standing"), "open");
        world.join(&format!("Friend {number}"), Some(&asha)).await;
    }
    assert_eq!(world.anonymous.get(&format!("/api/codes/{asha}")).await.field("/standing"), "full");
    world.set_active(BINA, false).await;
    assert_eq!(world.anonymous.get(&format!("/api/codes/{bina}")).await.field("/standing"), "inactive");
}

#[tokio::test]
async fn a_code_that_nobody_has_is_404_and_what_is_none_400() {
    let world = World::new().await;
    let unknown = world.anonymous.get("/api/codes/0000000000").await;
    assert_eq!((unknown.status, unknown.code().as_str()), (404, "referral_code_not_found"));
    for text in ["ABC", "UUUUUUUUUU", "00000000000"] {
        let answer = world.anonymous.get(&format!("/api/codes/{text}")).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "invalid_id"), "{text}");
    }
}

#[tokio::test]
async fn codes_are_looked_at_at_a_limited_rate_by_either_way() {
    let world = World::new().await;
    let here = world.anonymous.at(Ipv4Addr::new(203, 0, 113, 1));
    let code = world.code_of(ASHA).await;
    let named = |body: &[u8]| String::from_utf8_lossy(body).contains("Asha");
    for _ in 0..150 {
        assert_eq!(here.get("/api/codes/0000000000").await.status, 404);
        assert!(named(&here.get(&format!("/r/{code}")).await.body));
    }
    let mut refused = here.get("/api/codes/0000000000").await;
    // What comes back while the loop runs is few.
    for _ in 0..100 {
        if refused.status == 429 {
            break;
        }
        refused = here.get("/api/codes/0000000000").await;
    }
    assert_eq!((refused.status, refused.code().as_str()), (429, "rate_limited"));
    let page = here.get(&format!("/r/{code}")).await;
    assert_eq!(page.status, 200);
    assert!(!named(&page.body), "the page is there and names nobody");
}

#[tokio::test]
async fn a_link_in_a_conversation_says_who_invites() {
    let world = World::new().await;
    let eve = world.join("<b>\"Eve\"&co Rao", None).await;
    let page = world.anonymous.get(&format!("/r/{}", eve.code)).await;
    assert_eq!(page.status, 200);
    let html = String::from_utf8_lossy(&page.body);
    let title = "<meta property=\"og:title\" content=\"&lt;b&gt;&quot;Eve&quot;&amp;co invites you\" />";
    assert!(html.contains(title), "{html}");
    let url = format!("content=\"https://shop.example/r/{}\"", eve.code);
    assert!(html.contains(&url), "{html}");
    assert!(page.header("etag").is_none(), "it is not the page of every address");
    assert!(page.header("content-security-policy").is_some());
    let other = world.anonymous.get("/r/%E0%A4%A").await;
    assert_eq!((other.status, &other.body[..]), (200, dashboard::index().identity));
}
