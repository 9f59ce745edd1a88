//! Random histories: whatever happens in whatever order, the books are right
//! and the totals are those of a model that fits on a page.

use app::members::{RegisterError, register_in};
use app::purchases::record_batch;
use domain::{Level, Money, Plan, ReferralCode, Timestamp, UserId};
use proptest::prelude::*;
use proptest::test_runner::Config;
use store::Tx;

use crate::world::{ADMIN, World, newcomer, sale, seconds};

/// How many members one member may bring, few enough to be reached.
const LIMIT: u32 = 3;

/// How many steps make one transaction.
const TOGETHER: usize = 10;

#[derive(Clone, Debug)]
enum Step {
    /// Somebody registers, under one of the members or under nobody.
    Join(Option<prop::sample::Index>),
    /// One batch of purchases: who, and for how many paise.
    Buy(Vec<(prop::sample::Index, i64)>),
    /// Somebody is activated or deactivated.
    Switch(prop::sample::Index, bool),
}

fn step() -> impl Strategy<Value = Step> {
    let member = any::<prop::sample::Index>;
    // Around the threshold, around half a paisa, and anywhere.
    let paise = prop_oneof![99_990..=100_110_i64, 1..=1_000_000_i64, 1..=Money::MAX_AMOUNT.paise() / 100];
    prop_oneof![
        3 => prop::option::weighted(0.9, member()).prop_map(Step::Join),
        5 => prop::collection::vec((member(), paise), 1..4).prop_map(Step::Buy),
        2 => (member(), any::<bool>()).prop_map(|(user, active)| Step::Switch(user, active)),
    ]
}

/// What a member must come to.
#[derive(Clone)]
struct Person {
    id: UserId,
    referrer: Option<usize>,
    directs: u32,
    active: bool,
    lines: i64,
    by_level: [i64; 2],
}

#[derive(Clone, Default)]
struct Model {
    people: Vec<Person>,
    purchases: i64,
    sales: i64,
}

impl Model {
    /// 5 % and 1 % above 1000.00, half up, to whoever is active.
    fn buy(&mut self, buyer: usize, paise: i64) {
        (self.purchases, self.sales) = (self.purchases + 1, self.sales + paise);
        let mut above = self.people[buyer].referrer;
        for (level, percent) in [5, 1].into_iter().enumerate() {
            let Some(index) = above else { return };
            let person = &mut self.people[index];
            if paise > 1_000_00 && person.active {
                person.by_level[level] += (paise * percent + 50) / 100;
                person.lines += 1;
            }
            above = person.referrer;
        }
    }
}

proptest! {
    #![proptest_config(Config {
        cases: 50,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    })]

    #[test]
    fn any_history_leaves_right_books_and_the_totals_of_the_model(
        steps in prop::collection::vec(step(), 100),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(live_through(&steps));
    }
}

async fn live_through(steps: &[Step]) {
    let world = World::new();
    world.set_plan(Plan { max_direct_referrals: LIMIT, ..Plan::default() }).await;
    let mut model = Model::default();
    for steps in steps.chunks(TOGETHER) {
        let (steps, before, now) = (steps.to_vec(), model.clone(), world.app.now());
        let live = async move |tx: &mut Tx<'_>| {
            let mut model = before.clone();
            for (millis, step) in (1..).zip(&steps) {
                take(tx, &mut model, now.plus_millis(millis), step).await?;
            }
            Ok::<_, store::Error>(model)
        };
        model = world.app.store().write(live).await.unwrap();
        world.advance(seconds(1));
    }
    compare(&world, &model).await;
    world.app.stop().await;
}

async fn take(tx: &mut Tx<'_>, model: &mut Model, now: Timestamp, step: &Step) -> store::Result<()> {
    let count = model.people.len();
    match step {
        Step::Join(under) => {
            let referrer = under.filter(|_| count > 0).map(|index| index.index(count));
            join(tx, model, now, referrer).await?;
        }
        _ if count == 0 => {}
        Step::Buy(sales) => {
            let sales: Vec<_> = sales.iter().map(|(buyer, paise)| (buyer.index(count), *paise)).collect();
            let sold = sales
                .iter()
                .map(|(buyer, paise)| sale(model.people[*buyer].id, &Money::from_paise(*paise).to_string()));
            let batch = record_batch(tx, now, &sold.collect::<Vec<_>>()).await?;
            assert!(batch.answers.iter().all(Result::is_ok));
            for (buyer, paise) in sales {
                model.buy(buyer, paise);
            }
        }
        Step::Switch(user, active) => {
            let person = &mut model.people[user.index(count)];
            tx.set_active(person.id, *active, now).await?;
            person.active = *active;
        }
    }
    Ok(())
}

async fn join(
    tx: &mut Tx<'_>,
    model: &mut Model,
    now: Timestamp,
    referrer: Option<usize>,
) -> store::Result<()> {
    let number = model.people.len();
    let own = |number: usize| ReferralCode::from_bits(1_000 + number as u64);
    let new = newcomer(&format!("Member {number}"), referrer.map(own));
    let answer = register_in(tx, now, &new, own(number), None).await;
    match referrer.map(|index| &mut model.people[index]) {
        Some(person) if !person.active => {
            assert!(matches!(answer, Err(RegisterError::ReferrerInactive)), "{answer:?}");
        }
        Some(person) if person.directs == LIMIT => {
            assert!(matches!(answer, Err(RegisterError::ReferralLimitReached(LIMIT))), "{answer:?}");
        }
        above => {
            if let Some(person) = above {
                person.directs += 1;
            }
            let id = answer.unwrap().0.user.id;
            model.people.push(Person { id, referrer, directs: 0, active: true, lines: 0, by_level: [0; 2] });
        }
    }
    Ok(())
}

async fn compare(world: &World, model: &Model) {
    world.books_are_right().await;
    let mut by_level = [0; 2];
    for person in &model.people {
        let account = world.account(person.id).await;
        let levels = [1, 2].map(|number| account.totals.by_level.get(Level::new(number).unwrap()).paise());
        assert_eq!((account.active, account.seq, levels), (person.active, person.lines, person.by_level));
        assert_eq!(account.totals.balance().paise(), person.by_level.iter().sum::<i64>());
        assert_eq!(world.member(person.id).await.slots_used, person.directs);
        for (sum, level) in by_level.iter_mut().zip(person.by_level) {
            *sum += level;
        }
    }
    let (_, totals) = app::programme::totals(&world.app, &ADMIN).await.unwrap();
    let active = model.people.iter().filter(|person| person.active).count();
    assert_eq!(totals.members, i64::try_from(model.people.len()).unwrap());
    assert_eq!(totals.active_members, i64::try_from(active).unwrap());
    assert_eq!((totals.purchases, totals.sales.paise()), (model.purchases, model.sales));
    assert_eq!(totals.commissions().paise(), by_level.iter().sum::<i64>());
    assert_eq!([1, 2].map(|number| totals.by_level.get(Level::new(number).unwrap()).paise()), by_level);
}
