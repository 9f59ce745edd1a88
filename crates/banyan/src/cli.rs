//! What can be typed.

use std::path::PathBuf;

use app::access::Ttl;
use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::{Month, Name, PayoutRunId, PlanVersion, Scope, SessionId, UserId};
use server::{Moment, Network, Origin, PublicUrl};

use crate::listen::Listen;

/// Multi-level referral and commission engine.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    after_help = "Examples:
  banyan demo                                 see it move, with made-up members
  banyan serve --data-dir ./data              run it
  banyan key create --name shop --scope purchases:write
  banyan token --admin                        sign in as the owner"
)]
pub(crate) struct Cli {
    /// A configuration file, instead of ./banyan.toml where there is one
    #[arg(long, global = true, env = "BANYAN_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run with believable members, history and live purchases, in a temporary database
    Demo(DemoOptions),
    /// Run the service
    Serve(ServeOptions),
    /// Bring the database to this version
    Migrate(MigrateOptions),
    /// Make, list and revoke API keys
    #[command(subcommand)]
    Key(KeyCommand),
    /// Show the plan, set another, or try one on the past
    #[command(subcommand)]
    Plan(PlanCommand),
    /// Close a month: nothing is booked in it any more
    Close(CloseOptions),
    /// Open the newest closed month again
    Reopen(ReopenOptions),
    /// Show or set the time zone whose days and months count
    #[command(subcommand)]
    TimeZone(TimeZoneCommand),
    /// Print an access token, or end sessions
    Token(TokenOptions),
    /// Bring in members or purchases from a CSV file, once each, however often it is run
    #[command(subcommand)]
    Import(ImportCommand),
    /// Write everything of one kind as CSV
    Export(ExportOptions),
    /// Recompute every balance and decision from the purchases; exit 3 on any difference
    Verify(VerifyOptions),
    /// Say what is wrong with the settings, the data directory and the database, and what mends it
    Doctor(DoctorOptions),
    /// Copy the database into one file, while everything goes on
    Backup(BackupOptions),
    /// Put a backup in the place of the database, once verified; what was there is kept
    Restore(RestoreOptions),
    /// Print the OpenAPI document
    Openapi,
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Write man pages
    Man {
        /// Where to
        #[arg(value_name = "DIR")]
        directory: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct DemoOptions {
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:3000", value_name = "ADDR")]
    pub(crate) listen: Listen,
    /// The same seed makes the same members and history
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
    /// Live purchases a second, up to 100
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) rate: u32,
}

#[derive(Debug, Args)]
pub(crate) struct DataOptions {
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with = "database_url",
        help = "Where the data is [env: BANYAN_DATA_DIR] [default: ./data]"
    )]
    pub(crate) data_dir: Option<PathBuf>,
    #[arg(
        long,
        value_name = "URL",
        help = "A PostgreSQL database instead, such as postgres://banyan@db.example.com/banyan; \
                one with a password belongs into the environment [env: BANYAN_DATABASE_URL]"
    )]
    pub(crate) database_url: Option<String>,
}

/// What a new database begins with.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct FoundationOptions {
    #[arg(
        long,
        value_name = "NAME",
        help = "Of a new database: the time zone whose days and months count, such as Europe/Berlin \
                [env: BANYAN_TIME_ZONE] [default: Asia/Kolkata for INR, else UTC]"
    )]
    pub(crate) time_zone: Option<String>,
    #[arg(
        long,
        value_name = "CODE",
        help = "Of a new database: the currency, for ever; a code of ISO 4217 with two decimals, such as EUR \
                [env: BANYAN_CURRENCY] [default: INR]"
    )]
    pub(crate) currency: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct MigrateOptions {
    #[command(flatten)]
    pub(crate) data: DataOptions,
    #[command(flatten)]
    pub(crate) foundation: FoundationOptions,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    /// Where to listen: an address or a host with a port, or `:3000` for all addresses
    /// of this machine [default: 127.0.0.1:3000]
    #[arg(long, env = "BANYAN_LISTEN", value_name = "ADDR")]
    pub(crate) listen: Option<Listen>,
    #[command(flatten)]
    pub(crate) data: DataOptions,
    /// How the site is reached from outside, for referral links [default: the address it listens on]
    #[arg(long, env = "BANYAN_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<PublicUrl>,
    #[command(flatten)]
    pub(crate) foundation: FoundationOptions,
    /// How many days later a program that is no admin may report a sale [default: 7]
    #[arg(long, env = "BANYAN_BACKDATE_DAYS", value_name = "DAYS")]
    pub(crate) backdate_days: Option<u16>,
    /// How many days after its end a month closes by itself [default: never]
    #[arg(long, env = "BANYAN_CLOSE_AFTER_DAYS", value_name = "DAYS")]
    pub(crate) close_after_days: Option<u16>,
    /// How log lines look [default: text]
    #[arg(long, env = "BANYAN_LOG_FORMAT", value_enum, value_name = "FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
    /// Proxies whose X-Forwarded-For says where a request came from [default: none]
    #[arg(long, env = "BANYAN_TRUSTED_PROXIES", value_name = "NETWORKS", value_delimiter = ',')]
    pub(crate) trusted_proxies: Vec<Network>,
    /// Sites elsewhere whose pages may call this one, as browsers name them [default: none]
    #[arg(long, env = "BANYAN_CORS_ORIGINS", value_name = "ORIGINS", value_delimiter = ',')]
    pub(crate) cors_origins: Vec<Origin>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One object a line
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key and print it, this once
    Create {
        /// What you call it
        #[arg(long)]
        name: Name,
        /// What it opens: read, users:write, purchases:write, payouts:write, admin
        #[arg(long = "scope", required = true, value_name = "SCOPE")]
        scopes: Vec<Scope>,
        #[command(flatten)]
        data: DataOptions,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List all keys, without the keys themselves
    List {
        #[command(flatten)]
        data: DataOptions,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke a key; it opens nothing a second later
    Revoke {
        /// The number of the key, as `list` shows it
        id: i64,
        #[command(flatten)]
        data: DataOptions,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PlanCommand {
    /// Print the plan in force, as a file that `set` takes
    Show {
        /// Every version instead, newest first
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        data: DataOptions,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Set the plan; what was bought before keeps its own
    Set {
        /// What to pay; `show` prints such a file
        #[arg(value_name = "FILE.toml")]
        file: PathBuf,
        /// From this day or time on, such as 2026-12-01, instead of at once
        #[arg(long, value_name = "DATE")]
        effective_from: Option<Moment>,
        /// Begin after the newest sale, even when that was made by a clock that was far ahead
        #[arg(long, conflicts_with = "effective_from")]
        after_last_sale: bool,
        #[command(flatten)]
        data: DataOptions,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Withdraw a plan that has not begun; it is never in force
    Withdraw {
        /// Its number, as `show --all` prints it
        version: PlanVersion,
        #[command(flatten)]
        data: DataOptions,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// What past purchases would have cost under another plan; the books stay as they are
    Simulate {
        /// What to pay; `show` prints such a file
        #[arg(value_name = "FILE.toml")]
        file: PathBuf,
        /// Only purchases made on or after this day or time, such as 2026-10-01
        #[arg(long, value_name = "DATE")]
        since: Option<Moment>,
        /// Write what everybody earned and would have earned to this new file
        #[arg(long, value_name = "FILE.csv")]
        members: Option<PathBuf>,
        #[command(flatten)]
        data: DataOptions,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct TokenOptions {
    #[command(subcommand)]
    pub(crate) command: Option<TokenCommand>,
    /// For this member
    #[arg(long, value_name = "ID", required_unless_present = "admin", conflicts_with = "admin")]
    pub(crate) user: Option<UserId>,
    /// For the owner
    #[arg(long)]
    pub(crate) admin: bool,
    /// How long it is good for: a number with s, m, h or d, up to 30d
    #[arg(long, default_value = "30m", value_name = "TTL")]
    pub(crate) ttl: Ttl,
    #[command(flatten)]
    pub(crate) data: DataOptions,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// End sessions before their time; no server takes their tokens a second later
    Revoke(RevokeOptions),
}

#[derive(Debug, Args)]
#[group(id = "whose", required = true, multiple = false, args = ["revoke_user", "session", "revoke_admin"])]
pub(crate) struct RevokeOptions {
    /// Every session of this member
    #[arg(long = "user", id = "revoke_user", value_name = "ID")]
    pub(crate) user: Option<UserId>,
    /// One session, by what `sid` in its token says
    #[arg(long, value_name = "SID")]
    pub(crate) session: Option<SessionId>,
    /// Every session of the owner
    #[arg(long = "admin", id = "revoke_admin")]
    pub(crate) admin: bool,
    #[command(flatten)]
    pub(crate) data: DataOptions,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Members: `name,email,referral_code,referrer_email,joined_at`
    Users(ImportOptions),
    /// Purchases: `user_email,amount,reference,occurred_at`
    Purchases {
        #[command(flatten)]
        options: ImportOptions,
        /// Their commissions were paid elsewhere: record the sales and pay nobody
        #[arg(long)]
        no_commission: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ImportOptions {
    /// The file; its first line names its columns. `-` is standard input
    pub(crate) file: PathBuf,
    /// Look at everything and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) data: DataOptions,
    #[command(flatten)]
    pub(crate) foundation: FoundationOptions,
}

#[derive(Debug, Args)]
pub(crate) struct ExportOptions {
    /// What to write
    #[arg(value_enum)]
    pub(crate) what: Exported,
    /// Only the payouts of this run
    #[arg(long, value_name = "N")]
    pub(crate) run: Option<PayoutRunId>,
    /// Where to, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Put it in the place of a file that is there already
    #[arg(long, requires = "out")]
    pub(crate) replace: bool,
    #[command(flatten)]
    pub(crate) data: DataOptions,
    /// Print JSON that says how much was written
    #[arg(long, requires = "out")]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CloseOptions {
    /// Which, such as 2026-10; the next that has ended when none is named
    #[arg(value_name = "MONTH")]
    pub(crate) month: Option<Month>,
    #[command(flatten)]
    pub(crate) data: DataOptions,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReopenOptions {
    /// Which, such as 2026-10
    #[arg(value_name = "MONTH")]
    pub(crate) month: Month,
    #[command(flatten)]
    pub(crate) data: DataOptions,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TimeZoneCommand {
    /// Print the time zones that were set, and from which month on they count
    Show {
        #[command(flatten)]
        data: DataOptions,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Set another, which counts from the next month on
    Set {
        /// Its name by the IANA, such as Europe/Berlin
        #[arg(value_name = "NAME")]
        name: String,
        #[command(flatten)]
        data: DataOptions,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Exported {
    /// Members, as `import users` reads them
    Users,
    /// Purchases, as `import purchases` reads them
    Purchases,
    /// Every line of every ledger
    Entries,
    /// What was taken back of purchases
    Refunds,
    /// Money that was sent
    Payouts,
    /// What was changed by hand
    Audit,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyOptions {
    #[command(flatten)]
    pub(crate) data: DataOptions,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorOptions {
    #[command(flatten)]
    pub(crate) data: DataOptions,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BackupOptions {
    /// The copy; there must be no such file yet
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) data: DataOptions,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreOptions {
    /// What `backup` has made
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) data: DataOptions,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
