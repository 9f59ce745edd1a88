//! `GET /api/plan/versions`

use serde_json::json;

use crate::answer::Answer;
use crate::world::World;

fn versions(answer: &Answer) -> Vec<i64> {
    answer.rows().iter().map(|row| row["version"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn versions_are_listed_newest_first_page_by_page() {
    let world = World::new().await;
    for limit in [3, 4, 5] {
        let body = json!({"levels": ["1%"], "commission_above": "0", "max_direct_referrals": limit});
        assert_eq!(world.owner.put("/api/plan", body).await.status, 200);
    }
    let reader = world.service("read").await;
    let all = reader.get("/api/plan/versions").await;
    assert_eq!((versions(&all), all.field("/next_cursor")), (vec![4, 3, 2, 1], "null".into()));
    assert_eq!(all.rows()[0], reader.get("/api/plan").await.json());

    let first = reader.get("/api/plan/versions?limit=3").await;
    assert_eq!((versions(&first), first.field("/next_cursor")), (vec![4, 3, 2], "2".into()));
    let second = reader.get("/api/plan/versions?limit=3&cursor=2").await;
    assert_eq!((versions(&second), second.field("/next_cursor")), (vec![1], "null".into()));
    assert_eq!(reader.get("/api/plan/versions?limit=0").await.code(), "invalid_query");
}
