use super::*;

#[test]
fn what_a_build_lacks_it_knows_the_feature_of() {
    let backends = compiled_in();
    for (name, is_in, feature) in [
        ("memory", cfg!(feature = "store-memory"), "store-memory"),
        ("sqlite", cfg!(feature = "store-sqlite"), "store-sqlite"),
        (
            "jdbc",
            cfg!(any(feature = "store-sqlite", feature = "store-jdbc-postgres", feature = "store-mysql")),
            "store-jdbc-postgres",
        ),
    ] {
        match backends.stores.named("type", name) {
            Ok(_) => assert!(is_in, "{name}"),
            Err(error) => {
                assert!(!is_in && error.to_string().contains(&format!("--features {feature}")), "{error}");
            }
        }
    }
    let realizers: Vec<&str> = backends.realizers.iter().map(|realizer| realizer.name).collect();
    assert_eq!(realizers.contains(&"REST"), cfg!(feature = "realizer-rest"));
    let sources: Vec<&str> = backends.sources.iter().map(|source| source.name).collect();
    assert_eq!(sources.contains(&"FLINK_CLUSTER"), cfg!(feature = "flink-rest"));
}
