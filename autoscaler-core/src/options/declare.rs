//! How options are declared: a struct and its table in one.

/// A struct of options and the table they are read from: each backend declares its own.
///
/// A row is `field: type = key, default`, then the other keys it is read from, and behind `=>` what else is known of it:
/// `secret()` and `plain()` say what messages show of a value that can't be used, `within(low, high)` and `at_least(low)`
/// what is allowed (durations in seconds), `seconds()` that less than a second is hardly meant.
///
/// ```
/// use autoscaler_core::options::{Configuration, Origin};
///
/// autoscaler_core::options! {
///     /// What the lantern is told.
///     LanternOptions, prefix "autoscaler.standalone.lantern." {
///         #[doc = "How bright it is."]
///         brightness: i32 = "brightness", "3", &[] => within(1.0, 9.0);
///         #[doc = "Who may switch it off."]
///         owner: String = "owner", none, &["lanternOwner"] => secret();
///     }
/// }
///
/// let mut configuration = Configuration::new();
/// configuration.set("autoscaler.standalone.lantern.brightness", "9", Origin::Flag);
/// let options = LanternOptions::checked(&configuration)?;
/// assert_eq!((options.brightness, options.owner), (9, None));
/// assert_eq!(LanternOptions::SPECS[1].key, "autoscaler.standalone.lantern.owner");
/// configuration.set("autoscaler.standalone.lantern.brightness", "10", Origin::Flag);
/// assert_eq!(
///     LanternOptions::checked(&configuration).unwrap_err().to_string(),
///     "option autoscaler.standalone.lantern.brightness has the value '10' (from the command line): expected a whole \
///      number from 1 to 9"
/// );
/// # Ok::<(), autoscaler_core::options::InvalidOption>(())
/// ```
#[macro_export]
macro_rules! options {
    (
        $(#[$struct_doc:meta])*
        $struct:ident, prefix $prefix:literal {
            $(
                #[doc = $doc:literal]
                $field:ident: $type:ty = $key:literal, $default:tt $(, $alternatives:expr)?
                    $(=> $($mark:ident($($argument:expr),*)),+)? ;
            )*
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
                $( $crate::options::OptionSpec::new::<$type>(
                    concat!($prefix, $key),
                    $crate::options!(@alternatives $prefix, $key $(, $alternatives)?),
                    $crate::options!(@default $default),
                    $doc,
                ) $( $( .$mark($($argument),*) )+ )?, )*
            ];

            /// Reads the options in a configuration; ranges are not checked here.
            ///
            /// # Errors
            /// The first option whose text is not of its type: its key, its value, its origin and what is allowed.
            pub fn read(
                configuration: &$crate::options::Configuration,
            ) -> Result<Self, $crate::options::InvalidOption> {
                let mut specs = Self::SPECS.iter();
                $( let $field = $crate::options!(@read specs, configuration, $type, $default, $key); )*
                Ok(Self { $( $field, )* })
            }

            /// Reads the options in a configuration and checks their ranges.
            ///
            /// # Errors
            /// The first option with a value it can't have: its key, its value, its origin and what is allowed.
            pub fn checked(
                configuration: &$crate::options::Configuration,
            ) -> Result<Self, $crate::options::InvalidOption> {
                for spec in Self::SPECS {
                    spec.check(configuration)?;
                }
                Self::read(configuration)
            }
        }
    };
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
