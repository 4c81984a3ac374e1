//! The options of SQL databases.

use std::path::Path;
use std::time::Duration;

use autoscaler_core::{ErrorKind, PortError};
use secrecy::SecretString;

use crate::config::{Access, ConnectSettings, DatabaseOptions, Migrate};
use crate::password::PasswordFile;

/// Whether the schema is brought up to date at start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrateMode {
    /// At start.
    Auto,
    /// By hand only.
    Manual,
}

autoscaler_core::named_values!(MigrateMode, "AUTO or MANUAL", "AUTO" => Self::Auto, "MANUAL" => Self::Manual);

autoscaler_core::options! {
    /// How the SQL database is connected to and used.
    JdbcOptions, prefix "autoscaler.standalone." {
        #[doc = "URL of the SQL database: jdbc:postgresql://, jdbc:mysql://, jdbc:mariadb://, postgres://, mysql:// or sqlite:."]
        jdbc_url: String = "jdbc.url", none, &[] => secret();
        #[doc = "User of the SQL database."]
        jdbc_username: String = "jdbc.username", none, &[];
        #[doc = "Environment variable that holds the SQL database's password."]
        jdbc_password_env_variable: String = "jdbc.password-env-variable", "JDBC_PWD", &[];
        #[doc = "File that holds the SQL database's password, instead of the variable."]
        jdbc_password_file: String = "jdbc.password-file", none, &[];
        #[doc = "Whether the schema is brought up to date at start: AUTO or MANUAL (then flink-autoscaler migrate does it)."]
        jdbc_migrate: MigrateMode = "jdbc.migrate", "AUTO", &[];
        #[doc = "Time within which the SQL database must answer."]
        jdbc_timeout: Duration = "jdbc.timeout", "10 s", &[] => at_least(0.001), seconds();
        #[doc = "Connections to the SQL database at most."]
        jdbc_max_connections: i32 = "jdbc.max-connections", "10", &[] => within(1.0, 10000.0);
    }
}

impl JdbcOptions {
    /// How to connect. The password comes from the file, or from the variable that an option names.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn connect_settings(&self, access: Access) -> Result<ConnectSettings, PortError> {
        let open = |file: &String| {
            PasswordFile::open(file).map_err(|error| {
                let what = "option autoscaler.standalone.jdbc.password-file: the file can't be used";
                let unreadable = PortError::new(ErrorKind::Invalid, what).caused_by(error);
                // Somebody may have put the password there instead of its file.
                let directory = Path::new(file).parent().filter(|directory| !directory.as_os_str().is_empty());
                match directory.is_some_and(Path::is_dir) {
                    true => unreadable.with("file", file.as_str()),
                    false => unreadable,
                }
            })
        };
        let password_file = self.jdbc_password_file.as_ref().map(open).transpose()?;
        let variable = || std::env::var(&self.jdbc_password_env_variable).ok().filter(|password| !password.is_empty());
        let password = match &password_file {
            Some(file) => Some(file.password()),
            None => variable().map(SecretString::from),
        };
        Ok(ConnectSettings {
            username: self.jdbc_username.clone(),
            password,
            password_file,
            timeout: self.jdbc_timeout,
            max_connections: u32::try_from(self.jdbc_max_connections).unwrap_or(1),
            access,
        })
    }

    /// What happens to the schema.
    pub fn database_options(&self, access: Access) -> DatabaseOptions {
        let migrate = match (access, self.jdbc_migrate) {
            (Access::ReadOnly, _) => Migrate::Never,
            (Access::Existing, _) => Migrate::Check,
            (Access::ReadWrite, MigrateMode::Auto) => Migrate::AtStart,
            (Access::ReadWrite, MigrateMode::Manual) => Migrate::Check,
        };
        DatabaseOptions { migrate }
    }
}
