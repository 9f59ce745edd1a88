//! `banyan plan`: shown as a file, set from one, and tried on the past.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::home::{Home, Member, Server, text};
use crate::http::Request;

const PLAN: &str = "currency = \"INR\"
commission_above = \"500.00\"
max_direct_referrals = 4
levels = [\"10%\", \"2.5%\", \"0.5%\"]
rounding = \"down\"
hold_days = 30
max_commission = \"500.00\"";

impl Home {
    fn file(&self, content: &str) -> PathBuf {
        let path = self.path().join("plan.toml");
        fs::write(&path, content).unwrap();
        path
    }

    /// Sets the plan of this file, and answers what was printed.
    fn set_plan(&self, content: &str) -> String {
        self.print(&["plan", "set", self.file(content).to_str().unwrap()])
    }
}

/// Four members in a line; the last has bought.
fn traded(home: &Home, server: &Server, amounts: &[&str]) -> Vec<Member> {
    let key = home.key(&["users:write", "purchases:write"]);
    let mut line: Vec<Member> = Vec::new();
    for name in ["Asha Rao", "Ben Das", "Chetan Gupta", "Devi Iyer"] {
        line.push(server.register(&key, name, line.last().map(|member| member.code.as_str())));
    }
    for amount in amounts {
        let body = json!({"user_id": line[3].id, "amount": amount});
        Request::post("/api/purchases", body).by(&key).send(&server.url).expect(201);
    }
    line
}

#[test]
fn a_plan_that_is_to_come_is_withdrawn_beside_a_running_server() {
    let home = Home::new();
    let server = home.serve();
    let file = home.file(PLAN);
    home.print(&["plan", "set", file.to_str().unwrap(), "--effective-from", "2099-01-01T00:00:00Z"]);
    let told = home.print(&["plan", "withdraw", "2"]);
    assert_eq!(told, "Plan 2 is withdrawn: it does not come into force at 2099-01-01T00:00:00Z.");
    let all = home.print(&["plan", "show", "--all"]);
    assert!(all.starts_with("# Plan 2, from 2099-01-01T00:00:00Z, withdrawn 20"), "{all}");
    let again: Value = serde_json::from_str(&home.print(&["plan", "withdraw", "2", "--json"])).unwrap();
    let listed = Request::get("/api/plan/versions").by(&home.admin_token()).send(&server.url).expect(200);
    assert_eq!(listed["data"][0], again);
    let refused = home.run(&["plan", "withdraw", "1"]);
    assert_eq!(refused.status.code(), Some(1));
    let why = text(&refused.stderr);
    assert!(why.contains("plan 1 began at 1970-01-01T00:00:00Z"), "{why}");
    home.verify();
    server.stop();
}

#[test]
fn what_is_shown_can_be_set_again() {
    let home = Home::new();
    home.print(&["migrate"]);
    let (first, plan) =
        home.print(&["plan", "show"]).split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert_eq!(first, "# Plan 1, from 1970-01-01T00:00:00Z, in force");
    assert!(home.set_plan(&plan).starts_with("Plan 2 is in force from 20"));
    assert!(home.print(&["plan", "show"]).ends_with(&plan));

    home.set_plan(PLAN);
    let shown = home.print(&["plan", "show"]);
    assert_eq!(shown.split_once('\n').unwrap().1, PLAN);
    home.set_plan(&shown);
    assert_eq!(home.print(&["plan", "show"]).split_once('\n').unwrap().1, PLAN);

    let all = home.print(&["plan", "show", "--all"]);
    let headings: Vec<&str> = all.lines().filter(|line| line.starts_with('#')).collect();
    assert_eq!(headings.len(), 4, "{all}");
    assert!(headings[0].starts_with("# Plan 4") && headings[0].ends_with("in force"), "{all}");
    assert!(headings[3].starts_with("# Plan 1") && !headings[1].ends_with("in force"), "{all}");
}

#[test]
fn programs_read_what_the_api_answers() {
    let home = Home::new();
    let server = home.serve();
    let set = home.print(&["plan", "set", home.file(PLAN).to_str().unwrap(), "--json"]);
    let shown: Value = serde_json::from_str(&home.print(&["plan", "show", "--json"])).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&set).unwrap(), shown);
    let token = home.admin_token();
    assert_eq!(Request::get("/api/plan").by(&token).send(&server.url).expect(200), shown);
    let all = home.print(&["plan", "show", "--all", "--json"]);
    let versions: Vec<Value> = all.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(versions.iter().map(|plan| &plan["version"]).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn a_running_server_pays_by_the_new_plan_and_a_coming_one_waits() {
    let home = Home::new();
    let server = home.serve();
    let line = traded(&home, &server, &["2000.00"]);
    home.set_plan(PLAN);
    let key = home.key(&["purchases:write"]);
    let buy = || {
        let body = json!({"user_id": line[3].id, "amount": "600.00"});
        Request::post("/api/purchases", body).by(&key).send(&server.url).expect(201)
    };
    let bought = buy();
    assert_eq!((&bought["plan_version"], &bought["earnings"][2]["amount"]), (&json!(2), &json!("3.00")));

    let file = home.file("commission_above = '0'\nmax_direct_referrals = 1\nlevels = ['1%']");
    let coming = home.print(&["plan", "set", file.to_str().unwrap(), "--effective-from", "2100-01-01"]);
    assert_eq!(coming, "Plan 3 is in force from 2099-12-31T18:30:00Z on.");
    assert_eq!(buy()["plan_version"], 2);
    home.verify();
}

#[test]
fn a_new_book_takes_over_the_past_under_the_plan_of_then() {
    let home = Home::new();
    let own = "commission_above = '0'\nmax_direct_referrals = 20\nlevels = ['10%', '3%']";
    let plan = home.file(own);
    let set = ["plan", "set", plan.to_str().unwrap(), "--effective-from", "2025-01-01"];
    assert_eq!(home.print(&set), "Plan 2 is in force from 2024-12-31T18:30:00Z on.");
    let users = home.file(
        "name,email,referral_code,referrer_email,joined_at\nR,r@example.com,,,2025-01-02\n\
         A,a@example.com,,r@example.com,2025-01-03\nC,c@example.com,,a@example.com,2025-01-04\n",
    );
    home.print(&["import", "users", users.to_str().unwrap()]);
    let purchases = home.file(
        "user_email,amount,reference,occurred_at\nc@example.com,2000.00,order-1,2025-03-10T12:00:00Z\n",
    );
    home.print(&["import", "purchases", purchases.to_str().unwrap()]);
    let entries = home.print(&["export", "entries"]);
    for line in ["2,a@example.com,1,commission,200.00,200.00", "1,r@example.com,1,commission,60.00,60.00"] {
        assert!(entries.contains(line), "{entries}");
    }
    home.verify();

    home.file(own);
    let refused = home.run(&set);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let words = "purchase 1 of 2025-03-10T12:00:00Z was decided under another plan";
    assert!(text(&refused.stderr).contains(words), "{refused:?}");
    let both = home.run(&[&set[..], &["--after-last-sale"]].concat());
    assert_eq!(both.status.code(), Some(2), "{both:?}");
    let after = home.print(&["plan", "set", plan.to_str().unwrap(), "--after-last-sale"]);
    assert!(after.starts_with("Plan 3 is in force from 20"), "{after}");
}

#[test]
fn a_plan_that_is_none_is_told_with_its_line_and_nothing_changes() {
    let home = Home::new();
    home.print(&["migrate"]);
    for (content, words) in [
        (format!("{PLAN}\nthreshold = 5"), ["line 8", "unknown field `threshold`"]),
        (PLAN.replace("\"down\"", "\"up\""), ["line 5", "half_even"]),
        (PLAN.replace("= 30", "= 366"), ["line 6", "0 to 365"]),
        (PLAN.replace("\"10%\"", "\"98%\""), ["line 4", "100%"]),
        (PLAN.replace("INR", "USD"), ["INR", "USD"]),
        ("levels = ['5%']".into(), ["plan.toml", "missing field"]),
    ] {
        let file = home.file(&content);
        for command in ["set", "simulate"] {
            let output = home.run(&["plan", command, file.to_str().unwrap()]);
            assert_eq!(output.status.code(), Some(1), "{content}: {output:?}");
            let told = text(&output.stderr);
            assert!(words.iter().all(|word| told.contains(word)), "{content}: {told}");
        }
    }
    let output = home.run(&["plan", "set", "nowhere.toml"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("cannot read nowhere.toml"), "{output:?}");
    assert!(home.print(&["plan", "show"]).starts_with("# Plan 1"));
}

#[test]
fn the_past_under_another_plan_is_told_in_total_and_member_by_member() {
    let home = Home::new();
    let server = home.serve();
    traded(&home, &server, &["600.00", "2000.00", "10000.00"]);
    let file = home.file(PLAN);
    let file = file.to_str().unwrap();
    let csv = home.path().join("members.csv");
    let told = home.print(&["plan", "simulate", file, "--members", csv.to_str().unwrap()]);
    for line in [
        "3 purchases of 12600.00 INR, 0.00 of it refunded",
        "commissions                               720.00         1138.00         +418.00",
        "share of sales                             5.71%           9.03%",
        "level 3                                     0.00           63.00          +63.00",
        "3 members would have earned more, 0 less, 1 the same",
        "      2  Ben Das                          120.00          315.00         +195.00",
    ] {
        assert!(told.contains(line), "{line:?} is not in\n{told}");
    }
    let expected = "user_id,earned,would_earn,difference
2,120.00,315.00,195.00
3,600.00,760.00,160.00
1,0.00,63.00,63.00
";
    assert_eq!(fs::read_to_string(&csv).unwrap(), expected);

    let body = json!({"levels": ["10%", "2.5%", "0.5%"], "commission_above": "500.00",
        "max_direct_referrals": 4, "rounding": "down", "hold_days": 30, "max_commission": "500.00"});
    let answer = Request::post("/api/plan/simulate", body).by(&home.admin_token()).send(&server.url);
    let printed: Value = serde_json::from_str(&home.print(&["plan", "simulate", file, "--json"])).unwrap();
    assert_eq!(printed, answer.expect(200));

    let none = home.print(&["plan", "simulate", file, "--since", "2100-01-01", "--json"]);
    let none: Value = serde_json::from_str(&none).unwrap();
    assert_eq!((&none["purchases"], &none["since"]), (&json!(0), &json!("2099-12-31T18:30:00.000Z")));
    assert!(home.print(&["plan", "show"]).starts_with("# Plan 1"));
    home.verify();
}

#[test]
fn the_plan_that_is_in_force_makes_no_difference() {
    let home = Home::new();
    let server = home.serve();
    traded(&home, &server, &["1001.30", "2000.00", "999.99"]);
    server.stop();
    let plan = home.print(&["plan", "show"]);
    let told = home.print(&["plan", "simulate", home.file(&plan).to_str().unwrap(), "--json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["books"], told["plan"]);
    assert_eq!((&told["difference"], &told["unchanged"]), (&json!("0.00"), &json!(4)));
}

#[test]
fn a_mistyped_directory_is_told() {
    let home = Home::new();
    let file = home.file(PLAN);
    for arguments in [&["plan", "show"][..], &["plan", "simulate", file.to_str().unwrap()]] {
        let output = home.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
    }
    assert!(!home.data_dir().exists(), "looking makes nothing");
}
