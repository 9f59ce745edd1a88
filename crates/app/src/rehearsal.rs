//! What a change of balances would do to whom, before anybody says yes to it.
//! Nothing is written, and references are not looked up.

use domain::refund::reversals;
use domain::{Money, Name, Scope, UserId};
use store::Snapshot;

use crate::adjustments::AdjustError;
use crate::refunds::{self, NewRefund, RefundError};
use crate::{App, Caller};

/// What one balance would become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Whose.
    pub user: UserId,
    /// What she is called.
    pub name: Name,
    /// What would be added; negative for what would be taken.
    pub amount: Money,
    /// Her balance now.
    pub before: Money,
}

impl Effect {
    /// Her balance after it; none where it would not fit.
    pub fn after(&self) -> Option<Money> {
        self.before.checked_add(self.amount)
    }
}

/// What a refund would take from whom, nearest level first.
pub async fn refund(app: &App, caller: &Caller, new: NewRefund) -> Result<Vec<Effect>, RefundError> {
    caller.require(Scope::PurchasesWrite)?;
    app.store
        .read(async move |view| {
            let id = refunds::find(view, &new.purchase).await?;
            let (purchase, _) = view.purchase(id).await?.ok_or(RefundError::PurchaseNotFound(id))?;
            let left = purchase.net();
            let net = left.checked_sub(new.amount).filter(|net| *net >= Money::ZERO);
            let net = net.ok_or(RefundError::ExceedsPurchase(left))?;
            let plan = view.plan(purchase.plan).await?.expect("a purchase refers to its plan").plan;
            let mut effects = Vec::new();
            for reversal in reversals(&plan, &purchase, left, net) {
                let taken = Money::ZERO.checked_sub(reversal.amount).expect("less than the purchase");
                effects.extend(effect(view, reversal.earner, taken).await?);
            }
            Ok(effects)
        })
        .await
}

/// What an adjustment would do to a balance.
pub async fn adjustment(
    app: &App,
    caller: &Caller,
    user: UserId,
    amount: Money,
) -> Result<Effect, AdjustError> {
    caller.require(Scope::Admin)?;
    let found = app.store.read(async move |view| effect(view, user, amount).await).await?;
    found.ok_or(AdjustError::UserNotFound(user))
}

/// None where there is no such user.
async fn effect(view: &mut Snapshot<'_>, user: UserId, amount: Money) -> store::Result<Option<Effect>> {
    let (member, account) = (view.member(user).await?, view.account(user).await?);
    let (Some(member), Some(account)) = (member, account) else { return Ok(None) };
    Ok(Some(Effect { user, name: member.user.name, amount, before: account.totals.balance() }))
}
