//! Addresses that were registered before they were compared as they are seen.
//!
//! None is changed: of two members who turn out to have one address, whoever has it
//! just as it is seen keeps it, else whoever registered first, and both are named.

use domain::{Email, UserId};

use crate::snapshot::forward;
use crate::{Result, Snapshot, Tx};

impl Snapshot<'_> {
    /// Members whose address, as it is seen, is another's, and who that is. By the
    /// address only the other is found.
    pub async fn yielded_addresses(&mut self) -> Result<Vec<(UserId, UserId)>> {
        forward!(self.yielded_addresses())
    }
}

/// Does what the migration could not: SQL knows nothing of Unicode's forms.
pub(crate) async fn compare(tx: &mut Tx<'_>) -> Result<()> {
    for (user, email) in due(tx).await? {
        let Some(seen) = Email::stored(email.compared()) else { continue };
        match tx.credentials(&seen).await? {
            Some(holder) if holder.user != user => {
                let holder = holder.user;
                tracing::warn!(
                    "members {holder} and {user} have the same e-mail address to the eye, {seen}; \
                     whoever names it means member {holder}"
                );
                yield_to(tx, user, holder).await?;
            }
            _ => keep(tx, user, &email).await?,
        }
    }
    Ok(())
}

async fn due(tx: &mut Tx<'_>) -> Result<Vec<(UserId, Email)>> {
    forward!(tx.addresses_due())
}

async fn keep(tx: &mut Tx<'_>, user: UserId, email: &Email) -> Result<()> {
    forward!(tx.compare_address(user, email))
}

async fn yield_to(tx: &mut Tx<'_>, user: UserId, holder: UserId) -> Result<()> {
    forward!(tx.yield_address(user, holder))
}

#[cfg(test)]
pub(crate) mod tests {
    use domain::UserId;

    use crate::Store;

    /// The last schema without the compared form.
    pub(crate) const BEFORE: u32 = 6;

    /// Who could register then: 1 and 4 are one person to the eye, and so are 2 and 3.
    pub(crate) const PEOPLE: &str = "
        insert into plans (version, effective_from, currency, commission_above, max_direct_referrals, levels,
            rounding, hold_days, created_at) values (1, 0, 'INR', 0, 8, '500', 'half_up', 0, 0);
        insert into users (id, name, email, code, plan_version, joined_at) values
            (1, 'Zed', 'zed\u{200b}@example.com', 1, 1, 0),
            (2, 'Zoe', 'zoe\u{308}@example.com', 2, 1, 0),
            (3, 'Zo\u{202e}e', '\u{feff}zo\u{eb}@example.com', 3, 1, 0),
            (4, 'Zed again', 'zed@example.com', 4, 1, 0),
            (5, 'Asha', '\u{2060}asha@example.com', 5, 1, 0),
            (6, 'Bilal', '<bilal@example.com>', 6, 1, 0)";

    /// Passes when everybody is as she was, and found by what is seen of her address.
    pub(crate) async fn everybody_stays_and_is_found_as_she_is_seen(store: &Store) {
        let user = UserId::new;
        store
            .read(async move |view| {
                let everybody = view.scan_members(user(0), 10).await?;
                let written: Vec<_> = everybody.iter().map(|member| member.user.email.as_str()).collect();
                let before = [
                    "zed\u{200b}@example.com",
                    "zoe\u{308}@example.com",
                    "\u{feff}zo\u{eb}@example.com",
                    "zed@example.com",
                    "\u{2060}asha@example.com",
                    "<bilal@example.com>",
                ];
                assert_eq!(written, before);
                assert_eq!(everybody[2].user.name.as_str(), "Zo\u{202e}e");
                for (seen, id) in
                    [("zed@example.com", 4), ("zoe\u{308}@example.com", 2), ("asha@example.com", 5)]
                {
                    let email = seen.parse().unwrap();
                    let found = view.members_by_email(&[&email]).await?;
                    assert_eq!(found[&email].user.id.get(), id, "{seen}");
                    assert_eq!(view.credentials(&email).await?.unwrap().user.get(), id, "{seen}");
                }
                assert_eq!(view.yielded_addresses().await?, [(user(1), user(4)), (user(3), user(2))]);
                Ok::<_, crate::Error>(())
            })
            .await
            .unwrap();
    }
}
