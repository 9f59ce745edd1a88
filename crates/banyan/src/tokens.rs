//! Access tokens from the command line.

use app::Caller;
use app::access::{mint_admin_token, mint_member_token};
use serde_json::json;

use crate::cli::TokenOptions;
use crate::config::Config;
use crate::keys::moment;
use crate::{Failure, open};

pub(crate) async fn run(options: TokenOptions, config: &Config) -> Result<(), Failure> {
    let app = open::existing_app(&options.data.over(config)?).await?;
    let token = match options.user {
        Some(user) => mint_member_token(&app, &Caller::Admin, user, options.ttl).await?,
        None => mint_admin_token(&app, &Caller::Admin, options.ttl)?,
    };
    if options.json {
        println!("{}", json!({"token": token.text, "expires_at": moment(token.expires_at)}));
    } else {
        println!("{}", token.text);
        eprintln!("Append it to the dashboard's address as /#token=… to sign in.");
    }
    Ok(())
}
