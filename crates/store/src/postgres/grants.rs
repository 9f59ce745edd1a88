//! What the role must be allowed to do, and whether it is. Whoever migrates owns the
//! tables; whoever only serves needs these rights and no others.

use tokio_postgres::Row;

use super::{Session, row};
use crate::{Ailment, Result};

/// The rights on each table or sequence.
pub(super) const NEEDED: [(&str, &str); 22] = [
    ("activity", "select insert"),
    ("adjustments", "select insert"),
    ("api_keys", "select insert update"),
    ("audit", "select insert"),
    ("closed_months", "select insert update"),
    ("compared_addresses", "select update"),
    ("entries", "select insert"),
    ("held", "select insert update"),
    ("payout_ids", "usage"),
    ("payout_runs", "select insert"),
    ("payout_warnings", "select insert"),
    ("payouts", "select insert update"),
    ("plans", "select insert update"),
    ("purchase_ids", "select usage"),
    ("purchases", "select insert update"),
    ("refinery_schema_history", "select"),
    ("refunds", "select insert"),
    ("sessions", "select insert update delete"),
    ("source_totals", "select insert update"),
    ("time_zones", "select insert update"),
    ("users", "select insert update"),
    ("writers", "select insert update"),
];

pub(super) const MISSING: &str = "\
select needed.privilege, relname, relkind = 'S' from unnest($1::text[], $2::text[]) needed(relation, privilege)
join pg_class on relname = relation and relnamespace = current_schema()::regnamespace
where not case relkind when 'S' then has_sequence_privilege(pg_class.oid, privilege)
    else has_table_privilege(pg_class.oid, privilege) end
order by relname, privilege";

impl Session<'_> {
    pub(crate) async fn ailments(&mut self) -> Result<Vec<Ailment>> {
        let mut found = self.missing_grants().await?;
        let may_look = !found.iter().any(|ailment| {
            matches!(ailment, Ailment::MissingGrant { relation, .. } if relation == "refinery_schema_history")
        });
        if may_look && !self.schema_is_current().await? {
            found.push(Ailment::OtherSchema);
        }
        Ok(found)
    }

    async fn missing_grants(&mut self) -> Result<Vec<Ailment>> {
        let (relations, privileges): (Vec<_>, Vec<_>) = needed().unzip();
        let read = |found: &Row| {
            let (privilege, name) = (row::get(found, 0)?, row::get::<&str>(found, 1)?);
            let relation = if row::get(found, 2)? { format!("sequence {name}") } else { name.to_owned() };
            Ok(Ailment::MissingGrant { privilege, relation })
        };
        self.open.rows(MISSING, &[&relations, &privileges], read).await
    }
}

/// Each of the rights alone.
pub(super) fn needed() -> impl Iterator<Item = (&'static str, &'static str)> {
    NEEDED.into_iter().flat_map(|(relation, rights)| rights.split(' ').map(move |right| (relation, right)))
}

#[cfg(test)]
mod tests {
    use tokio_postgres::error::SqlState;

    use super::super::cluster::Isolation;
    use super::super::connect::Object;
    use super::super::statements::{ALL, migrated};
    use super::*;

    /// The number of a statement that the role may not run, if there is one.
    async fn refused(connection: &Object) -> Option<usize> {
        for (number, sql) in ALL.iter().enumerate() {
            let bound = connection.prepare(sql).await;
            let nulls = bound.map(|statement| vec!["null"; statement.params().len()].join(", "));
            let values = nulls
                .ok()
                .filter(|nulls| !nulls.is_empty())
                .map_or_else(String::new, |nulls| format!("({nulls})"));
            let prepared = format!("prepare n as {sql}");
            connection.batch_execute(&prepared).await.unwrap();
            let explained = connection.batch_execute(&format!("explain execute n{values}")).await;
            connection.batch_execute("deallocate n").await.unwrap();
            if let Err(error) = explained {
                assert_eq!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{sql}: {error:?}");
                return Some(number);
            }
        }
        None
    }

    /// What is missing, as the role sees it.
    async fn missing(connection: &Object) -> Vec<(String, String)> {
        let (relations, rights): (Vec<_>, Vec<_>) = needed().unzip();
        let rows = connection.query(MISSING, &[&relations, &rights]).await.unwrap();
        rows.iter().map(|row| (row.get(1), row.get(0))).collect()
    }

    #[tokio::test]
    async fn these_rights_and_no_fewer_are_enough_for_every_statement() {
        let Some((scratch, connection)) = migrated(Isolation::ReadCommitted).await else { return };
        let role = format!("clerk_of_{}", scratch.url.rsplit_once('/').unwrap().1);
        let as_clerk = format!("set role {role}");
        let change = async |verb: &str, relation: &str, right: &str| {
            let kind = if relation.ends_with("_ids") { "sequence" } else { "table" };
            let to = if verb == "grant" { "to" } else { "from" };
            let sql = format!("reset role; {verb} {right} on {kind} {relation} {to} {role}; {as_clerk}");
            connection.batch_execute(&sql).await.unwrap();
        };
        connection.batch_execute(&format!("create role {role}")).await.unwrap();
        for (relation, right) in needed() {
            change("grant", relation, right).await;
        }
        assert_eq!(missing(&connection).await, []);
        assert_eq!(refused(&connection).await.map(|number| ALL[number]), None);
        for (relation, right) in needed() {
            change("revoke", relation, right).await;
            assert_eq!(missing(&connection).await, [(relation.to_owned(), right.to_owned())]);
            // A number is drawn when a statement runs, and not when it is explained.
            let is_needed = match right {
                "usage" => connection.query_one(&format!("select nextval('{relation}')"), &[]).await.is_err(),
                _ => refused(&connection).await.is_some(),
            };
            assert!(is_needed, "nothing needs to {right} on {relation}");
            change("grant", relation, right).await;
        }
        connection
            .batch_execute(&format!("reset role; drop owned by {role}; drop role {role}"))
            .await
            .unwrap();
    }
}
