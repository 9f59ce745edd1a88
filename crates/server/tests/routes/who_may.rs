//! Who may do what: every route of the API by every kind of caller.
//!
//! The routes are read from the OpenAPI document, so a new one is in the table
//! before anybody thinks of it.

use axum::http::Method;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::world::{ASHA, BINA, ESHA, NOBODY, World};

/// One method of one path, as `GET /api/users/{user_id}`.
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) template: String,
}

impl Operation {
    /// Every operation of the API.
    pub(crate) fn all() -> Vec<Self> {
        let document = serde_json::to_value(server::api::document()).unwrap();
        let paths = document["paths"].as_object().expect("paths");
        let operation = |template: &String, method: &String| Self {
            method: method.to_uppercase(),
            template: template.clone(),
        };
        paths
            .iter()
            .flat_map(|(path, item)| {
                item.as_object().unwrap().keys().map(move |method| operation(path, method))
            })
            .collect()
    }

    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.template)
    }

    /// Whether the path names somebody or something by an id.
    pub(crate) fn names_an_id(&self) -> bool {
        self.template.contains("_id}")
    }

    pub(crate) fn path(&self, id: impl ToString) -> String {
        let id = id.to_string();
        // The first line of somebody's ledger.
        let path = self
            .template
            .replace("{entry_id}", &format!("{id}-1"))
            .replace("{code}", CODE)
            .replace("{month}", "2025-12")
            .replace("{version}", "2");
        ["{user_id}", "{purchase_id}", "{run_id}", "{payout_id}"]
            .into_iter()
            .fold(path, |path, name| path.replace(name, &id))
    }

    /// What is said of an id that nothing has.
    fn not_found(&self) -> &'static str {
        [
            ("{purchase_id}", "purchase_not_found"),
            ("{run_id}", "payout_run_not_found"),
            ("{payout_id}", "payout_not_found"),
            ("{entry_id}", "entry_not_found"),
            ("{user_id}", "user_not_found"),
        ]
        .into_iter()
        .find_map(|(name, code)| self.template.contains(name).then_some(code))
        .expect("the path names something")
    }

    /// A body that this operation takes; `call` makes it another one each time.
    fn body(&self, call: usize) -> Value {
        match self.name().as_str() {
            "PATCH /api/payouts/{payout_id}" => json!({"status": "paid"}),
            "PATCH /api/payouts/runs/{run_id}" => json!({"status": "paid", "all": true}),
            "PATCH /api/users/{user_id}" => json!({"is_active": true}),
            "POST /api/payouts/runs" => json!({"reference": RUN}),
            "POST /api/purchases" | "POST /api/purchases/bulk" => json!({"user_id": ASHA, "amount": "1.00"}),
            "POST /api/purchases/{purchase_id}/refunds" => json!({"amount": "0.01"}),
            "POST /api/refunds" => json!({"reference_of_purchase": ORDER, "amount": "0.01"}),
            "POST /api/sessions" => json!({"email": "nisha@example.com", "password": "correct horse"}),
            "POST /api/users/register" => json!({"name": "N", "email": format!("n{call}@example.com")}),
            "POST /api/users/{user_id}/adjustments" => {
                json!({"direction": "credit", "amount": "1.00", "reason": "thanks"})
            }
            "POST /api/users/{user_id}/tokens"
            | "POST /api/users/{user_id}/sessions/end"
            | "POST /api/sessions/browser"
            | "POST /api/months/{month}/close"
            | "POST /api/months/{month}/reopen" => json!({}),
            "DELETE /api/sessions/current"
            | "DELETE /api/sessions/browser"
            | "DELETE /api/plan/versions/{version}" => Value::Null,
            "PUT /api/programme/time-zone" => json!({"time_zone": "Europe/Berlin"}),
            "PUT /api/plan" | "POST /api/plan/simulate" => {
                json!({"levels": ["5%", "1%"], "commission_above": "1000", "max_direct_referrals": 8})
            }
            other => panic!("say what body {other} takes"),
        }
    }

    /// Asks for it about this id.
    pub(crate) async fn ask(&self, actor: &Actor, id: impl ToString, call: usize) -> crate::answer::Answer {
        self.ask_at(&self.path(id), actor, call).await
    }

    /// The same, with a query.
    pub(crate) async fn ask_with(
        &self,
        query: &str,
        actor: &Actor,
        id: impl ToString,
        call: usize,
    ) -> crate::answer::Answer {
        self.ask_at(&format!("{}?{query}", self.path(id)), actor, call).await
    }

    async fn ask_at(&self, path: &str, actor: &Actor, call: usize) -> crate::answer::Answer {
        match self.method.as_str() {
            "GET" => actor.get(path).await,
            "POST" if self.template.ends_with("/bulk") => {
                actor.post_lines(path, &self.body(call).to_string()).await
            }
            "POST" => actor.post(path, self.body(call)).await,
            "PATCH" => actor.patch(path, self.body(call)).await,
            "PUT" => actor.put(path, self.body(call)).await,
            "DELETE" => actor.send(Method::DELETE, path, "").await,
            other => panic!("{other} is not asked yet"),
        }
    }
}

/// The code of Asha, of whom chance makes the same in every world.
const CODE: &str = "0TCK9K0631";

/// The reference of a purchase.
const ORDER: &str = "order-1";

/// The reference of the payout run: once it is made, everybody may ask for it again.
const RUN: &str = "run-1";

/// A world in which everything that is asked about by id 1 is there.
pub(crate) async fn world_in_which_everything_is_there() -> World {
    let world = World::new().await;
    let last_year = json!({"user_id": ASHA, "amount": "1.00", "occurred_at": "2025-12-15"});
    assert_eq!(world.owner.post("/api/purchases", last_year).await.status, 201);
    world.buy(ESHA, "1500.00").await;
    world.buy(BINA, "1500.00").await;
    let order = json!({"user_id": ESHA, "amount": "5.00", "reference": ORDER});
    assert_eq!(world.admin.post("/api/purchases", order).await.status, 201);
    assert_eq!(world.owner.post("/api/payouts/runs", json!({"reference": RUN})).await.status, 201);
    let to_come = json!({
        "levels": ["5%"], "commission_above": "0", "max_direct_referrals": 8, "effective_from": "2099-01-01",
    });
    assert_eq!(world.owner.put("/api/plan", to_come).await.status, 200);
    let nisha = json!({"name": "Nisha", "email": "nisha@example.com", "password": "correct horse"});
    assert_eq!(world.anonymous.post("/api/users/register", nisha).await.status, 201);
    world
}

fn line(title: &str, cells: Vec<String>) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:>11}")).collect();
    format!("{title:44}{}", cells.concat())
}

#[tokio::test]
async fn every_route_answers_every_kind_of_caller_as_the_table_says() {
    let world = world_in_which_everything_is_there().await;
    let [read, users, purchases, payouts] = [
        world.service("read").await,
        world.service("users:write").await,
        world.service("purchases:write").await,
        world.service("payouts:write").await,
    ];
    let mut table = Vec::new();
    for (call, operation) in Operation::all().into_iter().enumerate() {
        // Some operations end the sessions of whoever calls them.
        let member = world.signed_in(ASHA).await;
        let callers = [
            ("anonymous", &world.anonymous, ASHA),
            ("herself", &member, ASHA),
            ("another", &world.other_member, ASHA),
            ("unknown", &world.other_member, NOBODY),
            ("read", &read, ASHA),
            ("users:", &users, ASHA),
            ("purchases:", &purchases, ASHA),
            ("payouts:", &payouts, ASHA),
            ("admin", &world.admin, ASHA),
            ("owner", &world.owner_signed_in().await, ASHA),
        ];
        if table.is_empty() {
            table.push(line("", callers.iter().map(|(name, ..)| (*name).to_owned()).collect()));
        }
        let mut row = Vec::new();
        for (column, (name, actor, id)) in callers.iter().enumerate() {
            if matches!(*name, "another" | "unknown") && !operation.names_an_id() {
                row.push("-".to_owned());
                continue;
            }
            let answer = operation.ask(actor, id, call * callers.len() + column).await;
            row.push(answer.status.to_string());
            match answer.status {
                401 => assert_eq!(answer.code(), "unauthorized"),
                403 => assert_eq!(answer.code(), "forbidden"),
                status => assert!(status < 300, "{}: {answer}", operation.name()),
            }
        }
        table.push(line(&operation.name(), row));
    }
    assert_snapshot!(table.join("\n"), @"
                                                  anonymous    herself    another    unknown       read     users: purchases:   payouts:      admin      owner
    GET /api/audit                                      401        403          -          -        403        403        403        403        200        200
    GET /api/codes/{code}                               200        200          -          -        200        200        200        200        200        200
    GET /api/earnings/{user_id}                         401        200        403        403        200        403        403        403        200        200
    GET /api/earnings/{user_id}/chart                   401        200        403        403        200        403        403        403        200        200
    GET /api/earnings/{user_id}/entries                 401        200        403        403        200        403        403        403        200        200
    GET /api/earnings/{user_id}/months                  401        200        403        403        200        403        403        403        200        200
    GET /api/earnings/{user_id}/statement               401        200        403        403        200        403        403        403        200        200
    GET /api/earnings/{user_id}/statement.csv           401        200        403        403        200        403        403        403        200        200
    GET /api/earnings/{user_id}/today                   401        200        403        403        200        403        403        403        200        200
    GET /api/entries/{entry_id}/explain                 401        200        403        403        200        403        403        403        200        200
    GET /api/me                                         401        200          -          -        200        200        200        200        200        200
    GET /api/months                                     401        403          -          -        200        403        403        403        200        200
    POST /api/months/{month}/close                      401        403          -          -        403        403        403        403        200        200
    POST /api/months/{month}/reopen                     401        403          -          -        403        403        403        403        200        200
    GET /api/payouts/preview                            401        403          -          -        200        403        403        200        200        200
    GET /api/payouts/runs                               401        403          -          -        200        403        403        200        200        200
    POST /api/payouts/runs                              401        403          -          -        403        403        403        200        200        200
    GET /api/payouts/runs/{run_id}                      401        403        403        403        200        403        403        200        200        200
    PATCH /api/payouts/runs/{run_id}                    401        403        403        403        403        403        403        200        200        200
    GET /api/payouts/runs/{run_id}/payouts              401        403        403        403        200        403        403        200        200        200
    GET /api/payouts/runs/{run_id}/payouts.csv          401        403        403        403        200        403        403        200        200        200
    PATCH /api/payouts/{payout_id}                      401        403        403        403        403        403        403        200        200        200
    GET /api/plan                                       401        200          -          -        200        200        200        200        200        200
    PUT /api/plan                                       401        403          -          -        403        403        403        403        200        200
    POST /api/plan/simulate                             401        403          -          -        403        403        403        403        200        200
    GET /api/plan/versions                              401        403          -          -        200        403        403        403        200        200
    DELETE /api/plan/versions/{version}                 401        403          -          -        403        403        403        403        200        200
    GET /api/programme                                  401        403          -          -        200        403        403        403        200        200
    PUT /api/programme/time-zone                        401        403          -          -        403        403        403        403        200        200
    GET /api/purchases                                  401        403          -          -        200        403        403        403        200        200
    POST /api/purchases                                 401        403          -          -        403        403        201        403        201        201
    POST /api/purchases/bulk                            401        403          -          -        403        403        200        403        200        200
    GET /api/purchases/{purchase_id}                    401        403        403        403        200        403        403        403        200        200
    GET /api/purchases/{purchase_id}/refunds            401        403        403        403        200        403        403        403        200        200
    POST /api/purchases/{purchase_id}/refunds           401        403        403        403        403        403        201        403        201        201
    POST /api/refunds                                   401        403          -          -        403        403        201        403        201        201
    POST /api/sessions                                  201        201          -          -        201        201        201        201        201        201
    DELETE /api/sessions/browser                        204        204          -          -        204        204        204        204        204        204
    POST /api/sessions/browser                          401        204          -          -        204        204        204        204        204        204
    DELETE /api/sessions/current                        401        204          -          -        403        403        403        403        403        204
    GET /api/stats                                      401        403          -          -        200        403        403        403        200        200
    GET /api/users                                      401        403          -          -        200        403        403        403        200        200
    POST /api/users/register                            201        201          -          -        403        201        403        403        201        201
    GET /api/users/{user_id}                            401        200        403        403        200        403        403        403        200        200
    PATCH /api/users/{user_id}                          401        403        403        403        403        403        403        403        200        200
    POST /api/users/{user_id}/adjustments               401        403        403        403        403        403        403        403        201        201
    GET /api/users/{user_id}/payouts                    401        200        403        403        200        403        403        200        200        200
    GET /api/users/{user_id}/referrals                  401        200        403        403        200        403        403        403        200        200
    POST /api/users/{user_id}/sessions/end              401        200        403        403        403        200        403        403        200        200
    POST /api/users/{user_id}/tokens                    401        403        403        403        403        201        403        403        201        201
    ");
}

#[tokio::test]
async fn what_does_not_exist_is_404_for_those_who_see_all() {
    let world = World::new().await;
    for operation in Operation::all().into_iter().filter(Operation::names_an_id) {
        let code = operation.not_found();
        for actor in [&world.admin, &world.owner] {
            for id in [0, NOBODY, (1 << 53) - 1] {
                let answer = operation.ask(actor, id, 0).await;
                assert_eq!((answer.status, answer.code().as_str()), (404, code), "{}", operation.name());
            }
        }
    }
}

#[tokio::test]
async fn an_id_that_is_no_number_is_400_on_every_route() {
    let world = World::new().await;
    for operation in Operation::all().into_iter().filter(Operation::names_an_id) {
        for id in ["asha", "-1", "+1", "1.0", "1e3", "0x1", "%20", "%D9%A1", "9007199254740992", "1%00"] {
            let answer = operation.ask(&world.owner, id, 0).await;
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (400, "invalid_id"),
                "{} {id}",
                operation.name()
            );
        }
    }
}
