//! How options are declared: a struct and its table in one.

/// A struct of options and the table they are read from: each backend declares its own.
///
/// A row is `field: type = key, default`, then the other keys it is read from, and behind `=>` what else is known of it:
/// `secret()` and `plain()` say what messages show of a value that can't be used, `within(low, high)` and `at_least(low)`
/// what is allowed (durations in seconds), `seconds()` that less than a second is hardly meant.
///
/// Behind the prefix, `each "cluster"` makes options of which each of several things may have its own: then there are also
/// the rows `NAMED_SPECS`, whose keys have `<name>.` behind the prefix, and `named`, which reads those of one name.
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
        $struct:ident, prefix $prefix:literal, each $what:literal { $($rows:tt)* }
    ) => {
        $crate::options! { $(#[$struct_doc])* $struct, prefix $prefix { $($rows)* } }
        $crate::options! { @each $struct, $prefix, $what, $($rows)* }
    };
    (
        @each $struct:ident, $prefix:literal, $what:literal,
        $(
            #[doc = $doc:literal]
            $field:ident: $type:ty = $key:literal, $default:tt $(, $alternatives:expr)?
                $(=> $($mark:ident($($argument:expr),*)),+)? ;
        )*
    ) => {
        impl $struct {
            /// The rows of what one by name has of its own; `<name>` in their keys stands for it.
            pub const NAMED_SPECS: &'static [$crate::options::OptionSpec] = &[
                $( $crate::options::OptionSpec::new::<$type>(
                    concat!($prefix, "<name>.", $key),
                    &[],
                    None,
                    concat!("The same for the ", $what, " of that name, instead of ", $prefix, $key, "."),
                ) $( $( .$mark($($argument),*) )+ )?, )*
            ];

            /// Reads the options of one by name: its own, else those that hold for all. Ranges are checked.
            ///
            /// # Errors
            /// The first option with a value it can't have: its key, its value, its origin and what is allowed.
            pub fn named(
                configuration: &$crate::options::Configuration,
                name: &str,
            ) -> Result<Self, $crate::options::InvalidOption> {
                let (mut specs, mut own) = (Self::SPECS.iter(), Self::NAMED_SPECS.iter());
                for spec in Self::SPECS.iter().chain(Self::NAMED_SPECS) {
                    spec.check(configuration)?;
                }
                $(
                    let $field = $crate::options!(@read specs, configuration, $type, $default, $key);
                    let own_value = match own.next() {
                        Some(spec) => spec.read_named::<$type>(configuration, name)?,
                        None => None,
                    };
                    let $field = $crate::options!(@either own_value, $field, $default);
                )*
                Ok(Self { $( $field, )* })
            }
        }
    };
    (@either $own:ident, $common:ident, none) => { $own.or($common) };
    (@either $own:ident, $common:ident, $default:literal) => { $own.unwrap_or($common) };
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

#[cfg(test)]
#[expect(unreachable_pub, reason = "structs of options are public where they are declared for others")]
mod tests {
    use std::collections::BTreeMap;

    use crate::options::{Configuration, Origin, process_remarks};

    crate::options! {
        /// Lanterns, each with options of its own.
        Lantern, prefix "autoscaler.lantern.", each "lantern" {
            #[doc = "How bright it is."]
            brightness: i32 = "light.brightness", "3", &[] => within(1.0, 9.0);
            #[doc = "Who may switch it off."]
            owner: String = "owner", none, &[];
            #[doc = "What hangs on it."]
            signs: BTreeMap<String, String> = "signs", none, &[];
        }
    }

    fn configuration(options: &[(&str, &str)]) -> Configuration {
        let mut configuration = Configuration::new();
        options.iter().for_each(|(key, value)| {
            configuration.set(format!("autoscaler.lantern.{key}"), *value, Origin::Flag);
        });
        configuration
    }

    #[test]
    fn one_by_name_may_have_its_own() {
        let set = configuration(&[
            ("light.brightness", "4"),
            ("red.light.brightness", "5"),
            ("red.signs.left", "a"),
            ("red.signs.right", "b"),
            ("owner", "me"),
        ]);
        let (red, blue) = (Lantern::named(&set, "red").unwrap(), Lantern::named(&set, "blue").unwrap());
        assert_eq!((red.brightness, red.owner.as_deref(), red.signs.unwrap().len()), (5, Some("me"), 2));
        assert_eq!((blue.brightness, blue.signs.clone()), (4, None));
        assert_eq!(Lantern::checked(&set), Ok(blue));
        let error = Lantern::named(&configuration(&[("red.light.brightness", "10")]), "blue").unwrap_err();
        let expected = "option autoscaler.lantern.red.light.brightness has the value '10' (from the command line): expected a \
                        whole number from 1 to 9";
        assert_eq!(error.to_string(), expected);
        let error = Lantern::named(&configuration(&[("red.signs", "secret")]), "red").unwrap_err().to_string();
        assert!(error.contains("autoscaler.lantern.red.signs has a value of 6 characters, not shown"), "{error}");
    }

    #[test]
    fn a_mistyped_key_of_one_by_name_is_said() {
        let rows: Vec<_> = Lantern::SPECS.iter().chain(Lantern::NAMED_SPECS).collect();
        let remarks = |key| process_remarks(&rows, &configuration(&[(key, "1")]));
        for known in ["owner", "red.owner", "red.light.brightness", "signs.left", "red.signs.upper.left"] {
            assert_eq!(remarks(known), [""; 0], "{known}");
        }
        for (unknown, nearest) in [
            ("red.light.brightnes", "red.light.brightness"),
            ("light.brightnes", "light.brightness"),
            ("a.b.owner", "a.owner"),
            ("red.sings.left", "red.signs"),
        ] {
            let said = remarks(unknown).concat();
            assert!(said.ends_with(&format!("did you mean autoscaler.lantern.{nearest}?")), "{said}");
        }
    }
}
