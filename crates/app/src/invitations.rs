//! What somebody who was given a referral code may know before she registers.

use domain::ReferralCode;

use crate::App;

/// Whose code it is, and whether it opens anything at present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The code.
    pub code: ReferralCode,
    /// The first name of the member who has it, and no more of her.
    pub inviter: String,
    /// Whether somebody can join with it now.
    pub standing: Standing,
}

/// Whether somebody can join with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A place is free.
    Open,
    /// The member brought as many as she may under the plan in force.
    Full,
    /// The member is not active.
    Inactive,
}

/// What this code opens; none when nobody has it. Open to anybody: whoever calls
/// this limits how often strangers may ask.
pub async fn invitation(app: &App, code: ReferralCode) -> Result<Option<Invitation>, store::Error> {
    let now = app.now();
    app.store
        .read(async move |view| {
            let Some(member) = view.member_by_code(code).await? else { return Ok(None) };
            let (_, plan) = view.plan_in_force(now).await?;
            let standing = match member.active {
                false => Standing::Inactive,
                true if member.slots_used >= plan.max_direct_referrals => Standing::Full,
                true => Standing::Open,
            };
            let inviter = member.user.name.first().to_owned();
            Ok(Some(Invitation { code, inviter, standing }))
        })
        .await
}
