//! The table of options: what each key is called, was called, holds and means.

use super::configuration::{Configuration, Origin};
use super::invalid::InvalidOption;
use super::value::OptionValue;

/// One row of the option table.
#[derive(Clone, Copy, Debug)]
pub struct OptionSpec {
    /// The key, or a pattern with `<name>` and `<parameter>` in it.
    pub key: &'static str,
    /// Other keys it is read from where `key` is not set, strongest first.
    pub alternatives: &'static [&'static str],
    /// The default's text; none if there is no default.
    pub default: Option<&'static str>,
    /// What it does, in a sentence.
    pub doc: &'static str,
    /// Whether its text may be a secret and is shown nowhere.
    pub secret: bool,
}

impl OptionSpec {
    /// The key under which `configuration` holds this option's text: its own, or the strongest alternative set.
    pub fn key_set_in(&self, configuration: &Configuration) -> Option<&'static str> {
        std::iter::once(&self.key).chain(self.alternatives).find(|key| configuration.get(key).is_some()).copied()
    }

    /// The option's value: what is set, else the default; `None` where neither is.
    ///
    /// # Errors
    /// The text set is not of the option's type; the message names key, text, origin and what is allowed.
    pub fn read<T: OptionValue>(&self, configuration: &Configuration) -> Result<Option<T>, InvalidOption> {
        let Some(key) = self.key_set_in(configuration) else {
            return Ok(self.default.and_then(T::read));
        };
        let text = configuration.get(key).unwrap_or_default();
        T::read(text).map(Some).ok_or_else(|| {
            let origin = configuration.origin(key).unwrap_or(&Origin::Job);
            let shown = if self.secret { "(hidden)".to_owned() } else { text.chars().take(200).collect() };
            InvalidOption::new(key, format_args!("has the value '{shown}' (from {origin}): expected {}", T::EXPECTED))
        })
    }
}

/// A struct of options and the table they are read from: each backend declares its own.
///
/// ```
/// use autoscaler_core::options::{Configuration, Origin};
///
/// autoscaler_core::options! {
///     /// What the lantern is told.
///     LanternOptions, prefix "autoscaler.standalone.lantern." {
///         #[doc = "How bright it is."]
///         brightness: i32 = "brightness", "3", &[];
///         #[doc = "Who may switch it off."]
///         owner: String = "owner", none, &["lanternOwner"], secret;
///     }
/// }
///
/// let mut configuration = Configuration::new();
/// configuration.set("autoscaler.standalone.lantern.brightness", "9", Origin::Flag);
/// let options = LanternOptions::read(&configuration)?;
/// assert_eq!((options.brightness, options.owner), (9, None));
/// assert_eq!(LanternOptions::SPECS[1].key, "autoscaler.standalone.lantern.owner");
/// # Ok::<(), autoscaler_core::options::InvalidOption>(())
/// ```
#[macro_export]
macro_rules! options {
    (
        $(#[$struct_doc:meta])*
        $struct:ident, prefix $prefix:literal {
            $( #[doc = $doc:literal] $field:ident: $type:ty = $key:literal, $default:tt $(, $alternatives:expr)? $(, $secret:ident)? ; )*
        }
    ) => {
        $(#[$struct_doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $struct {
            $( #[doc = $doc] pub $field: $crate::options!(@type $type, $default), )*
        }

        impl $struct {
            /// The rows of the option table, in the order they are documented.
            pub const SPECS: &'static [$crate::options::OptionSpec] = &[
                $( $crate::options::OptionSpec {
                    key: concat!($prefix, $key),
                    alternatives: $crate::options!(@alternatives $prefix, $key $(, $alternatives)?),
                    default: $crate::options!(@default $default),
                    doc: $doc,
                    secret: $crate::options!(@secret $( $secret )?),
                }, )*
            ];

            /// Reads the options in a configuration; ranges are not checked here.
            ///
            /// # Errors
            /// The first option whose text is not of its type: its key, its text, its origin and what is allowed.
            pub fn read(
                configuration: &$crate::options::Configuration,
            ) -> Result<Self, $crate::options::InvalidOption> {
                let mut specs = Self::SPECS.iter();
                $( let $field = $crate::options!(@read specs, configuration, $type, $default, $key); )*
                Ok(Self { $( $field, )* })
            }
        }
    };
    (@secret) => { false };
    (@secret secret) => { true };
    (@type $type:ty, none) => { Option<$type> };
    (@type $type:ty, $default:literal) => { $type };
    (@default none) => { None };
    (@default $default:literal) => { Some($default) };
    (@alternatives $prefix:literal, $key:literal) => { &[concat!("kubernetes.operator.", $prefix, $key)] };
    (@alternatives $prefix:literal, $key:literal, $alternatives:expr) => { $alternatives };
    (@read $specs:ident, $configuration:ident, $type:ty, none, $key:literal) => {
        match $specs.next() { Some(spec) => spec.read::<$type>($configuration)?, None => None }
    };
    (@read $specs:ident, $configuration:ident, $type:ty, $default:literal, $key:literal) => {
        match $specs.next() { Some(spec) => spec.read::<$type>($configuration)?, None => None }
            .ok_or_else(|| $crate::options::InvalidOption::new($key, "has no readable default"))?
    };
}

/// The known key that `unknown` most looks like, where one is close.
pub fn nearest_key<'a>(unknown: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|key| (strsim::damerau_levenshtein(unknown, key), key))
        .min()
        .filter(|(distance, key)| *distance <= key.len() / 4)
        .map(|(_, key)| key)
}
