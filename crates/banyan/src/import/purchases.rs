//! One line, one purchase.

use std::str::FromStr;

use app::import::{
    Found, ImportError, ImportedPurchase, Provenance, PurchaseImport, PurchaseRefusal, Row, Tally,
};
use app::purchases::Payer;
use app::{App, Caller, StoreError};
use domain::{InvalidAmount, Money, PurchaseId, Reference};

use super::Kind;
use super::header::Columns;
use super::sheet::{Fields, Notes, YesOrNo};
use crate::Failure;

pub(super) struct Purchases {
    import: PurchaseImport,
    payer: Payer,
}

impl Purchases {
    /// Purchases that are settled like this, unless a line says that it was
    /// settled elsewhere.
    pub(super) fn new(payer: Payer) -> Result<Self, Failure> {
        Ok(Self { import: PurchaseImport::new(&Caller::Admin)?, payer })
    }
}

impl Kind for Purchases {
    type New = ImportedPurchase;
    type Refusal = PurchaseRefusal;

    const NAMES: [&'static str; 2] = ["purchase", "purchases"];
    const COLUMNS: Columns = Columns {
        required: &["user_email", "amount", "reference"],
        optional: &["occurred_at", "settled_elsewhere", "refunded", "purchase_id", "metadata"],
        ignored: &["user_id", "external_user_id", "plan_version", "booked_at", "recorded_at", "commission"],
    };

    fn read(&self, fields: &mut Fields<'_>) -> Option<ImportedPurchase> {
        let buyer = fields.read("user_email");
        let amount = fields.read("amount").map(|Amount(money)| money);
        let occurred_at = fields.read_moment("occurred_at");
        let payer = match fields.read_optional("settled_elsewhere") {
            Some(YesOrNo(true)) => Payer::Elsewhere,
            Some(YesOrNo(false)) | None => self.payer,
        };
        if fields.read_optional("refunded").is_some_and(|refunded: Money| refunded != Money::ZERO) {
            let detail = "must be 0.00: an import records sales, not refunds; without this column the whole \
                          amount is recorded";
            fields.error(Some("refunded"), detail.into());
        }
        let (reference, exported) = match fields.is_blank("reference") {
            true => name_of_export(fields),
            false => (fields.read("reference"), None),
        };
        let metadata = fields.read_optional("metadata").map(|Notes(notes)| notes).unwrap_or_default();
        let (buyer, amount, reference) = (buyer?, amount?, reference?);
        Some(ImportedPurchase { buyer, amount, reference, exported, occurred_at, payer, metadata })
    }

    async fn check(
        &mut self,
        app: &App,
        rows: &[Row<ImportedPurchase>],
    ) -> Result<Vec<Result<Found, PurchaseRefusal>>, StoreError> {
        self.import.check(app, rows).await
    }

    async fn write(
        &self,
        app: &App,
        rows: Vec<Row<ImportedPurchase>>,
        from: Option<Provenance>,
    ) -> Result<Tally, ImportError<PurchaseRefusal>> {
        self.import.write(app, rows, from).await
    }
}

/// A reference for a purchase that was exported without one: nothing may be
/// imported that could not be known again.
fn name_of_export(fields: &mut Fields<'_>) -> (Option<Reference>, Option<PurchaseId>) {
    let exported: Option<PurchaseId> = fields.read_optional("purchase_id");
    let reference = exported.and_then(|id| format!("exported-{id}").parse().ok());
    if reference.is_none() {
        let detail = "must not be empty: by it a purchase is known when it is imported again";
        fields.error(Some("reference"), detail.into());
    }
    (reference, exported)
}

/// An amount of a sale.
struct Amount(Money);

impl FromStr for Amount {
    type Err = InvalidAmount;

    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        Money::parse_amount(text).map(Self)
    }
}
