//! The shop's own numbers and notes: `external_id`, `external_user_id`, `metadata`,
//! lists that answer one, and refunds by reference.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::world::{ASHA, BINA, CHETAN, World};

async fn shop(world: &World) -> Actor {
    world.service("users:write purchases:write").await
}

async fn number(world: &World, user: i64, number: &str) {
    let answer = world.admin.patch(&format!("/api/users/{user}"), json!({"external_id": number})).await;
    assert_eq!((answer.status, answer.field("/external_id")), (200, number.to_owned()));
}

fn ids(rows: &[Value], name: &str) -> Vec<i64> {
    rows.iter().filter_map(|row| row[name].as_i64()).collect()
}

#[tokio::test]
async fn a_service_keeps_its_number_and_its_notes_with_a_member() {
    let world = World::new().await;
    let shop = shop(&world).await;
    let body = json!({
        "name": "Nisha", "email": "nisha@example.com", "external_id": " customer-7 ", "metadata": {"tier": "gold"},
    });
    let registered = shop.post("/api/users/register", body).await;
    assert_eq!(registered.status, 201, "{registered}");
    assert_snapshot!(world.admin.get("/api/users?external_id=customer-7").await, @r#"
    200 {
      "data": [
        {
          "email": "nisha@example.com",
          "external_id": "customer-7",
          "is_active": true,
          "joined_at": "2026-01-01T00:00:00.000Z",
          "metadata": {
            "tier": "gold"
          },
          "name": "Nisha",
          "referral_code": "6P4MJBTG09",
          "referral_link": "https://shop.example/r/6P4MJBTG09",
          "referrer_id": null,
          "slots_limit": 8,
          "slots_used": 0,
          "user_id": 5
        }
      ],
      "next_cursor": null
    }
    "#);
    let change = json!({"external_id": "customer-8", "metadata": {"till": "4", "tier": null}});
    let changed = shop.patch("/api/users/5", change).await;
    assert_eq!((changed.status, changed.field("/external_id")), (200, "customer-8".into()));
    assert_eq!(changed.json()["metadata"], json!({"till": "4"}));
    let gone = shop.patch("/api/users/5", json!({"external_id": null, "metadata": null})).await;
    assert_eq!((&gone.json()["external_id"], &gone.json()["metadata"]), (&Value::Null, &json!({})));
    let refused = shop.patch("/api/users/5", json!({"is_active": false, "metadata": {"a": "b"}})).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "forbidden"));
    let herself = world.signed_in(5).await.get("/api/users/5").await.json();
    assert!(herself.get("external_id").is_none() && herself.get("metadata").is_none(), "{herself}");
}

#[tokio::test]
async fn nobody_who_registers_herself_has_a_number_or_notes() {
    let world = World::new().await;
    for field in [json!({"external_id": "7"}), json!({"metadata": {"tier": "gold"}})] {
        let mut body = json!({"name": "Nisha", "email": "nisha@example.com"});
        body.as_object_mut().unwrap().extend(field.as_object().unwrap().clone());
        for actor in [&world.anonymous, &world.member] {
            let refused = actor.post("/api/users/register", body.clone()).await;
            assert_eq!((refused.status, refused.code().as_str()), (422, "shop_fields_not_allowed"));
        }
    }
}

#[tokio::test]
async fn a_purchase_names_its_buyer_in_one_way() {
    let world = World::new().await;
    let shop = shop(&world).await;
    number(&world, CHETAN, "customer-7").await;
    let sale = json!({"external_user_id": "customer-7", "amount": "2000.00", "reference": "o-1"});
    let bought = shop.post("/api/purchases", sale.clone()).await;
    assert_eq!((bought.status, bought.field("/user_id")), (201, CHETAN.to_string()));
    let again = shop.post("/api/purchases", sale.clone()).await;
    assert_eq!((again.status, again.text()), (200, bought.text()));
    for body in
        [json!({"amount": "5"}), json!({"user_id": CHETAN, "external_user_id": "customer-7", "amount": "5"})]
    {
        let refused = shop.post("/api/purchases", body.clone()).await;
        assert_eq!((refused.status, refused.code().as_str()), (422, "invalid_body"), "{body}");
        assert_eq!(refused.pointers(), ["/user_id", "/external_user_id"], "{body}");
    }
    let unknown = shop.post("/api/purchases", json!({"external_user_id": "nobody", "amount": "5"})).await;
    assert_eq!((unknown.status, unknown.code().as_str()), (404, "user_not_found"));
    assert!(unknown.field("/detail").contains("\"nobody\""), "{unknown}");
    for bad in [json!(""), json!("x".repeat(65)), json!("a\nb"), json!(7), Value::Null] {
        let refused = shop.post("/api/purchases", json!({"external_user_id": bad, "amount": "5"})).await;
        assert_eq!(
            (refused.status, refused.pointers()),
            (422, vec!["/external_user_id".to_owned()]),
            "{bad}"
        );
    }
    let lines = [
        sale.to_string(),
        r#"{"external_user_id": "customer-7", "amount": "5", "metadata": {"till": "4"}}"#.into(),
        r#"{"external_user_id": "nobody", "amount": "5"}"#.into(),
        r#"{"amount": "5"}"#.into(),
    ];
    let bulk = shop.post_lines("/api/purchases/bulk", &lines.join("\n")).await;
    let told: Vec<Value> = bulk.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let statuses: Vec<_> = told.iter().filter_map(|line| line["status"].as_i64()).collect();
    assert_eq!(statuses, [200, 201, 404, 422]);
    assert_eq!(world.owner.get("/api/purchases/2").await.json()["metadata"], json!({"till": "4"}));
}

#[tokio::test]
async fn notes_of_a_purchase_stay_with_it() {
    let world = World::new().await;
    let shop = shop(&world).await;
    let mut sale =
        json!({"user_id": CHETAN, "amount": "2000", "reference": "o-1", "metadata": {"till": "4"}});
    let first = shop.post("/api/purchases", sale.clone()).await;
    assert_eq!(first.json()["metadata"], json!({"till": "4"}));
    sale["metadata"] = json!({"till": "5"});
    let again = shop.post("/api/purchases", sale.clone()).await;
    assert_eq!(
        (again.status, again.text()),
        (200, first.text()),
        "they are no part of what a reference says"
    );
    for (notes, pointer) in [
        (json!({"till": 4}), "/metadata/till"),
        (json!({"till": "x".repeat(501)}), "/metadata/till"),
        (json!({"x".repeat(41): ""}), &format!("/metadata/{}", "x".repeat(41))),
        (json!(["till"]), "/metadata"),
        (
            json!((0..21).map(|number| (format!("k{number}"), json!(""))).collect::<serde_json::Map<_, _>>()),
            "/metadata",
        ),
    ] {
        sale["metadata"] = notes;
        let refused = shop.post("/api/purchases", sale.clone()).await;
        assert_eq!((refused.status, refused.pointers()), (422, vec![pointer.to_owned()]));
    }
}

#[tokio::test]
async fn a_list_answers_the_one_that_is_looked_for() {
    let world = World::new().await;
    number(&world, BINA, "customer-2").await;
    let code = world.code_of(BINA).await;
    let reader = world.service("read").await;
    for query in [
        "email=bina.shah@example.com".to_owned(),
        "email=%20BINA.Shah@Example.com".to_owned(),
        format!("code={code}"),
        format!("code={}", code.to_lowercase()),
        "external_id=customer-2".to_owned(),
        format!("external_id=customer-2&code={code}&limit=1"),
        "external_id=customer-2&cursor=3".to_owned(),
    ] {
        let found = reader.get(&format!("/api/users?{query}")).await;
        assert_eq!((found.status, ids(&found.rows(), "user_id")), (200, vec![BINA]), "{query}");
        assert_eq!(found.json()["next_cursor"], Value::Null);
    }
    for query in [
        "email=nobody@example.com",
        "code=0000000000",
        "external_id=Customer-2",
        "external_id=customer-2&email=asha.rao@example.com",
        "external_id=customer-2&cursor=2",
    ] {
        assert!(reader.get(&format!("/api/users?{query}")).await.rows().is_empty(), "{query}");
    }
    for query in ["email=x", "email=", "code=x", "external_id=", "email=a@b.cd&email=a@b.cd"] {
        let refused = reader.get(&format!("/api/users?{query}")).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "invalid_query"), "{query}");
    }

    for order in ["o-1", "o-2"] {
        let sale = json!({"user_id": CHETAN, "amount": "5", "reference": order});
        assert_eq!(world.admin.post("/api/purchases", sale).await.status, 201);
    }
    let found = reader.get("/api/purchases?reference=o-1").await;
    assert_eq!(found.rows(), [reader.get("/api/purchases").await.rows()[1].clone()]);
    for query in ["reference=o-3", "reference=O-1", "reference=o-2&cursor=2"] {
        assert!(reader.get(&format!("/api/purchases?{query}")).await.rows().is_empty(), "{query}");
    }
    for query in ["reference=", "reference=%20o-1", "reference=o-1&reference=o-1"] {
        let refused = reader.get(&format!("/api/purchases?{query}")).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "invalid_query"), "{query}");
        assert!(refused.field("/detail").contains("`reference`"), "{refused}");
    }
}

#[tokio::test]
async fn a_purchase_is_refunded_by_its_reference() {
    let world = World::new().await;
    let shop = shop(&world).await;
    let sale = json!({"user_id": CHETAN, "amount": "2000", "reference": "o-1"});
    shop.post("/api/purchases", sale).await;
    let refund = json!({"reference_of_purchase": "o-1", "amount": "500.00", "reference": "r-1"});
    let first = shop.post("/api/refunds", refund.clone()).await;
    assert_eq!((first.status, first.field("/net")), (201, "1500.00".into()));
    let by_id = json!({"amount": "500.00", "reference": "r-1"});
    for again in [
        shop.post("/api/refunds", refund.clone()).await,
        shop.post("/api/purchases/1/refunds", by_id).await,
        shop.with("idempotency-key", "r-1").post("/api/refunds", refund).await,
    ] {
        assert_eq!((again.status, again.header("idempotent-replayed")), (200, Some("true")));
        assert_eq!(again.text(), first.text());
    }
    for (body, status, code) in [
        (json!({"reference_of_purchase": "o-9", "amount": "1"}), 404, "purchase_not_found"),
        (json!({"reference_of_purchase": "o-1", "amount": "1500.01"}), 422, "refund_exceeds_purchase"),
        (json!({"reference_of_purchase": "o-1", "amount": "0"}), 422, "invalid_amount"),
        (json!({"reference_of_purchase": " ", "amount": "1"}), 422, "invalid_body"),
        (json!({"amount": "1"}), 422, "invalid_body"),
        (
            json!({"reference_of_purchase": "o-1", "amount": "501", "reference": "r-1"}),
            409,
            "reference_reused",
        ),
    ] {
        let refused = shop.post("/api/refunds", body.clone()).await;
        assert_eq!((refused.status, refused.code().as_str()), (status, code), "{body}");
    }
}

/// The problem without what differs from caller to caller.
fn holders(problem: &Value) -> [&Value; 3] {
    ["user_id", "purchase_id", "run_id"].map(|name| &problem[name])
}

#[tokio::test]
async fn who_has_what_is_taken_is_told_to_those_who_may_read_all() {
    let world = World::new().await;
    let all = "users:write purchases:write payouts:write";
    let (blind, seeing) = (world.service(all).await, world.service(&format!("read {all}")).await);
    number(&world, BINA, "customer-2").await;
    for actor in [&blind.with("idempotency-key", "n-1"), &world.admin] {
        actor.post("/api/users/register", json!({"name": "Nisha", "email": "nisha@example.com"})).await;
    }
    let order = json!({"user_id": CHETAN, "amount": "2000", "reference": "o-1"});
    blind.post("/api/purchases", order).await;
    blind
        .post("/api/refunds", json!({"reference_of_purchase": "o-1", "amount": "1", "reference": "r-1"}))
        .await;
    blind.post("/api/payouts/runs", json!({"reference": "run-1"})).await;
    let (register, none) = ("/api/users/register", Value::Null);
    let key = |actor: &Actor| actor.with("idempotency-key", "n-1");
    for (path, body, keyed, code, expected) in [
        (
            register,
            json!({"name": "X", "email": "bina.shah@example.com"}),
            false,
            "email_taken",
            [json!(BINA), none.clone(), none.clone()],
        ),
        (
            register,
            json!({"name": "X", "email": "x@example.com", "external_id": "customer-2"}),
            false,
            "external_id_taken",
            [json!(BINA), none.clone(), none.clone()],
        ),
        (
            register,
            json!({"name": "X", "email": "x@example.com"}),
            true,
            "reference_reused",
            [json!(5), none.clone(), none.clone()],
        ),
        (
            "/api/purchases",
            json!({"user_id": CHETAN, "amount": "1", "reference": "o-1"}),
            false,
            "reference_reused",
            [none.clone(), json!(1), none.clone()],
        ),
        (
            "/api/purchases/1/refunds",
            json!({"amount": "2", "reference": "r-1"}),
            false,
            "reference_reused",
            [none.clone(), json!(1), none.clone()],
        ),
        (
            "/api/payouts/runs",
            json!({"minimum": "5", "reference": "run-1"}),
            false,
            "reference_reused",
            [none.clone(), none.clone(), json!(1)],
        ),
    ] {
        for (actor, sees) in [(&blind, false), (&seeing, true), (&world.admin, true), (&world.owner, true)] {
            let actor = if keyed { key(actor) } else { actor.clone() };
            let refused = actor.post(path, body.clone()).await;
            assert_eq!((refused.status, refused.code().as_str()), (409, code), "{path} {body}");
            let told = refused.json();
            let hidden = [none.clone(), none.clone(), none.clone()];
            assert_eq!(holders(&told), if sees { &expected } else { &hidden }.each_ref(), "{path} {told}");
        }
    }
    let stranger =
        world.anonymous.post(register, json!({"name": "X", "email": "bina.shah@example.com"})).await;
    assert_eq!((stranger.code().as_str(), holders(&stranger.json())), ("email_taken", [&none; 3]));
    let taken = json!({"external_id": "customer-2"});
    for (actor, told) in [(&blind, none), (&seeing, json!(BINA))] {
        let refused = actor.patch(&format!("/api/users/{ASHA}"), taken.clone()).await;
        assert_eq!((refused.status, refused.code().as_str()), (409, "external_id_taken"));
        assert_eq!(refused.json()["user_id"], told);
    }
    let line = r#"{"user_id": 3, "amount": "1", "reference": "o-1"}"#;
    for (actor, told) in [(&blind, Value::Null), (&seeing, json!(1))] {
        let answer = actor.post_lines("/api/purchases/bulk", line).await;
        let answer: Value = serde_json::from_str(answer.text()).unwrap();
        assert_eq!((&answer["status"], &answer["purchase_id"]), (&json!(409), &told));
    }
}
