//! A flag beats the environment, the environment beats the file, the file beats
//! the default.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::json;

use crate::home::{Home, Server, text};
use crate::http::Request;

#[test]
fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
    let home = Home::new();
    let migrated = |flag: Option<&str>, variable: Option<&str>| {
        let mut command = home.command();
        command.arg("migrate");
        command.args(flag.map(|directory| format!("--data-dir={directory}")));
        command.envs(variable.map(|directory| ("BANYAN_DATA_DIR", directory)));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        text(&output.stdout).trim_end().to_owned()
    };
    assert_eq!(migrated(None, None), "data is new and ready");
    fs::write(home.path().join("banyan.toml"), "data_dir = 'by-file'\n").unwrap();
    assert_eq!(migrated(None, None), "by-file is new and ready");
    assert_eq!(migrated(None, Some("by-variable")), "by-variable is new and ready");
    assert_eq!(migrated(Some("by-flag"), Some("by-variable")), "by-flag is new and ready");
    assert_eq!(migrated(None, None), "by-file is up to date");
    for made in ["data", "by-file", "by-variable", "by-flag"] {
        assert!(home.path().join(made).join("banyan.db").is_file(), "{made}");
    }
}

#[test]
fn the_data_is_in_one_place_and_a_flag_of_one_kind_beats_a_variable_of_the_other() {
    let home = Home::new();
    let migrate = |flag: &[&str], variables: &[(&str, &str)]| {
        let mut command = home.command();
        command.arg("migrate").args(flag).envs(variables.iter().copied()).output().unwrap()
    };
    let elsewhere = ("BANYAN_DATABASE_URL", "postgres://banyan:s3cret@127.0.0.1:1/banyan");
    let both = migrate(&[], &[("BANYAN_DATA_DIR", "data"), elsewhere]);
    assert_eq!(both.status.code(), Some(1), "{both:?}");
    let told = text(&both.stderr);
    assert!(told.contains("choose one") && !told.contains("s3cret"), "{told}");
    let flag = migrate(&["--data-dir", "by-flag"], &[elsewhere]);
    assert_eq!(text(&flag.stdout), "by-flag is new and ready\n");
    let wrong = migrate(&["--database-url", "mysql://banyan:s3cret@127.0.0.1/banyan"], &[]);
    assert_eq!(wrong.status.code(), Some(1), "{wrong:?}");
    let told = text(&wrong.stderr);
    assert!(told.contains("postgres://") && !told.contains("s3cret"), "{told}");
}

#[test]
fn a_server_takes_all_of_its_settings_from_the_file_that_is_named() {
    let home = Home::new();
    let file = home.path().join("shop.toml");
    let settings = "listen = '127.0.0.1:0'\ndata_dir = 'books'\npublic_url = 'https://shop.example/'\n";
    fs::write(&file, settings).unwrap();
    let mut command = home.command();
    command.arg("--config").arg(&file).arg("serve");
    let server = Server::start(command);
    let mut command = home.command();
    let key = command.args(["key", "create", "--name", "k", "--scope", "users:write", "--data-dir", "books"]);
    let key = key.output().unwrap();
    let member = server.register(text(&key.stdout).trim(), "Asha Rao", None);
    let path = format!("/api/users/{}", member.id);
    let seen = crate::http::Request::get(path).by(&member.token).send(&server.url).expect(200);
    assert_eq!(seen["referral_link"], format!("https://shop.example/r/{}", member.code));
    server.stop();
}

#[test]
fn an_unknown_key_in_the_file_is_an_error_with_its_line() {
    let home = Home::new();
    fs::write(home.path().join("banyan.toml"), "data_dir = 'data'\nlisten_on = '127.0.0.1:0'\n").unwrap();
    for arguments in [&["serve"][..], &["migrate"], &["key", "list"], &["verify"]] {
        let output = home.command().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let told = text(&output.stderr);
        assert!(told.contains("banyan.toml") && told.contains("line 2"), "{told}");
        assert!(told.contains("unknown field `listen_on`"), "{told}");
    }
    assert!(!home.data_dir().exists());
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let home = Home::new();
    let output = home.command().args(["--config", "nowhere.toml", "migrate"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("cannot read nowhere.toml"), "{output:?}");
}

#[test]
fn a_setting_that_cannot_be_is_told_before_anything_is_made() {
    let home = Home::new();
    let serve = |setting: &[&str], variable: Option<(&str, &str)>, file: &str| {
        fs::write(home.path().join("banyan.toml"), file).unwrap();
        let mut command = home.command();
        let output = command.arg("serve").args(setting).envs(variable).output().unwrap();
        assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
        text(&output.stderr).to_owned()
    };
    let site = "must be how browsers reach the site, with http or https, such as";
    for (told, words) in [
        (serve(&["--public-url", "shop.example"], None, ""), site),
        (serve(&[], Some(("BANYAN_PUBLIC_URL", "https://a:b@shop.example")), ""), site),
        (serve(&[], None, "public_url = 'shop.example'"), "public_url in the configuration"),
        (serve(&["--listen", "localhost"], None, ""), "an address or a host with a port"),
        (serve(&[], None, "listen = '3000'"), "an address or a host with a port"),
        (serve(&[], Some(("BANYAN_LOG", "verbose")), ""), "BANYAN_LOG has \"verbose\", which is no level"),
        (serve(&[], Some(("BANYAN_LOG", "server=loud")), ""), "BANYAN_LOG cannot be read"),
    ] {
        assert!(told.contains(words), "{told}");
    }
    assert!(!home.path().join("data").exists());
}

#[test]
fn a_server_listens_where_a_name_says() {
    let home = Home::new();
    let server = Server::start(home.command_on_data(&["serve", "--listen", "localhost:0"]));
    assert!(server.url.starts_with("http://127.0.0.1:"), "{}", server.url);
    Request::get("/healthz").send(&server.url).expect(200);
    server.stop();
}

#[test]
fn the_data_directory_and_the_token_key_are_for_their_owner_alone() {
    let home = Home::new();
    home.serve().stop();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home.data_dir()), 0o700);
    assert_eq!(mode(&home.data_dir().join("token.key")), 0o600);
    assert_eq!(fs::metadata(home.data_dir().join("token.key")).unwrap().len(), 32);
}

#[test]
fn a_token_key_from_the_environment_is_used_and_not_written_down() {
    let home = Home::new();
    let secret = "a secret of at least thirty-two characters";
    let serve = |secret: &str| {
        let mut command = home.command();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(home.data_dir());
        command.env("BANYAN_TOKEN_KEY", secret);
        command
    };
    let server = Server::start(serve(secret));
    let mut command = home.command();
    command.args(["token", "--admin", "--data-dir"]).arg(home.data_dir()).env("BANYAN_TOKEN_KEY", secret);
    let token = command.output().unwrap();
    let me = crate::http::Request::get("/api/me").by(text(&token.stdout).trim()).send(&server.url);
    assert_eq!(me.expect(200)["kind"], "admin");
    assert!(!home.data_dir().join("token.key").exists());
    server.stop();

    let output = serve("too short").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(!text(&output.stderr).contains("too short"), "a secret is not repeated: {output:?}");
}

#[test]
fn lists_come_from_a_flag_or_the_environment_or_the_file_and_say_what_is_wrong_with_them() {
    let home = Home::new();
    let serve = |file: &str, flag: &[&str], variables: &[(&str, &str)]| {
        fs::write(home.path().join("banyan.toml"), file).unwrap();
        let mut command = home.command();
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(flag).envs(variables.iter().copied());
        command
    };
    let told = |mut command: std::process::Command| {
        let output = command.output().unwrap();
        assert_ne!(output.status.code(), Some(0), "{output:?}");
        text(&output.stderr).to_owned()
    };
    let wrong = told(serve("trusted_proxies = ['10.0.0.0/33']", &[], &[]));
    assert!(wrong.contains("trusted_proxies") && wrong.contains("10.0.0.0/8"), "{wrong}");
    let wrong = told(serve("cors_origins = ['https://shop.example/']", &[], &[]));
    assert!(wrong.contains("cors_origins") && wrong.contains("without a path"), "{wrong}");
    let wrong = told(serve("", &["--cors-origins", "shop.example"], &[]));
    assert!(wrong.contains("--cors-origins") && wrong.contains("https://shop.example"), "{wrong}");
    let both = [
        ("BANYAN_TRUSTED_PROXIES", "127.0.0.1,::1"),
        ("BANYAN_CORS_ORIGINS", "https://a.example,https://b.example"),
    ];
    // What beats the file is all that counts.
    Server::start(serve("trusted_proxies = ['nonsense']", &[], &both)).stop();
}

#[test]
fn the_currency_is_chosen_at_the_first_start_and_stays() {
    let home = Home::new();
    for (code, words) in [
        ("JPY", "must be a currency with two decimals"),
        ("KWD", "this one has 3"),
        ("ABC", "ISO 4217"),
        ("euro", "three capital letters"),
    ] {
        let refused = home.run(&["migrate", "--currency", code]);
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
        let told = text(&refused.stderr);
        assert!(told.contains(code) && told.contains(words), "{told}");
    }
    assert!(!home.data_dir().exists());

    home.print(&["migrate", "--currency", "EUR"]);
    assert!(home.print(&["plan", "show"]).contains("currency = \"EUR\""));
    for arguments in
        [&["migrate", "--currency", "INR"][..], &["serve", "--listen", "127.0.0.1:0", "--currency", "INR"]]
    {
        let refused = home.run(arguments);
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
        let told = text(&refused.stderr);
        assert!(told.contains("counts in EUR, not in INR"), "{told}");
    }
    let server = home.serve();
    let key = home.key(&["users:write", "purchases:write"]);
    let member = server.register(&key, "Asha Rao", None);
    let sale = |currency: &str| json!({"user_id": member.id, "amount": "5.00", "currency": currency});
    let sold = Request::post("/api/purchases", sale("EUR")).by(&key).send(&server.url).expect(201);
    assert_eq!(sold["currency"], "EUR");
    let refused = Request::post("/api/purchases", sale("INR")).by(&key).send(&server.url).expect(422);
    assert_eq!(refused["code"], "currency_mismatch");
    server.stop();
    home.verify();
}
