//! What the compiler says to somebody who holds it wrong. The messages are in `ui/*.stderr`; after a change that is
//! meant, `TRYBUILD=overwrite cargo test --test ui -- --ignored` writes them anew.

#[test]
#[ignore = "compares the compiler's words, which change between versions: run with --ignored"]
fn messages_of_the_compiler() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
