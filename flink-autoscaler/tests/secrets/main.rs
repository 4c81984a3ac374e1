//! Secrets in every place where a text can come in, looked for in everything that comes out.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test, which tells how many were planted")]

mod echo;
mod gateways;
mod plant;

use std::path::Path;

use plant::{Planted, program, text};
use servers::standin::StandIn;

const STORE: &str = "autoscaler.standalone.state-store.type";
const FILE: &str = "autoscaler.standalone.state-store.sqlite.file";
const HANDLER: &str = "autoscaler.standalone.event-handler.type";
const URL: &str = "autoscaler.standalone.jdbc.url";
const HOST: &str = "autoscaler.standalone.fetcher.flink-cluster.host";
const PORT: &str = "autoscaler.standalone.fetcher.flink-cluster.port";
const ADDRESSES: &str = "autoscaler.standalone.fetcher.flink-cluster.addresses";
const RECORD: &str = "autoscaler.standalone.record.directory";
const TRACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../testing/conformance/data/traces/trace-001.jsonl.gz");

/// What a secret may stand in, `@` being the secret.
const SHAPES: &[&str] = &[
    "@",
    "correct @ horse",
    "me:@",
    "15 @",
    "[a, '@",
    "a:1,a:@",
    "postgres://me:@%40127.0.0.1:1/x",
    "postgres://me:1/@%40127.0.0.1:1/x",
    "postgres://me:1?@%40127.0.0.1:1/x",
    "postgres://me:1#@%40127.0.0.1:1/x",
    "jdbc:postgresql://127.0.0.1:1/x?user=me&password=a&@",
    "jdbc:mysql://127.0.0.1:1/x?user=me&password=@#@&useSSL=maybe",
    "sqlite://me:@%40127.0.0.1/x",
    "https://me:@%40127.0.0.1:1/flink",
    "http://me:1/@%40127.0.0.1:1/flink",
    "http://127.0.0.1:1/?token=@",
];
/// Shapes that are tried at every place; the others at the command line.
const FEW: [usize; 3] = [0, 6, 10];

/// A value of that shape.
fn value(shape: &str, secret: &str) -> String {
    shape.replace("%40", "\u{0}").replace('@', secret).replace('\u{0}', "@")
}

/// The names of a file, a directory and a host are no secrets, and messages must name them.
fn is_a_name(key: &str, shape: &str) -> bool {
    let is_url = shape.contains("://") || shape.contains("jdbc:");
    ([FILE, RECORD].contains(&key) && !is_url) || (key == HOST && ["@", "correct @ horse", "[a, '@"].contains(&shape))
}

/// Every key of the table, old names included; patterns with a name in them.
fn keys() -> Vec<String> {
    let output = program(&["options", "--json"]).output().unwrap();
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let keys = rows.as_array().unwrap().iter().map(|row| row["key"].as_str().unwrap());
    let keys: Vec<String> = keys.map(|key| key.replace("<name>", "n").replace("<parameter>", "p")).collect();
    assert!(keys.len() > 60, "{keys:?}");
    keys
}

/// What a run needs besides the option that is planted: state and events in files, a cluster where nobody listens.
fn base(directory: &Path, planted: &str) -> Vec<String> {
    let file = directory.join("state.db");
    let cluster = match planted {
        // A cluster that has options of its own.
        planted if planted.contains(".flink-cluster.n.") => (ADDRESSES, "n=http://127.0.0.1:1"),
        _ => (PORT, "1"),
    };
    let options = [(STORE, "sqlite"), (FILE, text(&file)), (HANDLER, "logging,jdbc"), cluster];
    let is_elsewhere = [HOST, ADDRESSES].contains(&planted);
    let others = options.iter().filter(|(key, _)| *key != planted && !(is_elsewhere && *key == PORT));
    others.flat_map(|(key, value)| [format!("--{key}"), (*value).to_owned()]).collect()
}

#[test]
fn values_of_options_on_the_command_line() {
    let (planted, keys) = (Planted::default(), keys());
    planted.each(&keys, |key| {
        for shape in SHAPES.iter().filter(|shape| !is_a_name(key, shape)) {
            let directory = tempfile::tempdir().unwrap();
            let secret = planted.secret();
            let arguments = [base(directory.path(), key), vec![format!("--{key}"), value(shape, &secret)]].concat();
            planted.run(&format!("--{key} {shape}"), &secret, directory.path(), &arguments, &[]);
        }
        // What the other commands say of it.
        for shape in FEW.map(|index| SHAPES[index]).into_iter().filter(|shape| !is_a_name(key, shape)) {
            let directory = tempfile::tempdir().unwrap();
            for command in [
                &["state", "show"][..],
                &["events"],
                &["migrate", "--dry-run"],
                &["check", "--values"],
                &["status", "--url", "http://127.0.0.1:1"],
                &["replay", TRACE, "--summary"],
            ] {
                let secret = planted.secret();
                let mut arguments: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
                if command[0] != "replay" {
                    arguments.extend(base(directory.path(), key));
                }
                arguments.extend([format!("--{key}={}", value(shape, &secret))]);
                planted.command(&format!("{command:?} --{key} {shape}"), &secret, &arguments);
            }
        }
    });
    planted.report("values of options on the command line");
}

#[test]
fn values_of_options_in_files() {
    let (planted, keys) = (Planted::default(), keys());
    planted.each(&keys, |key| {
        for name in ["config.yaml", "flink-conf.yaml"] {
            for shape in FEW.map(|index| SHAPES[index]).into_iter().filter(|shape| !is_a_name(key, shape)) {
                let directory = tempfile::tempdir().unwrap();
                let secret = planted.secret();
                let value = value(shape, &secret);
                let value = if name == "config.yaml" { format!("'{value}'") } else { value };
                std::fs::write(directory.path().join(name), format!("{key}: {value}\n")).unwrap();
                let environment = [("FLINK_CONF_DIR", text(directory.path()))];
                let arguments = base(directory.path(), key);
                planted.run(&format!("{name}: {key} {shape}"), &secret, directory.path(), &arguments, &environment);
            }
        }
    });
    planted.report("values of options in files");
}

#[test]
fn broken_files() {
    let planted = Planted::default();
    let files = [
        ("config.yaml", "autoscaler.standalone.jdbc.password: @\nbroken: [1,\n"),
        ("config.yaml", "broken: [1,\nautoscaler.standalone.jdbc.password: @\n"),
        ("config.yaml", "a: '@\n"),
        ("config.yaml", "a: *@\n"),
        ("config.yaml", "a: &@ 1\n  @: 2\n"),
        ("config.yaml", "- @\n"),
        ("config.yaml", "@"),
        ("config.yaml", "? [@, b]\n: c\n"),
        ("config.yaml", "a: !@ b: c\n"),
        ("config.yaml", "job.autoscaler:\n  enabled: true\n @: x\n"),
        ("config.yaml", "autoscaler.standalone.jdbc.url@: 1\n"),
        ("flink-conf.yaml", "@\n@:\n: @\na.b:@\n\t@: @\nautoscaler.standalone.jdbc.url postgres://me:@/x: y\n"),
        ("flink-conf.yaml", "autoscaler.standalone.jdbc.url=postgres://me:@x/y\njob.autoscaler.enabled=@ : 1\n"),
    ];
    for (name, shape) in files {
        let directory = tempfile::tempdir().unwrap();
        let secret = planted.secret();
        // A key that is a secret in itself can't be told from a mistyped one: what is behind its end is.
        let content = shape.replace("url@", &format!("url {secret}")).replace('@', &secret);
        std::fs::write(directory.path().join(name), content).unwrap();
        let environment = [("FLINK_CONF_DIR", text(directory.path()))];
        planted.run(&format!("{name} {shape:?}"), &secret, directory.path(), &base(directory.path(), ""), &environment);
    }
    planted.report("broken files");
}

#[test]
fn malformed_arguments() {
    let planted = Planted::default();
    let url = format!("--{URL}");
    for command in [
        &["run"][..],
        &["state", "show"],
        &["state", "export"],
        &["state", "clear"],
        &["state", "import", "00", "--file"],
        &["events", "--since"],
        &["events", "--limit"],
        &["events", "--json"],
        &["migrate"],
        &["options"],
        &["options", "--json"],
        &["replay"],
        &["replay", TRACE],
        &["--log-format"],
        &[],
    ] {
        for shape in [
            &["@"][..],
            &["correct", "@", "horse"],
            &["-@"],
            &["--@"],
            &["--@", "1"],
            &["--@=@"],
            &["--json=@"],
            &["-D", "@"],
            &["-D@"],
            &["-D", "postgres://me:@h/x?user=me"],
            &["-D", "=@"],
            &["--=@"],
            &["--a.b", "1", "@"],
            &[url.as_str(), "postgres://me:my", "@", "word%40h/x"],
            &["--autoscaler.standalone.jdbc.url:postgres://me:@%40h/x", "1"],
            &["--autoscaler.standalone.jdbc.url postgres://me:@%40h/x"],
        ] {
            // These are names of files.
            let is_path = command.last() == Some(&"--file") || command.first() == Some(&"replay");
            let shapes = shape.iter().filter(|_| !(is_path && command[0] == "state"));
            let secret = planted.secret();
            let arguments: Vec<String> = command
                .iter()
                .map(|word| (*word).to_owned())
                .chain(shapes.map(|shape| value(shape, &secret)))
                .collect();
            planted.command(&format!("{command:?} {shape:?}"), &secret, &arguments);
        }
    }
    planted.report("malformed arguments");
}

#[test]
fn passwords_and_what_servers_say() {
    let planted = Planted::default();
    let server = echo::Postgres::start();
    for (what, place) in [("in the URL", 0), ("in JDBC_PWD", 1), ("in the file", 2), ("as the user", 3)] {
        let directory = tempfile::tempdir().unwrap();
        let secret = planted.secret();
        let file = directory.path().join("password");
        std::fs::write(&file, &secret).unwrap();
        let password = if place == 0 { format!(":{secret}") } else { String::new() };
        let mut options = vec![
            format!("--{STORE}=jdbc"),
            format!("--{URL}=postgres://me{password}@{}/x?sslmode=disable", server.address),
            format!("--{PORT}=1"),
        ];
        match place {
            2 => options.push(format!("--autoscaler.standalone.jdbc.password-file={}", text(&file))),
            3 => options.push(format!("--autoscaler.standalone.jdbc.username={secret}")),
            _ => {}
        }
        let environment = [("JDBC_PWD", secret.as_str())];
        let environment = if matches!(place, 1 | 3) { &environment[..] } else { &[] };
        planted.run(&format!("a password {what}"), &secret, directory.path(), &options, environment);
    }
    assert!(server.asked() >= 4, "the server was asked for its words");
    let gateway = echo::Gateway::start();
    for host in ["http://me:@%40ADDRESS", "http://me:x%2F@%40ADDRESS/flink"] {
        let directory = tempfile::tempdir().unwrap();
        let secret = planted.secret();
        let host = value(host, &secret).replace("ADDRESS", &gateway.address);
        planted.run("a gateway that repeats", &secret, directory.path(), &[format!("--{HOST}={host}")], &[]);
    }
    assert!(gateway.asked() >= 2, "the gateway was asked for its words");
    planted.report("passwords and what servers say");
}

/// What every decision is told with.
const DECIDED: &str = "Scaling execution enabled";

#[tokio::test(flavor = "multi_thread")]
async fn jobs_configurations() {
    let planted = Planted::default();
    let others = ["pipeline.jobvertex-parallelism-overrides", "s3.secret-key", "taskmanager.memory.process.size"];
    let keys = keys().into_iter().filter(|key| key.starts_with("job.")).chain(others.map(str::to_owned));
    let mut secrets = Vec::new();
    let cluster = StandIn::start().await;
    // Cycles are far apart on a busy machine: one of these holds two of them.
    let windows = ["1 s", "5 s", "20 s"];
    for (number, (key, shape)) in
        (1u32..).zip(keys.flat_map(|key| FEW.into_iter().chain([4, 5]).map(move |index| (key.clone(), SHAPES[index]))))
    {
        let secret = planted.secret();
        let value = value(shape, &secret);
        let overrides = format!("{}:2", testkit::job::id(1));
        let options = [
            ("pipeline.jobvertex-parallelism-overrides", overrides.as_str()),
            ("job.autoscaler.enabled", "true"),
            // Some get as far as a decision.
            ("job.autoscaler.stabilization.interval", "0 s"),
            ("job.autoscaler.metrics.window", windows[number as usize % windows.len()]),
            ("job.autoscaler.utilization.max", "0.8"),
            (key.as_str(), value.as_str()),
        ];
        cluster.add_job(number, &options, None);
        secrets.push((format!("job {number}: {key} {shape}"), secret));
    }
    let jobs = u32::try_from(secrets.len()).unwrap();
    for format in ["text", "json"] {
        let directory = tempfile::tempdir().unwrap();
        let mut arguments =
            vec!["run".to_owned(), format!("--log-format={format}"), format!("--{HOST}={}", cluster.url())];
        let base = base(directory.path(), HOST);
        arguments.extend(base.into_iter().chain(["--autoscaler.standalone.control-loop.interval=1 s".to_owned()]));
        let before = cluster.asked().len();
        let record = directory.path().join("traces");
        arguments.push(format!("--{RECORD}={}", text(&record)));
        let child = plant::Child::start(&arguments, &[("RUST_LOG", "debug,sqlx=info,hyper=info,h2=info")]);
        // Each is looked at, and all are listed several times more.
        let mut begun = None;
        plant::until(|| {
            let asked = cluster.asked();
            let of = |number| format!("/jobs/{}/jobmanager/config", testkit::job::id(number));
            let is_asked = |number| asked[before..].iter().any(|asked| asked.path == of(number));
            if begun.is_none() && (1..=jobs).all(is_asked) {
                begun = Some(asked.len());
            }
            begun.is_some_and(|begun| asked[begun..].iter().filter(|asked| asked.path == "/jobs/overview").count() >= 4)
        })
        .await;
        child.wait_for(&[DECIDED]);
        let output = child.ended(directory.path());
        assert!(output.contains(DECIDED), "no job got as far as a decision");
        let traces = recorded(&record);
        assert!(traces.contains(DECIDED), "nothing that was decided was recorded");
        let output = output + traces.as_str();
        for expected in ["AutoScaler Options Validation", "state.db"] {
            assert!(output.contains(expected), "no {expected} in {output}");
        }
        secrets.iter().for_each(|(what, secret)| planted.look(&format!("{format}, {what}"), secret, &output));
    }
    planted.report("jobs' configurations");
}

/// All that is recorded in a directory.
fn recorded(directory: &Path) -> String {
    let files = replay::trace_files(directory).unwrap();
    files.iter().map(|file| replay::Trace::open(file).and_then(replay::Trace::text).unwrap()).collect()
}
