//! What the tests of every crate share: backend suites, builders, a stand-in cluster
