//! What a member is told of other people, on every route that she may ask:
//! full names of whom she brought, one letter of anybody beyond, no addresses.

use serde_json::Value;

use crate::who_may::Operation;
use crate::world::{ASHA, BINA, CHETAN, World};

/// Where a name of level 2 appears, and with what before it.
const NAMED: [(&str, &str); 4] = [
    ("/api/users/1/referrals", "/level_2/0/name"),
    ("/api/earnings/1", "/earnings/level_2/0/from_user"),
    ("/api/earnings/1/entries", "/data/0/from_user"),
    ("/api/earnings/1/chart", "/sources/0/user_name"),
];

async fn world_in_which_chetan_bought() -> World {
    let world = World::new().await;
    world.buy(BINA, "1100.00").await;
    world.buy(CHETAN, "9000.00").await;
    world
}

#[tokio::test]
async fn beyond_level_1_a_member_sees_one_letter_of_a_name() {
    let world = world_in_which_chetan_bought().await;
    let service = world.service("read").await;
    for (path, pointer) in NAMED {
        assert_eq!(world.member.get(path).await.field(pointer), "C•••", "{path}");
        for actor in [&service, &world.admin, &world.owner] {
            assert_eq!(actor.get(path).await.field(pointer), "Chetan Gupta", "{path}");
        }
    }
}

#[tokio::test]
async fn at_level_1_a_member_sees_the_whole_name() {
    let world = world_in_which_chetan_bought().await;
    for (path, pointer) in NAMED {
        let pointer = pointer
            .replace("level_2", "level_1")
            .replace("data/0", "data/1")
            .replace("sources/0", "sources/1");
        assert_eq!(world.member.get(path).await.field(&pointer), "Bina Shah", "{path}");
    }
}

#[tokio::test]
async fn no_route_shows_a_member_an_address_or_a_name_beyond_level_1() {
    let world = world_in_which_chetan_bought().await;
    for operation in Operation::all().iter().filter(|operation| operation.method == "GET") {
        for id in [ASHA, BINA, CHETAN] {
            let answer = operation.ask(&world.member, id, 0).await;
            for hidden in ["@", "example.com", "Chetan", "Gupta", "Esha"] {
                assert!(!answer.text().contains(hidden), "{} shows {hidden}: {answer}", operation.name());
            }
        }
    }
}

#[tokio::test]
async fn a_mask_keeps_the_first_letter_of_any_script() {
    let world = World::new().await;
    for (name, mask) in [("अर्जुन", "अ•••"), ("🌳 Tree", "🌳•••"), ("X", "X•••")]
    {
        let root = world.join(&format!("Root {name}"), None).await;
        let first = world.join(&format!("First {name}"), Some(&root.code)).await;
        let body = serde_json::json!({"name": name, "email": format!("n{}@x.example", root.id),
            "referral_code": first.code});
        assert_eq!(world.anonymous.post("/api/users/register", body).await.status, 201);
        let answer = root.actor.get(&format!("/api/users/{}/referrals", root.id)).await.json();
        assert_eq!(answer["level_2"][0]["name"], Value::from(mask));
    }
}
