//! A server that doesn't let its user in.

use autoscaler_core::{AutoScalerStateStore, Fence};
use servers::database::Server;
use sql_database::schema::migrate;

use super::{key, must_pass, saved_in_the_end, settings, state, store_at};
use crate::backend::{Opened, connect};

/// A user who may have one connection, which somebody has.
pub(super) async fn no_connection_left(opened: Opened) {
    let name = opened.url.rsplit('/').next().unwrap().to_owned();
    let (create, alter) = if opened.backend.server() == Some(Server::Postgres) {
        (
            vec![
                format!("CREATE ROLE u_{name} LOGIN PASSWORD 'p' CONNECTION LIMIT 0"),
                format!("GRANT ALL ON DATABASE {name} TO u_{name}"),
                format!("GRANT ALL ON ALL TABLES IN SCHEMA public TO u_{name}"),
                format!("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO u_{name}"),
            ],
            format!("ALTER ROLE u_{name} CONNECTION LIMIT -1"),
        )
    } else {
        (
            vec![
                format!("CREATE USER u_{name} IDENTIFIED BY 'p' WITH MAX_USER_CONNECTIONS 1"),
                format!("GRANT ALL ON {name}.* TO u_{name}"),
            ],
            format!("ALTER USER u_{name} WITH MAX_USER_CONNECTIONS 100"),
        )
    };
    migrate(opened.database().as_ref()).await.unwrap();
    opened.execute(&create.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let (scheme, rest) = opened.url.split_once("://").unwrap();
    let url = format!("{scheme}://u_{name}:p@{}", rest.rsplit_once('@').unwrap().1);
    // MySQL's limit of 1 is used up by this connection, which its pool keeps open; PostgreSQL's is 0.
    let held = connect(&url, &settings());
    let _version = held.version().await;
    let store = store_at(&url);
    must_pass(&store.save(&key(), &state(1), &Fence::open()).await.unwrap_err());
    opened.execute(&[&alter]).await;
    saved_in_the_end(&store, 2).await;
    let drop_user =
        if opened.url.starts_with("mysql") { format!("DROP USER u_{name}") } else { format!("DROP OWNED BY u_{name}") };
    opened.execute(&[&drop_user]).await;
}
