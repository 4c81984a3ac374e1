//! SIGKILL at every point of a migration: the next process brings the schema up to date.

use std::process::{Command, Stdio};

use servers::fault_proxy::{Behavior, FaultProxy};
use sql_database::schema::{migrate, pending};

use crate::Case;
use crate::backend::Opened;

pub(crate) const CASES: &[Case] = &[("killed::while_it_migrates", |database| Box::pin(while_it_migrates(database)))];

/// More points than any migration has.
const POINTS: u64 = 500;

const PROGRAM: &str = env!("CARGO_BIN_EXE_flink-autoscaler");

/// The points of the work are what it sends to a server, and how far the files of SQLite have grown: they are the same
/// however fast the machine is.
#[expect(clippy::print_stdout, reason = "the figures are worth knowing")]
async fn while_it_migrates(opened: Opened) {
    let known = opened.database().known_migrations().len();
    let (mut kills, mut untouched, mut half_way) = (0, 0, 0);
    let mut came_to_its_end = false;
    for point in 0..POINTS {
        let is_killed = match opened.backend.server() {
            Some(_) => killed_after_sending(&opened, point + 1).await,
            None => killed_after_writing(&opened, point),
        };
        let database = opened.database();
        let missing = pending(database.as_ref()).await.unwrap().len();
        if !is_killed {
            assert_eq!(missing, 0, "of what it did to its end");
            came_to_its_end = true;
            break;
        }
        kills += 1;
        untouched += usize::from(missing == known);
        half_way += usize::from(missing > 0 && missing < known);
        migrate(database.as_ref()).await.unwrap_or_else(|error| panic!("after point {point}: {error}"));
        assert_eq!(pending(database.as_ref()).await.unwrap(), [], "after point {point}");
        drop_everything(&opened).await;
    }
    println!(
        "{}: killed at {kills} points of its migrations: {untouched} before any of it, {half_way} half-way",
        opened.backend.name
    );
    assert!(came_to_its_end, "it is killed at {POINTS} points");
    assert!(untouched > 0 && half_way > 0, "{untouched} kills came before any of it, {half_way} in its middle");
}

fn migrating(mut command: Command, url: &str) -> Command {
    command.args(["migrate", "--autoscaler.standalone.state-store.type=jdbc"]);
    command.arg(format!("--autoscaler.standalone.jdbc.url={url}")).env_remove("FLINK_CONF_DIR");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Kills it when it has sent so many times to its server, which has all of that; whether it came so far.
async fn killed_after_sending(opened: &Opened, sendings: u64) -> bool {
    let (rest, name) = opened.url.rsplit_once('/').unwrap();
    let (user, address) = rest.rsplit_once('@').unwrap();
    let proxy = FaultProxy::start(tokio::net::lookup_host(address).await.unwrap().next().unwrap()).await;
    proxy.behave(Behavior::HoldAfter(sendings));
    let url = format!("{user}@{}/{name}", proxy.address());
    let mut process = migrating(Command::new(PROGRAM), &url).spawn().unwrap();
    let id = process.id().to_string();
    let mut ended = tokio::task::spawn_blocking(move || process.wait().unwrap());
    tokio::select! {
        status = &mut ended => {
            assert!(status.unwrap().success());
            false
        }
        () = proxy.has_passed(sendings) => {
            // Behind what it sends last it may be faster.
            let _gone = Command::new("kill").args(["-KILL", &id]).stderr(Stdio::null()).status().unwrap();
            !ended.await.unwrap().success()
        }
    }
}

/// Has the kernel kill it when a file of it would grow beyond so many pages of 4 KiB; whether one did.
fn killed_after_writing(opened: &Opened, pages: u64) -> bool {
    let mut shell = Command::new("sh");
    let limited = format!("ulimit -c 0; ulimit -f {}; exec \"$0\" \"$@\"", pages * 4096 / 512);
    shell.args(["-c", &limited, PROGRAM]);
    let status = migrating(shell, &opened.url).status().unwrap();
    assert!(status.success() || status.code().is_none(), "it is not killed: {status}");
    !status.success()
}

/// As before the first migration.
async fn drop_everything(opened: &Opened) {
    for table in ["state_store", "event_handler", "observation", "policy_memory", "job_cluster", "lease", "migrations"]
    {
        opened.execute(&[&format!("DROP TABLE IF EXISTS t_flink_autoscaler_{table}")]).await;
    }
}
