//! Options whose value is one of a few names, in any case.

/// Reads a value of a type by name, in any case.
///
/// ```
/// #[derive(Debug, PartialEq)]
/// enum Size { Small, Large }
/// autoscaler_core::named_values!(Size, "SMALL or LARGE", "SMALL" => Self::Small, "LARGE" => Self::Large);
/// # use autoscaler_core::options::value::OptionValue;
/// assert_eq!(Size::read("large"), Some(Size::Large));
/// ```
#[macro_export]
macro_rules! named_values {
    ($type:ty, $expected:literal, $($name:literal => $value:expr),+) => {
        impl $crate::options::value::OptionValue for $type {
            const EXPECTED: &'static str = $expected;

            fn read(text: &str) -> Option<Self> {
                match text.to_ascii_uppercase().as_str() {
                    $($name => Some($value),)+
                    _ => None,
                }
            }
        }
    };
}
