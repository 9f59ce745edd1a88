//! Refunds, payouts, adjustments and the audit trail: what is written reads
//! back, and what must be unique is.

use domain::{
    Adjustment, Money, Payout, PayoutId, PayoutRun, PayoutRunId, PayoutState, PayoutStatus, PayoutWarning,
    PlanVersion, PurchaseId, Reason, Refund, RefundId, UserId,
};
use store::{
    AuditEvent, Constraint, Error, NewAdjustment, NewPayoutRun, NewPayoutWarning, NewRefund,
    NotedPayoutWarning,
};

use crate::engines::Fresh;
use crate::values::{FIRST_PLAN, adjustment, at, paise, payout_run, purchase, reference, refund, user};

on_every_engine! {
    refunds_read_back_in_order,
    a_refund_is_counted_at_its_purchase,
    a_refund_reference_is_taken_once,
    payout_runs_read_back_with_their_payouts,
    payouts_are_settled_once,
    runs_and_payouts_are_listed_in_order,
    a_payout_reference_is_taken_once,
    payouts_since_a_purchase_are_those_that_it_can_be_behind,
    late_sales_since_the_last_run_are_those_that_fell_under_an_earlier_plan,
    what_was_noted_of_payouts_is_told_until_they_failed,
    adjustments_read_back_and_their_references_are_taken_once,
    the_audit_trail_is_listed_newest_first_and_scanned_oldest_first,
}

async fn bought(db: &Fresh) -> PurchaseId {
    let [buyer] = db.members([None]).await;
    db.write(async move |tx| {
        let bought = purchase(tx.next_purchase_ids(1).await?[0], buyer, 2_000_00);
        tx.insert_purchases(&[&bought]).await?;
        Ok(bought.id)
    })
    .await
}

async fn refunds_read_back_in_order(db: Fresh) {
    let id = bought(&db).await;
    let mut all = Vec::new();
    for number in 1..=3 {
        let reference = (number == 2).then(|| reference("return 2"));
        let new = NewRefund { net: paise(10 - number), reference, ..refund(id, number, 0) };
        let written = new.clone();
        let id = db.write(async move |tx| tx.insert_refund(&written).await).await;
        let NewRefund { purchase, reference, amount, net, created_at, .. } = new;
        all.push(Refund { id, purchase, reference, amount, net, created_at });
    }
    db.read(async move |view| {
        assert_eq!(view.refunds(id).await?, all);
        assert_eq!(view.refunds(PurchaseId::new(404)).await?, []);
        assert_eq!(view.refund(all[0].id).await?.as_ref(), Some(&all[0]));
        assert_eq!(view.refund(RefundId::new(404)).await?, None);
        assert_eq!(view.refund_by_reference(&reference("return 2")).await?.as_ref(), Some(&all[1]));
        assert_eq!(view.refund_by_reference(&reference("return 3")).await?, None);
        assert_eq!(view.scan_refunds(RefundId::new(0), 2).await?, all[..2]);
        assert_eq!(view.scan_refunds(all[1].id, 100).await?, all[2..]);
        Ok(())
    })
    .await;
}

async fn a_refund_is_counted_at_its_purchase(db: Fresh) {
    let id = bought(&db).await;
    db.write(async move |tx| {
        assert_eq!(tx.lock_purchase(PurchaseId::new(404)).await?, None);
        let before = tx.lock_purchase(id).await?.unwrap();
        assert_eq!((before.refunded, before.net()), (Money::ZERO, paise(2_000_00)));
        tx.set_refunded(id, paise(500_00)).await?;
        let after = tx.lock_purchase(id).await?.unwrap();
        assert_eq!((after.refunded, after.net()), (paise(500_00), paise(1_500_00)));
        Ok(())
    })
    .await;
    let (found, _) = db.read(async move |view| view.purchase(id).await).await.unwrap();
    assert_eq!(found.refunded, paise(500_00));
    let in_short = db.read(async move |view| view.scan_sales(PurchaseId::new(0), 1).await).await;
    assert_eq!((in_short[0].id, in_short[0].refunded), (id, paise(500_00)));
    let too_much = db.refused(async move |tx| tx.set_refunded(id, paise(2_000_01)).await).await;
    assert!(matches!(too_much, Error::Engine(_)), "{too_much:?}");
}

async fn a_refund_reference_is_taken_once(db: Fresh) {
    let id = bought(&db).await;
    let new = NewRefund { reference: Some(reference("once")), ..refund(id, 1, 0) };
    let again = new.clone();
    db.write(async move |tx| tx.insert_refund(&new).await).await;
    let refused = db.refused(async move |tx| tx.insert_refund(&again).await).await;
    assert!(matches!(refused, Error::Conflict(Constraint::RefundReference)), "{refused:?}");
}

async fn payout_runs_read_back_with_their_payouts(db: Fresh) {
    let [asha, bina] = db.members([None; 2]).await;
    let new =
        NewPayoutRun { reference: Some(reference("june")), ..payout_run(&[(bina, 5_00), (asha, 7_00)]) };
    let written = new.clone();
    let (id, payouts) = db.write(async move |tx| tx.insert_payout_run(&written).await).await;
    let expected = PayoutRun {
        id,
        reference: new.reference,
        minimum: new.minimum,
        payouts: 2,
        total: paise(12_00),
        created_at: new.created_at,
    };
    let one = |number: usize, user: UserId, amount| Payout {
        id: payouts[number],
        run: id,
        user,
        amount: paise(amount),
        state: PayoutState::Pending,
        created_at: new.created_at,
    };
    let made = [one(0, bina, 5_00), one(1, asha, 7_00)];
    db.read(async move |view| {
        assert_eq!(view.payout_run(id).await?.as_ref(), Some(&expected));
        assert_eq!(view.payout_run(PayoutRunId::new(404)).await?, None);
        assert_eq!(view.payout_run_by_reference(&reference("june")).await?.as_ref(), Some(&expected));
        assert_eq!(view.payout_run_by_reference(&reference("July")).await?, None);
        assert_eq!(view.payouts_of_run(id, PayoutId::new(0), 100).await?, made);
        assert_eq!(view.payouts_of_run(id, made[0].id, 100).await?, made[1..]);
        assert_eq!(view.payout(made[1].id).await?.as_ref(), Some(&made[1]));
        assert_eq!(view.payout(PayoutId::new(404)).await?, None);
        let asked = [made[1].id, PayoutId::new(404), made[0].id];
        let found = view.payouts_by_id(&asked).await?;
        assert_eq!((found.len(), &found[&made[0].id], &found[&made[1].id]), (2, &made[0], &made[1]));
        assert!(view.payouts_by_id(&[]).await?.is_empty());
        Ok(())
    })
    .await;
}

async fn payouts_are_settled_once(db: Fresh) {
    let [asha, bina, chetan] = db.members([None; 3]).await;
    let new = payout_run(&[(asha, 1), (bina, 2), (chetan, 3)]);
    let (_, ids) = db.write(async move |tx| tx.insert_payout_run(&new).await).await;
    let reason: Reason = "account closed".parse().unwrap();
    let states = [PayoutState::Paid(at(9)), PayoutState::Failed(at(8), reason)];
    for (ids, state) in [ids[..2].to_vec(), ids[2..].to_vec()].into_iter().zip(states) {
        for settled in [true, false] {
            let (ids, new) = (ids.clone(), state.clone());
            assert_eq!(db.write(async move |tx| tx.settle_payouts(&ids, &new).await).await, settled);
        }
        for payout in db.read(async move |view| view.payouts_by_id(&ids).await).await.into_values() {
            assert_eq!(payout.state, state);
        }
    }
    let nobody = async |tx: &mut store::Tx<'_>| {
        tx.settle_payouts(&[PayoutId::new(404)], &PayoutState::Paid(at(1))).await
    };
    assert!(!db.write(nobody).await);
}

async fn runs_and_payouts_are_listed_in_order(db: Fresh) {
    let [asha] = db.members([None]).await;
    let mut runs = Vec::new();
    for amount in 1..=3 {
        let (run, _) =
            db.write(async move |tx| tx.insert_payout_run(&payout_run(&[(asha, amount)])).await).await;
        runs.insert(0, run);
    }
    db.read(async move |view| {
        let ids = |page: Vec<PayoutRun>| page.iter().map(|run| run.id).collect::<Vec<_>>();
        assert_eq!(ids(view.payout_runs_page(None, 100).await?), runs);
        assert_eq!(ids(view.payout_runs_page(Some(runs[0]), 1).await?), runs[1..2]);
        let amounts = |page: Vec<Payout>| page.iter().map(|payout| payout.amount.paise()).collect::<Vec<_>>();
        let all = view.payouts_of_user(asha, None, 100).await?;
        let newest = all[0].id;
        assert_eq!(amounts(all), [3, 2, 1]);
        assert_eq!(amounts(view.payouts_of_user(asha, Some(newest), 1).await?), [2]);
        assert_eq!(view.payouts_of_user(UserId::new(404), None, 1).await?, []);
        assert_eq!(amounts(view.scan_payouts(PayoutId::new(0), 2).await?), [1, 2]);
        assert!(amounts(view.scan_payouts(newest, 2).await?).is_empty());
        Ok(())
    })
    .await;
}

async fn payouts_since_a_purchase_are_those_that_it_can_be_behind(db: Fresh) {
    let [asha, bina] = db.members([None; 2]).await;
    let buy = async |time: i64| {
        db.write(async move |tx| {
            let id = tx.next_purchase_ids(1).await?[0];
            // As clocks can go back, so can the times of purchases.
            let bought = domain::Purchase { occurred_at: at(time), ..purchase(id, asha, 5) };
            tx.insert_purchases(&[&bought]).await?;
            Ok(id)
        })
        .await
    };
    let pay = async |payouts: &[(UserId, i64)]| {
        let new = payout_run(payouts);
        db.write(async move |tx| tx.insert_payout_run(&new).await).await.1
    };
    let none = pay(&[(asha, 1)]).await;
    let first = buy(900).await;
    let between = pay(&[(asha, 2), (bina, 3)]).await;
    let second = buy(1).await;
    let last = pay(&[(bina, 4), (asha, 5)]).await;
    db.read(async move |view| {
        let ids = |payouts: Vec<Payout>| payouts.iter().map(|payout| payout.id).collect::<Vec<_>>();
        let both = [between.clone(), last.clone()].concat();
        assert_eq!(ids(view.payouts_since(first, &[bina, asha]).await?), both);
        assert_eq!(ids(view.payouts_since(first, &[asha]).await?), [between[0], last[1]]);
        assert_eq!(ids(view.payouts_since(second, &[asha, bina]).await?), last);
        let all = ids(view.payouts_since(PurchaseId::new(0), &[asha]).await?);
        assert_eq!(all, [none[0], between[0], last[1]]);
        assert_eq!(ids(view.payouts_since(first, &[]).await?), []);
        assert_eq!(ids(view.payouts_since(first, &[UserId::new(404)]).await?), []);
        Ok(())
    })
    .await;
}

async fn late_sales_since_the_last_run_are_those_that_fell_under_an_earlier_plan(db: Fresh) {
    let [asha] = db.members([None]).await;
    let buy = async |present_plan: Option<PlanVersion>| {
        db.write(async move |tx| {
            let id = tx.next_purchase_ids(1).await?[0];
            tx.insert_purchases(&[&domain::Purchase { present_plan, ..purchase(id, asha, 5) }]).await?;
            Ok(id)
        })
        .await
    };
    let since = async |limit| {
        let sales = db.read(async move |view| view.backdated_since_the_last_run(limit).await).await;
        sales.iter().map(|sale| sale.id).collect::<Vec<_>>()
    };
    let (first, _, third) = (buy(Some(FIRST_PLAN)).await, buy(None).await, buy(Some(FIRST_PLAN)).await);
    assert_eq!((since(9).await, since(1).await), (vec![first, third], vec![first]));
    db.write(async move |tx| tx.insert_payout_run(&payout_run(&[(asha, 1)])).await).await;
    assert_eq!(since(9).await, []);
    let last = buy(Some(FIRST_PLAN)).await;
    assert_eq!(since(9).await, [last]);
}

async fn what_was_noted_of_payouts_is_told_until_they_failed(db: Fresh) {
    let purchase = bought(&db).await;
    let [asha, bina] =
        db.write(async |tx| Ok([tx.insert_user(&user(11)).await?, tx.insert_user(&user(12)).await?])).await;
    let new = payout_run(&[(asha, 7_00), (bina, 8_00)]);
    let (run, payouts) = db.write(async move |tx| tx.insert_payout_run(&new).await).await;
    let refund = db.write(async move |tx| tx.insert_refund(&refund(purchase, 1, 0)).await).await;
    let noted = move |payout: PayoutId, amount: i64| NewPayoutWarning {
        run,
        payout,
        kind: PayoutWarning::RefundedSale,
        purchase,
        refund: Some(refund),
        amount: paise(amount),
        created_at: at(amount),
    };
    let rows = [noted(payouts[1], 5), noted(payouts[0], 3), noted(payouts[1], 4)];
    db.write(async move |tx| {
        tx.insert_payout_warnings(&rows).await?;
        tx.insert_payout_warnings(&[]).await
    })
    .await;
    let told = async || {
        let noted = db.read(async move |view| view.payout_warnings(run, 9).await).await;
        noted.iter().map(|noted| (noted.user, noted.amount.paise(), noted.status)).collect::<Vec<_>>()
    };
    let pending = PayoutStatus::Pending;
    assert_eq!(told().await, [(bina, 5, pending), (asha, 3, pending), (bina, 4, pending)]);
    let first = db.read(async move |view| view.payout_warnings(run, 1).await).await.remove(0);
    let NotedPayoutWarning { payout, user_name, kind, refund: of, created_at, .. } = first.clone();
    assert_eq!((payout, user_name.as_str()), (payouts[1], "Member 12"));
    assert_eq!(
        (kind, first.purchase, of, created_at),
        (PayoutWarning::RefundedSale, purchase, Some(refund), at(5))
    );
    let (paid, failed) = ([payouts[1]], [payouts[0]]);
    db.write(async move |tx| {
        assert!(tx.settle_payouts(&paid, &PayoutState::Paid(at(9))).await?);
        let closed = PayoutState::Failed(at(9), "account closed".parse().unwrap());
        tx.settle_payouts(&failed, &closed).await
    })
    .await;
    assert_eq!(told().await, [(bina, 5, PayoutStatus::Paid), (bina, 4, PayoutStatus::Paid)]);
    let nobody = db.read(async move |view| view.payout_warnings(PayoutRunId::new(404), 9).await).await;
    assert_eq!(nobody, []);
}

async fn a_payout_reference_is_taken_once(db: Fresh) {
    let new = NewPayoutRun { reference: Some(reference("once")), ..payout_run(&[]) };
    let again = new.clone();
    db.write(async move |tx| tx.insert_payout_run(&new).await).await;
    let refused = db.refused(async move |tx| tx.insert_payout_run(&again).await).await;
    assert!(matches!(refused, Error::Conflict(Constraint::PayoutReference)), "{refused:?}");
}

async fn adjustments_read_back_and_their_references_are_taken_once(db: Fresh) {
    let [asha] = db.members([None]).await;
    let new = NewAdjustment { reference: Some(reference("once")), ..adjustment(asha, -5) };
    let (written, again) = (new.clone(), new.clone());
    let id = db.write(async move |tx| tx.insert_adjustment(&written).await).await;
    let NewAdjustment { user, amount, reason, reference: given, created_at } = new;
    let expected = Adjustment { id, user, amount, reason, reference: given, created_at };
    db.read(async move |view| {
        assert_eq!(view.adjustment(id).await?.as_ref(), Some(&expected));
        assert_eq!(view.adjustment(domain::AdjustmentId::new(404)).await?, None);
        assert_eq!(view.adjustment_by_reference(&reference("once")).await?.as_ref(), Some(&expected));
        assert_eq!(view.adjustment_by_reference(&reference("twice")).await?, None);
        assert_eq!(
            view.scan_adjustments(domain::AdjustmentId::new(0), 9).await?,
            std::slice::from_ref(&expected)
        );
        assert_eq!(view.scan_adjustments(id, 9).await?, []);
        Ok(())
    })
    .await;
    let refused = db.refused(async move |tx| tx.insert_adjustment(&again).await).await;
    assert!(matches!(refused, Error::Conflict(Constraint::AdjustmentReference)), "{refused:?}");
}

async fn the_audit_trail_is_listed_newest_first_and_scanned_oldest_first(db: Fresh) {
    let event = |number: i64| AuditEvent {
        actor: format!("key {number}"),
        action: "payout.failed".into(),
        subject: "payout 7".into(),
        detail: "{\"reason\":\"no such account\"}".into(),
        at: at(number),
    };
    let events = [1, 2, 3].map(event);
    let written = events.clone();
    db.write(async move |tx| {
        for event in &written {
            tx.append_audit(event).await?;
        }
        Ok(())
    })
    .await;
    let page = db.read(async move |view| view.audit_page(None, 2).await).await;
    assert_eq!(page.iter().map(|(_, event)| event).collect::<Vec<_>>(), [&events[2], &events[1]]);
    let rest = db.read(async move |view| view.audit_page(Some(page[1].0), 2).await).await;
    assert_eq!(rest.iter().map(|(_, event)| event).collect::<Vec<_>>(), [&events[0]]);
    let scan = db.read(async move |view| view.scan_audit(0, 2).await).await;
    assert_eq!(scan.iter().map(|(_, event)| event).collect::<Vec<_>>(), [&events[0], &events[1]]);
    let rest = db.read(async move |view| view.scan_audit(scan[1].0, 2).await).await;
    assert_eq!(rest.iter().map(|(_, event)| event).collect::<Vec<_>>(), [&events[2]]);
}
