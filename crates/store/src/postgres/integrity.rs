//! What keeps the tables right and was switched off by hand or never finished,
//! and rows that refer to nothing where no foreign key keeps them from it.

use super::{Session, row};
use crate::Result;

pub(super) const FAULTS: &str = "\
select tgrelid::regclass || ': the trigger ' || tgname || ' is switched off' from pg_trigger
    join pg_class on pg_class.oid = tgrelid
    where tgenabled = 'D' and relnamespace = current_schema()::regnamespace
union all
select conrelid::regclass || ': the constraint ' || conname || ' was never checked' from pg_constraint
    where not convalidated and connamespace = current_schema()::regnamespace
union all
select indrelid::regclass || ': the index ' || relname || ' is not whole' from pg_index
    join pg_class on pg_class.oid = indexrelid
    where not indisvalid and relnamespace = current_schema()::regnamespace";

macro_rules! refers_to_nothing {
    ($table:literal, $key:literal, $($column:literal => $parent:literal $id:literal),+) => {
        concat!(
            "select '", $table, " row ' || concat_ws(' ', ", $key, ") || ' refers to a missing row of ' || parent
             from (",
            $(
                "select ", $key, ", '", $parent, "' as parent from ", $table, " where ", $column, " is not null
                 and not exists (select from ", $parent, " where ", $parent, ".", $id, " = ", $table, ".", $column, ")
                 union all ",
            )+
            "select ", $key, ", '' from ", $table, " where false) stray"
        )
    };
}

pub(super) const STRAY_PURCHASES: &str =
    refers_to_nothing!("purchases", "id", "buyer_id" => "users" "id", "plan_version" => "plans" "version");
pub(super) const STRAY_ENTRIES: &str = refers_to_nothing!(
    "entries", "user_id, seq",
    "user_id" => "users" "id", "purchase_id" => "purchases" "id", "source_id" => "users" "id"
);
pub(super) const STRAY_SOURCES: &str = refers_to_nothing!(
    "source_totals", "source_id, level", "source_id" => "users" "id", "earner_id" => "users" "id"
);
pub(super) const STRAY_HELD: &str =
    refers_to_nothing!("held", "user_id, matures_at", "user_id" => "users" "id");

impl Session<'_> {
    pub(crate) async fn integrity(&mut self) -> Result<Vec<String>> {
        self.open.be_patient().await?;
        let mut found = Vec::new();
        for sql in [FAULTS, STRAY_PURCHASES, STRAY_ENTRIES, STRAY_SOURCES, STRAY_HELD] {
            found.extend(self.open.rows(sql, &[], |found| row::get(found, 0)).await?);
        }
        Ok(found)
    }
}
