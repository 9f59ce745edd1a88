//! Access tokens from the command line: made, and ended before their time.

use app::access::{Session, mint_admin_token, mint_member_token};
use app::{App, Caller, sessions};
use serde_json::json;

use crate::cli::{RevokeOptions, TokenCommand, TokenOptions};
use crate::config::Config;
use crate::counted::Counted;
use crate::keys::moment;
use crate::print::{note, say};
use crate::{Failure, open};

pub(crate) async fn run(options: TokenOptions, config: &Config) -> Result<(), Failure> {
    if let Some(TokenCommand::Revoke(options)) = options.command {
        let app = open::existing_app(&options.data.over(config)?).await?;
        return revoke(&app, &options).await;
    }
    let app = open::existing_app(&options.data.over(config)?).await?;
    let token = match options.user {
        Some(user) => mint_member_token(&app, &Caller::Admin, user, options.ttl).await?,
        None => mint_admin_token(&app, &Caller::Admin, options.ttl).await?,
    };
    if options.json {
        let session = token.session.map(|Session { id, .. }| id.to_string());
        say!("{}", json!({"token": token.text, "session": session, "expires_at": moment(token.expires_at)}))?;
    } else {
        say!("{}", token.text)?;
        note!("Append it to the dashboard's address as /#token=… to sign in.");
    }
    Ok(())
}

/// A token belongs into no argument, so it is named by its session, or by whose it is.
async fn revoke(app: &App, options: &RevokeOptions) -> Result<(), Failure> {
    let ended = match (options.user, options.session) {
        (Some(user), _) => sessions::end_sessions_of_member(app, &Caller::Admin, user).await?,
        (None, Some(session)) => sessions::end_session(app, &Caller::Admin, session).await.map(|()| 1)?,
        (None, None) => sessions::end_sessions_of_owner(app, &Caller::Admin).await?,
    };
    if options.json {
        say!("{}", json!({"ended": ended}))
    } else {
        let sessions = Counted(u64::try_from(ended)?, ["session", "sessions"]);
        say!("{sessions} ended; no server takes their tokens a second from now")
    }
}
