//! One line, one member.

use app::import::{Found, ImportError, ImportedUser, Provenance, Row, Tally, UserImport, UserRefusal};
use app::{App, Caller, StoreError};

use super::Kind;
use super::header::Columns;
use super::sheet::{Fields, Notes, YesOrNo};
use crate::Failure;

pub(super) struct Users(UserImport);

impl Users {
    pub(super) fn new() -> Result<Self, Failure> {
        Ok(Self(UserImport::new(&Caller::Admin)?))
    }
}

impl Kind for Users {
    type New = ImportedUser;
    type Refusal = UserRefusal;

    const NAMES: [&'static str; 2] = ["member", "members"];
    const COLUMNS: Columns = Columns {
        required: &["name", "email"],
        optional: &["referral_code", "referrer_email", "joined_at", "is_active", "external_id", "metadata"],
        ignored: &["user_id", "slots_used"],
    };

    fn read(&self, fields: &mut Fields<'_>) -> Option<ImportedUser> {
        let (name, email) = (fields.read("name"), fields.read("email"));
        let code = fields.read_optional("referral_code");
        let referrer = fields.read_optional("referrer_email");
        let joined_at = fields.read_moment("joined_at");
        let active = fields.read_optional("is_active").is_none_or(|YesOrNo(active)| active);
        let external_id = fields.read_optional("external_id");
        let metadata = fields.read_optional("metadata").map(|Notes(notes)| notes).unwrap_or_default();
        let (name, email) = (name?, email?);
        Some(ImportedUser { name, email, code, referrer, joined_at, active, external_id, metadata })
    }

    async fn check(
        &mut self,
        app: &App,
        rows: &[Row<ImportedUser>],
    ) -> Result<Vec<Result<Found, UserRefusal>>, StoreError> {
        self.0.check(app, rows).await
    }

    async fn write(
        &self,
        app: &App,
        rows: Vec<Row<ImportedUser>>,
        from: Option<Provenance>,
    ) -> Result<Tally, ImportError<UserRefusal>> {
        self.0.write(app, rows, from).await
    }
}
