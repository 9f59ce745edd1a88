//! Random histories: whatever happens in whatever order, the books are right
//! and every balance is that of a model that knows nothing of the code.

mod model;
mod programme;
mod steps;

use proptest::prelude::*;
use proptest::test_runner::Config;

use self::programme::Programme;
use self::steps::{Step, step};

/// How many histories are lived through, unless `PROPTEST_CASES` says otherwise.
const HISTORIES: u32 = 2_000;

/// The same across a network, where a step costs twenty times as much.
const HISTORIES_ON_POSTGRES: u32 = 100;

/// How many steps each of them has.
const STEPS: usize = 60;

proptest! {
    #![proptest_config(Config {
        cases: histories(),
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    })]

    #[test]
    fn any_history_leaves_right_books_and_the_balances_of_the_model(
        steps in prop::collection::vec(step(), STEPS),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(live_through(&steps));
    }
}

fn histories() -> u32 {
    let is_set = |name| std::env::var_os(name).is_some();
    match (is_set("PROPTEST_CASES"), is_set("BANYAN_TESTS_ENGINE")) {
        (true, _) => Config::default().cases,
        (false, true) => HISTORIES_ON_POSTGRES,
        (false, false) => HISTORIES,
    }
}

async fn live_through(steps: &[Step]) {
    let mut programme = Programme::new().await;
    for step in steps {
        programme.take(step).await;
    }
    programme.compare().await;
    programme.world.books_are_right().await;
    programme.world.app.stop().await;
}
