//! The real programme, doing what the model does, and saying at each step what
//! the model says.

use std::sync::Arc;
use std::time::Duration;

use app::adjustments::{NewAdjustment, adjust};
use app::members::RegisterError;
use app::payouts::{self, Order, PayoutError, Settlement};
use app::plans::{self, Begins};
use app::purchases::{self, NewPurchase, Payer};
use app::refunds::{NewRefund, RefundError, refund};
use domain::{HoldDays, Level, Money, PayoutId, Plan, PurchaseId, Rate, Reference, ReferralCode, UserId};
use proptest::sample::Index;

use super::model::{LEVELS, Model, Terms};
use super::steps::{Fate, Part, Step};
use crate::world::{ADMIN, World, reference};

/// A world and the model of it, with the ids of what goes by its number there.
pub(super) struct Programme {
    pub(super) world: World,
    pub(super) model: Model,
    users: Vec<(UserId, ReferralCode)>,
    purchases: Vec<PurchaseId>,
    payouts: Vec<PayoutId>,
    answered: Vec<Request>,
    references: u32,
}

/// A request that can be sent again.
#[derive(Clone)]
enum Request {
    Buy(NewPurchase),
    Refund(NewRefund),
    Adjust(NewAdjustment),
    PayOut(Money, Reference),
}

impl Programme {
    pub(super) async fn new() -> Self {
        let mut model = Model::default();
        // The plan that every programme starts with.
        let first = Terms {
            above: 1_000_00,
            limit: 8,
            rates: vec![500, 100],
            rounding: domain::Rounding::HalfUp,
            hold_days: 0,
            cap: None,
        };
        model.set_plan(first, i64::MIN);
        Self {
            world: World::fleeting().await,
            model,
            users: Vec::new(),
            purchases: Vec::new(),
            payouts: Vec::new(),
            answered: Vec::new(),
            references: 0,
        }
    }

    pub(super) fn now(&self) -> i64 {
        self.world.app.now().millis()
    }

    /// Takes one step; what points at somebody or something is left out while
    /// there is none.
    pub(super) async fn take(&mut self, step: &Step) {
        let user = |index: &Index| (!self.users.is_empty()).then(|| index.index(self.users.len()));
        let sale = |index: &Index| (!self.purchases.is_empty()).then(|| index.index(self.purchases.len()));
        match step {
            Step::Join(under) => self.join(under.as_ref().and_then(user)).await,
            Step::Buy(index, paise) => {
                if let Some(buyer) = user(index) {
                    self.buy(buyer, *paise).await;
                }
            }
            Step::Rush(sales) => {
                let sales: Vec<_> =
                    sales.iter().filter_map(|(buyer, paise)| Some((user(buyer)?, *paise))).collect();
                self.rush(&sales).await;
            }
            Step::BuyElsewhere(index, paise) => {
                if let Some(buyer) = user(index) {
                    self.buy_elsewhere(buyer, *paise).await;
                }
            }
            Step::Refund(index, part) => {
                if let Some(sale) = sale(index) {
                    self.refund(sale, *part).await;
                }
            }
            Step::PayOut(minimum) => self.pay_out(*minimum).await,
            Step::Settle(index, fate) => {
                if !self.payouts.is_empty() {
                    self.settle(index.index(self.payouts.len()), *fate).await;
                }
            }
            Step::Adjust(index, paise) => {
                if let Some(user) = user(index) {
                    self.adjust(user, *paise).await;
                }
            }
            Step::Switch(index, active) => {
                if let Some(user) = user(index) {
                    self.world.set_active(self.users[user].0, *active).await;
                    self.model.people[user].active = *active;
                }
            }
            Step::SetPlan(terms, after) => self.set_plan(terms, *after).await,
            Step::Wait(seconds) => self.world.advance(Duration::from_secs(*seconds)),
            Step::Again(index) => {
                if !self.answered.is_empty() {
                    self.again(index.index(self.answered.len())).await;
                }
            }
        }
    }

    async fn join(&mut self, referrer: Option<usize>) {
        let code = referrer.map(|index| self.users[index].1);
        let answer = self.world.register(&format!("Member {}", self.users.len()), code).await;
        let limit = self.model.terms(self.now()).limit;
        match referrer.map(|index| &self.model.people[index]) {
            Some(person) if !person.active => {
                assert!(matches!(answer, Err(RegisterError::ReferrerInactive)), "{answer:?}");
            }
            Some(person) if person.directs >= limit => {
                let Err(RegisterError::ReferralLimitReached(said)) = answer else { panic!("{answer:?}") };
                assert_eq!(said, limit);
            }
            _ => {
                let user = answer.unwrap().member.user;
                self.users.push((user.id, user.code));
                self.model.join(referrer);
            }
        }
    }

    async fn buy(&mut self, buyer: usize, paise: i64) {
        self.rush(&[(buyer, paise)]).await;
    }

    /// Several buy, and nobody waits for the answer of another. In which order
    /// they come makes no difference to anybody's money.
    async fn rush(&mut self, sales: &[(usize, i64)]) {
        let mut waiting = Vec::new();
        for (buyer, paise) in sales {
            let (amount, reference) = (Money::from_paise(*paise), Some(self.next_reference()));
            let new = NewPurchase { reference, ..NewPurchase::new(self.users[*buyer].0, amount) };
            self.answered.push(Request::Buy(new.clone()));
            let app = Arc::clone(&self.world.app);
            waiting.push(tokio::spawn(async move { purchases::record(&app, &ADMIN, new).await }));
        }
        for ((buyer, paise), answer) in sales.iter().zip(waiting) {
            let recorded = answer.await.unwrap().unwrap();
            assert!(!recorded.replayed);
            self.purchases.push(recorded.purchase.id);
            self.model.buy(*buyer, *paise, self.now());
        }
    }

    async fn buy_elsewhere(&mut self, buyer: usize, paise: i64) {
        let sale = NewPurchase::new(self.users[buyer].0, Money::from_paise(paise));
        let sale = NewPurchase { payer: Payer::Elsewhere, ..sale };
        let recorded = purchases::record(&self.world.app, &ADMIN, sale).await.unwrap();
        self.purchases.push(recorded.purchase.id);
        self.model.buy_elsewhere(paise, self.now());
    }

    async fn refund(&mut self, sale: usize, part: Part) {
        let left = self.model.sales[sale].left;
        let paise = match part {
            Part::Thousandths(count) => (left * count / 1_000).max(1),
            Part::Rest => left.max(1),
            Part::TooMuch => left + 1,
        };
        let (purchase, amount) = (self.purchases[sale], Money::from_paise(paise));
        let new = NewRefund { purchase: purchase.into(), amount, reference: Some(self.next_reference()) };
        let answer = refund(&self.world.app, &ADMIN, new.clone()).await;
        if paise > left {
            let Err(RefundError::ExceedsPurchase(said)) = answer else { panic!("{answer:?}") };
            assert_eq!(said.paise(), left);
        } else {
            let (refunded, replayed) = answer.unwrap();
            assert_eq!((refunded.refund.net.paise(), replayed), (left - paise, false));
            self.answered.push(Request::Refund(new));
            self.model.leave(sale, left - paise);
        }
    }

    async fn pay_out(&mut self, minimum: i64) {
        let due = self.model.due(minimum, self.now());
        let total = due.iter().map(|(_, amount)| amount).sum::<i64>();
        let (app, minimum) = (Arc::clone(&self.world.app), Money::from_paise(minimum));
        let preview = payouts::preview(&app, &ADMIN, minimum, Order::User, 1).await.unwrap();
        assert_eq!((preview.payouts, preview.total.paise()), (due.len(), total));

        let reference = self.next_reference();
        let answer = payouts::make_run(&app, &ADMIN, minimum, Some(reference.clone())).await;
        if due.is_empty() {
            assert!(matches!(answer, Err(PayoutError::NothingDue(said)) if said == minimum), "{answer:?}");
            return;
        }
        let (run, replayed) = answer.unwrap();
        assert_eq!((run.payouts, run.total.paise(), replayed), (due.len().try_into().unwrap(), total, false));
        let made = payouts::of_run(&app, &ADMIN, run.id, PayoutId::new(0), usize::MAX).await.unwrap();
        let found = made.iter().map(|(payout, _)| (payout.user, payout.amount.paise()));
        let should_be = due.iter().map(|(user, amount)| (self.users[*user].0, *amount));
        assert_eq!(found.collect::<Vec<_>>(), should_be.collect::<Vec<_>>());
        self.payouts.extend(made.iter().map(|(payout, _)| payout.id));
        self.answered.push(Request::PayOut(minimum, reference));
        for (user, amount) in due {
            self.model.pay(user, amount);
        }
    }

    async fn settle(&mut self, payout: usize, fate: Fate) {
        let settlement = match fate {
            Fate::Paid => Settlement::Paid,
            Fate::Failed => Settlement::Failed("no such account".parse().unwrap()),
        };
        let answer = payouts::settle(&self.world.app, &ADMIN, self.payouts[payout], settlement).await;
        match self.model.payouts[payout].fate {
            None => {
                answer.unwrap();
                self.model.settle(payout, fate);
            }
            Some(before) if before == fate => drop(answer.unwrap()),
            Some(_) => assert!(matches!(answer, Err(PayoutError::Settled(_))), "{answer:?}"),
        }
    }

    async fn adjust(&mut self, user: usize, paise: i64) {
        let new = NewAdjustment {
            user: self.users[user].0,
            amount: Money::from_paise(paise),
            reason: "Goodwill".parse().unwrap(),
            reference: Some(self.next_reference()),
        };
        let (_, replayed) = adjust(&self.world.app, &ADMIN, new.clone()).await.unwrap();
        assert!(!replayed);
        self.answered.push(Request::Adjust(new));
        self.model.adjust(user, paise);
    }

    async fn set_plan(&mut self, terms: &Terms, after: i64) {
        let rate = |bps: &i64| Rate::from_basis_points(u16::try_from(*bps).unwrap()).unwrap();
        let plan = Plan {
            commission_above: Money::from_paise(terms.above),
            max_direct_referrals: terms.limit,
            levels: terms.rates.iter().map(rate).collect::<Vec<_>>().try_into().unwrap(),
            rounding: terms.rounding,
            hold: HoldDays::new(terms.hold_days).unwrap(),
            max_commission: terms.cap.map(Money::from_paise),
            ..Plan::default()
        };
        let begins = match after {
            0 => Begins::Now,
            after => Begins::At(self.world.app.now().plus_millis(after)),
        };
        let set = plans::set(&self.world.app, &ADMIN, plan, begins).await.unwrap();
        self.model.set_plan(terms.clone(), set.effective_from.millis());
    }

    async fn again(&self, request: usize) {
        let app = &self.world.app;
        let replayed = match self.answered[request].clone() {
            Request::Buy(new) => purchases::record(app, &ADMIN, new).await.unwrap().replayed,
            Request::Refund(new) => refund(app, &ADMIN, new).await.unwrap().1,
            Request::Adjust(new) => adjust(app, &ADMIN, new).await.unwrap().1,
            Request::PayOut(minimum, reference) => {
                payouts::make_run(app, &ADMIN, minimum, Some(reference)).await.unwrap().1
            }
        };
        assert!(replayed);
    }

    fn next_reference(&mut self) -> Reference {
        self.references += 1;
        reference(&format!("request {}", self.references))
    }

    /// Fails unless every balance and every total is the model's.
    pub(super) async fn compare(&self) {
        let now = self.world.app.now();
        let mut by_level = [0; LEVELS];
        for (person, (user, _)) in self.model.people.iter().zip(&self.users) {
            let statement = app::earnings::statement(&self.world.app, &ADMIN, *user).await.unwrap();
            let totals = statement.account.totals;
            let levels = Level::all().map(|level| totals.by_level.get(level).paise());
            assert_eq!(levels.collect::<Vec<_>>(), person.by_level, "user {user}");
            let found = [totals.reversed, totals.paid, totals.adjusted, totals.balance(), statement.pending];
            let should_be = [
                person.reversed,
                person.paid,
                person.adjusted,
                person.balance(),
                person.pending(now.millis()),
            ];
            assert_eq!(found.map(Money::paise), should_be, "user {user}");
            assert_eq!((statement.account.active, statement.account.seq), (person.active, person.lines));
            assert_eq!(self.world.member(*user).await.slots_used, person.directs, "user {user}");
            for (sum, level) in by_level.iter_mut().zip(person.by_level) {
                *sum += level;
            }
        }
        let (_, totals) = app::programme::totals(&self.world.app, &ADMIN).await.unwrap();
        let (people, sales) = (&self.model.people, &self.model.sales);
        let active = people.iter().filter(|person| person.active).count();
        assert_eq!(totals.members, i64::try_from(people.len()).unwrap());
        assert_eq!(totals.active_members, i64::try_from(active).unwrap());
        assert_eq!(totals.purchases, i64::try_from(sales.len()).unwrap());
        assert_eq!(totals.sales.paise(), sales.iter().map(|sale| sale.paise).sum::<i64>());
        assert_eq!(totals.reversed.paise(), people.iter().map(|person| person.reversed).sum::<i64>());
        let levels = Level::all().map(|level| totals.by_level.get(level).paise());
        assert_eq!(levels.collect::<Vec<_>>(), by_level);
    }
}
