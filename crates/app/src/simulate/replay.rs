//! Every purchase again, by its own plan and by another.

use std::collections::HashMap;

use domain::commission::decide_each;
use domain::{Earner, LevelTotals, Money, Plan, PlanVersion, PurchaseId, Rate};
use store::{PlanRecord, Sale, Snapshot};

use super::people::{Activity, People};
use super::{Cost, MemberChange, Progress, Simulation, WhatIf, rank};

/// Purchases read at a time.
const PAGE: usize = 10_000;

/// What was added up so far.
pub(super) struct Replay<'w> {
    what_if: &'w WhatIf,
    plans: Vec<PlanRecord>,
    people: People,
    purchases: u64,
    settled_elsewhere: u64,
    sales: Money,
    refunded: Money,
    books: Side,
    plan: Side,
    upline: Upline,
}

impl<'w> Replay<'w> {
    pub(super) async fn prepare(view: &mut Snapshot<'_>, what_if: &'w WhatIf) -> store::Result<Self> {
        let plans = view.plans().await?;
        let deeper = |record: &PlanRecord| record.plan.levels.depth() < what_if.plan.levels.depth();
        let activity = match plans.iter().any(deeper) {
            true => Activity::AlsoByMember,
            false => Activity::AsDecided,
        };
        let people = People::load(view, activity).await?;
        Ok(Self {
            what_if,
            plans,
            purchases: 0,
            settled_elsewhere: 0,
            sales: Money::ZERO,
            refunded: Money::ZERO,
            books: Side::new(people.count()),
            plan: Side::new(people.count()),
            upline: Upline::default(),
            people,
        })
    }

    pub(super) async fn run(
        &mut self,
        view: &mut Snapshot<'_>,
        progress: &impl Fn(Progress),
    ) -> store::Result<()> {
        let newest = view.purchases_page(None, 1).await?;
        let number = |id: PurchaseId| id.get().unsigned_abs();
        let total = newest.first().map_or(0, |(purchase, _)| number(purchase.id));
        let mut last = PurchaseId::new(0);
        loop {
            let page = view.scan_sales(last, PAGE).await?;
            let Some(newest) = page.last() else { return Ok(()) };
            last = newest.id;
            for sale in page.iter().filter(|sale| Some(sale.occurred_at) >= self.what_if.since) {
                self.add(sale)?;
            }
            progress(Progress { done: number(last), total });
        }
    }

    fn add(&mut self, sale: &Sale) -> store::Result<()> {
        if sale.decided.is_empty() {
            self.settled_elsewhere += 1;
            return Ok(());
        }
        self.purchases += 1;
        add(&mut self.sales, sale.amount)?;
        add(&mut self.refunded, sale.refunded)?;

        let own = plan_of(&self.plans, sale.plan)?;
        let other = &self.what_if.plan;
        let net = sale.amount.checked_sub(sale.refunded).unwrap_or_default();
        if net <= own.commission_above.min(other.commission_above) {
            return Ok(());
        }
        self.upline.climb(&self.people, sale, own.levels.depth().max(other.levels.depth()))?;
        self.books.pay(own, net, &self.upline)?;
        self.plan.pay(other, net, &self.upline)
    }

    pub(super) fn finish(self) -> store::Result<Simulation> {
        let net_sales = self.sales.checked_sub(self.refunded).unwrap_or_default();
        let members = (0..self.people.count()).map(|place| MemberChange {
            user: self.people.id(place),
            earned: self.books.earned[place],
            would_earn: self.plan.earned[place],
        });
        let mut members: Vec<MemberChange> = members
            .filter(|member| (member.earned, member.would_earn) != (Money::ZERO, Money::ZERO))
            .collect();
        rank(&mut members);
        let count = |is: fn(&MemberChange) -> bool| members.iter().filter(|member| is(member)).count() as u64;
        let gain = count(|member| member.would_earn > member.earned);
        let lose = count(|member| member.would_earn < member.earned);
        Ok(Simulation {
            currency: self.what_if.plan.currency,
            purchases: self.purchases,
            settled_elsewhere: self.settled_elsewhere,
            sales: self.sales,
            refunded: self.refunded,
            books: self.books.cost(net_sales)?,
            plan: self.plan.cost(net_sales)?,
            depth: self.what_if.plan.levels.depth(),
            members,
            gain,
            lose,
            unchanged: self.people.count() as u64 - gain - lose,
            names: HashMap::new(),
        })
    }
}

/// What everybody comes to under one set of plans.
struct Side {
    by_level: LevelTotals,
    /// For each place.
    earned: Vec<Money>,
}

impl Side {
    fn new(people: usize) -> Self {
        Self { by_level: LevelTotals::default(), earned: vec![Money::ZERO; people] }
    }

    fn pay(&mut self, plan: &Plan, net: Money, upline: &Upline) -> store::Result<()> {
        for (decision, place) in decide_each(plan, net, &upline.earners).zip(&upline.places) {
            if decision.outcome.pays() {
                add(self.by_level.get_mut(decision.level), decision.amount)?;
                add(&mut self.earned[*place], decision.amount)?;
            }
        }
        Ok(())
    }

    fn cost(&self, net_sales: Money) -> store::Result<Cost> {
        let total = self.by_level.checked_sum().ok_or_else(overflow)?;
        Ok(Cost { total, share: Rate::share(total, net_sales), by_level: self.by_level })
    }
}

/// The people above a buyer, nearest first, and their places.
#[derive(Default)]
struct Upline {
    earners: Vec<Earner>,
    places: Vec<usize>,
}

impl Upline {
    /// Goes up from a buyer: everybody as active as she was, which the purchase
    /// itself says of the levels that were decided.
    fn climb(&mut self, people: &People, sale: &Sale, depth: usize) -> store::Result<()> {
        self.earners.clear();
        self.places.clear();
        for (level, place) in domain::Level::all().take(depth).zip(people.upline(people.place(sale.buyer)?)) {
            let as_decided = sale.decided.active(level);
            let active = as_decided.unwrap_or_else(|| people.was_active(place, sale.id));
            self.earners.push(Earner { user: people.id(place), active });
            self.places.push(place);
        }
        Ok(())
    }
}

fn plan_of(plans: &[PlanRecord], version: PlanVersion) -> store::Result<&Plan> {
    let found = plans.binary_search_by_key(&version, |record| record.version);
    let missing = |_| store::Error::Inconsistent {
        table: "purchases",
        column: "plan_version",
        value: version.to_string(),
    };
    found.map(|index| &plans[index].plan).map_err(missing)
}

fn add(sum: &mut Money, amount: Money) -> store::Result<()> {
    *sum = sum.checked_add(amount).ok_or_else(overflow)?;
    Ok(())
}

fn overflow() -> store::Error {
    store::Error::OutOfRange("what is simulated")
}
