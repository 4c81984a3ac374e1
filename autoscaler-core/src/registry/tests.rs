use super::*;

fn open(_: &mut Opening<'_>) -> Result<Opened<dyn AutoScalerStateStore>, PortError> {
    Err(PortError::new(crate::ErrorKind::Unsupported, "for names only"))
}

#[test]
fn a_backend_is_found_by_its_name_in_any_case() {
    let mut backends = Backends::new();
    backends.stores.add("FILE", "state in a file", open);
    assert_eq!(backends.stores.named("o", " file ").unwrap().name, "FILE");
}

#[test]
fn an_unknown_name_is_answered_with_those_that_are_in() {
    let mut backends = Backends::new();
    backends.stores.add("FILE", "state in a file", open);
    backends.stores.add_missing("SQLITE", "store-sqlite");
    let option = "autoscaler.standalone.state-store.type";
    assert_eq!(
        backends.stores.named(option, "sqlite").unwrap_err().to_string(),
        format!(
            "option {option} names SQLITE, which is not in this build: it has FILE; build it with --features store-sqlite"
        )
    );
    assert_eq!(
        backends.stores.named(option, "tape").unwrap_err().to_string(),
        format!("option {option} has the value 'tape': expected one of those in this build: FILE")
    );
}

#[test]
fn extensions_are_shared_by_type() {
    let mut extensions = Extensions::default();
    extensions.get_or_default::<Vec<u8>>().push(1);
    extensions.get_or_default::<Vec<u8>>().push(2);
    assert_eq!(*extensions.get_or_default::<Vec<u8>>(), [1, 2]);
    assert_eq!(*extensions.get_or_default::<String>(), "");
}
