//! Servers in containers of their official images.

use std::process::Command;

use anyhow::{Context, Result, bail};
use testcontainers::core::{ContainerPort, IntoContainerPort};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, GenericImage, ImageExt};

use super::{Running, Server, wait_until_up};
use crate::docker;

/// The label by which containers of a killed test are found.
const LABEL: &str = "org.testcontainers.managed-by=testcontainers";

/// Image, tag, environment, and the user in the URL.
struct Choice {
    image: &'static str,
    tag: &'static str,
    environment: &'static [(&'static str, &'static str)],
    user: &'static str,
}

fn choice(server: Server) -> Choice {
    let choice = |image, tag, environment, user| Choice { image, tag, environment, user };
    match server {
        Server::Postgres => choice("postgres", "17", &[("POSTGRES_PASSWORD", "test")], "postgres:test@"),
        Server::MySql => choice("mysql", "8.4", &[("MYSQL_ROOT_PASSWORD", "test")], "root:test@"),
        Server::MariaDb => choice("mariadb", "11.4", &[("MARIADB_ROOT_PASSWORD", "test")], "root:test@"),
    }
}

pub(super) fn start(server: Server) -> Result<Running> {
    if !docker::answers() {
        bail!("no Docker engine answers");
    }
    sweep();
    let choice = choice(server);
    start_image(server, &choice).with_context(|| format!("no container of {}:{}", choice.image, choice.tag))
}

/// Ends containers that a killed test left behind more than an hour ago; a running test's are younger.
fn sweep() {
    let listed = Command::new("docker")
        .args(["ps", "--filter", &format!("label={LABEL}"), "--format", "{{.ID}} {{.RunningFor}}"])
        .output();
    let text = listed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    for line in text.lines().filter(|line| line.contains("hour") || line.contains("day") || line.contains("week")) {
        if let Some(id) = line.split(' ').next() {
            let _removed = Command::new("docker").args(["rm", "--force", id]).output();
        }
    }
}

fn start_image(server: Server, choice: &Choice) -> Result<Running> {
    let port: ContainerPort = if server == Server::Postgres { 5432.tcp() } else { 3306.tcp() };
    let mut request =
        GenericImage::new(choice.image, choice.tag).with_exposed_port(port).with_label("flink-autoscaler", "test");
    for (name, value) in choice.environment {
        request = request.with_env_var(*name, *value);
    }
    let (sender, receiver) = std::sync::mpsc::channel();
    // The container is gone when its handle is dropped, so a thread holds it until the process ends: statics are not
    // dropped, but testcontainers' watchdog ends what a signal leaves behind.
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            let started: Result<(ContainerAsync<GenericImage>, u16)> = async {
                let container = request.start().await?;
                let mapped = container.get_host_port_ipv4(port).await?;
                Ok((container, mapped))
            }
            .await;
            match started {
                Ok((container, mapped)) => {
                    let _told = sender.send(Ok((container.id().to_owned(), mapped)));
                    docker::end_with_process(container.id());
                    std::future::pending::<()>().await;
                }
                Err(error) => {
                    let _told = sender.send(Err(error));
                }
            }
        });
    });
    let (id, mapped) = receiver.recv().context("the container's thread ended")??;
    let scheme = if server == Server::Postgres { "postgres" } else { "mysql" };
    let base = format!("{scheme}://{}127.0.0.1:{mapped}", choice.user);
    wait_until_up(server, &base, 120)?;
    let origin = format!("container {} of {}:{}", &id[..12.min(id.len())], choice.image, choice.tag);
    Ok(Running { server, base, origin })
}
