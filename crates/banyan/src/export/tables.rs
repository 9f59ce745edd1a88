//! The columns of each export.

use std::collections::HashMap;
use std::io::{self, Write};

use app::metadata;
use app::purchases::Payer;
use domain::{
    Cause, Email, Entry, ExternalId, PayoutId, PayoutRunId, Purchase, PurchaseId, Refund, RefundId,
    Timestamp, UserId,
};
use server::Rfc3339;
use server::api::{PAYOUT_COLUMNS, payout_cells};
use store::{Member, NumberedAuditEvent, Snapshot, Store};

use super::Csv;
use crate::Failure;
use crate::cli::Exported;

/// Rows read at a time.
const PAGE: usize = 5_000;

/// Writes all of it as it is at this moment, and answers how many rows that are.
pub(super) async fn write<W: Write>(
    store: &Store,
    what: Exported,
    run: Option<PayoutRunId>,
    csv: impl Fn() -> Csv<W> + Send + 'static,
) -> Result<u64, Failure> {
    store
        .read(async move |view| {
            let mut csv = csv();
            match what {
                Exported::Users => users(view, &mut csv).await?,
                Exported::Purchases => purchases(view, &mut csv).await?,
                Exported::Entries => entries(view, &mut csv).await?,
                Exported::Refunds => refunds(view, &mut csv).await?,
                Exported::Payouts => payouts(view, &mut csv, run).await?,
                Exported::Audit => audit(view, &mut csv).await?,
            }
            Ok(csv.finish()?)
        })
        .await
}

/// Takes every row of a scan, page by page. `key` names the last of a page,
/// after which the next begins.
async fn each<K, T>(
    mut last: K,
    mut scan: impl AsyncFnMut(K) -> store::Result<Vec<T>>,
    key: impl Fn(&T) -> K,
    mut take: impl FnMut(&T) -> io::Result<()>,
) -> Result<(), Failure> {
    loop {
        let page = scan(last).await?;
        let Some(newest) = page.last() else { return Ok(()) };
        last = key(newest);
        page.iter().try_for_each(&mut take)?;
    }
}

async fn users(view: &mut Snapshot<'_>, csv: &mut Csv<impl Write>) -> Result<(), Failure> {
    csv.header(
        "user_id,name,email,referral_code,referrer_email,joined_at,is_active,slots_used,external_id,metadata",
    )?;
    let mut emails: HashMap<UserId, Email> = HashMap::new();
    let row = |Member { user, active, slots_used, external_id, metadata, .. }: &Member| {
        emails.insert(user.id, user.email.clone());
        csv.row([
            user.id.to_string(),
            user.name.to_string(),
            user.email.to_string(),
            user.code.to_string(),
            text(user.referrer.and_then(|referrer| emails.get(&referrer))),
            moment(user.joined_at),
            active.to_string(),
            slots_used.to_string(),
            text(external_id.as_ref()),
            metadata::write(metadata),
        ])
    };
    let scan = async |last| view.scan_members(last, PAGE).await;
    each(UserId::new(0), scan, |member| member.user.id, row).await
}

async fn purchases(view: &mut Snapshot<'_>, csv: &mut Csv<impl Write>) -> Result<(), Failure> {
    csv.header(
        "purchase_id,user_id,user_email,amount,refunded,reference,plan_version,occurred_at,booked_at,\
         recorded_at,commission,settled_elsewhere,external_user_id,metadata",
    )?;
    let (emails, numbers) = names(view).await?;
    let row = |purchase: &Purchase| {
        csv.row([
            purchase.id.to_string(),
            purchase.buyer.to_string(),
            text(emails.get(&purchase.buyer)),
            purchase.amount.to_string(),
            purchase.refunded.to_string(),
            text(purchase.reference.as_ref()),
            purchase.plan.to_string(),
            moment(purchase.occurred_at),
            moment(purchase.booked_at),
            moment(purchase.recorded_at),
            purchase.commission().to_string(),
            (Payer::of(purchase) == Payer::Elsewhere).to_string(),
            text(numbers.get(&purchase.buyer)),
            metadata::write(&purchase.metadata),
        ])
    };
    let scan = async |last| view.scan_purchases(last, PAGE).await;
    each(PurchaseId::new(0), scan, |purchase| purchase.id, row).await
}

async fn entries(view: &mut Snapshot<'_>, csv: &mut Csv<impl Write>) -> Result<(), Failure> {
    csv.header(
        "user_id,user_email,seq,kind,amount,balance,total_earnings,purchase_id,from_user_id,level,refund_id,\
         payout_id,adjustment_id,created_at,booked_at,matures_at",
    )?;
    let emails = emails(view).await?;
    let row = |entry: &Entry| {
        let origin = entry.origin();
        let (refund, payout, adjustment) = match entry.cause {
            Cause::Commission(_) => (None, None, None),
            Cause::Reversal(_, refund) => (Some(refund), None, None),
            Cause::Payout(payout) | Cause::PayoutReturned(payout) => (None, Some(payout), None),
            Cause::Adjustment(adjustment) => (None, None, Some(adjustment)),
        };
        csv.row([
            entry.user.to_string(),
            text(emails.get(&entry.user)),
            entry.seq.to_string(),
            entry.kind().to_string(),
            entry.amount.to_string(),
            entry.totals.balance().to_string(),
            entry.totals.earnings().to_string(),
            text(origin.map(|origin| origin.purchase)),
            text(origin.map(|origin| origin.source)),
            text(origin.map(|origin| origin.level)),
            text(refund),
            text(payout),
            text(adjustment),
            moment(entry.times.occurred_at),
            moment(entry.times.booked_at),
            text(entry.times.matures_at.map(moment)),
        ])
    };
    let scan = async |last| view.scan_entries(last, PAGE).await;
    each((UserId::new(0), 0), scan, |entry| (entry.user, entry.seq), row).await
}

async fn refunds(view: &mut Snapshot<'_>, csv: &mut Csv<impl Write>) -> Result<(), Failure> {
    csv.header("refund_id,purchase_id,reference,amount,net,created_at")?;
    let row = |refund: &Refund| {
        csv.row([
            refund.id.to_string(),
            refund.purchase.to_string(),
            text(refund.reference.as_ref()),
            refund.amount.to_string(),
            refund.net.to_string(),
            moment(refund.created_at),
        ])
    };
    let scan = async |last| view.scan_refunds(last, PAGE).await;
    each(RefundId::new(0), scan, |refund| refund.id, row).await
}

/// All payouts, or those of one run, with whom they are for.
async fn payouts(
    view: &mut Snapshot<'_>,
    csv: &mut Csv<impl Write>,
    run: Option<PayoutRunId>,
) -> Result<(), Failure> {
    if let Some(run) = run
        && view.payout_run(run).await?.is_none()
    {
        return Err(format!("payout run {run} does not exist").into());
    }
    csv.header(&PAYOUT_COLUMNS.join(","))?;
    let mut last = PayoutId::new(0);
    loop {
        let page = match run {
            Some(run) => view.payouts_of_run(run, last, PAGE).await?,
            None => view.scan_payouts(last, PAGE).await?,
        };
        let Some(newest) = page.last() else { return Ok(()) };
        last = newest.id;
        let users: Vec<UserId> = page.iter().map(|payout| payout.user).collect();
        let members = view.members_by_id(&users).await?;
        page.iter().try_for_each(|payout| csv.row(payout_cells(payout, &members[&payout.user])))?;
    }
}

async fn audit(view: &mut Snapshot<'_>, csv: &mut Csv<impl Write>) -> Result<(), Failure> {
    csv.header("id,created_at,actor,action,subject,detail")?;
    let row = |(id, event): &NumberedAuditEvent| {
        let (actor, action, subject, detail) =
            (event.actor.clone(), event.action.clone(), event.subject.clone(), event.detail.clone());
        csv.row([id.to_string(), moment(event.at), actor, action, subject, detail])
    };
    each(0, async |last| view.scan_audit(last, PAGE).await, |(id, _)| *id, row).await
}

/// Everybody's address.
async fn emails(view: &mut Snapshot<'_>) -> Result<HashMap<UserId, Email>, Failure> {
    Ok(names(view).await?.0)
}

/// Everybody's address, and the shop's number of those who have one.
async fn names(
    view: &mut Snapshot<'_>,
) -> Result<(HashMap<UserId, Email>, HashMap<UserId, ExternalId>), Failure> {
    let (mut emails, mut numbers) = (HashMap::new(), HashMap::new());
    let scan = async |last| view.scan_members(last, PAGE).await;
    let keep = |member: &Member| {
        emails.insert(member.user.id, member.user.email.clone());
        numbers.extend(member.external_id.clone().map(|number| (member.user.id, number)));
        Ok(())
    };
    each(UserId::new(0), scan, |member| member.user.id, keep).await?;
    Ok((emails, numbers))
}

/// A time, as an import reads it.
fn moment(at: Timestamp) -> String {
    Rfc3339(at).to_string()
}

/// An empty cell for nothing.
fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
