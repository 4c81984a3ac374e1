//! `flink-autoscaler options`: the option table.

use crate::configuration::all_options;

/// Prints every option.
#[expect(clippy::print_stdout, reason = "the command's output")]
pub(super) fn print() {
    for option in all_options() {
        println!("{}", option.key);
        println!("    {}", option.doc);
        match option.default {
            Some(default) => println!("    default: {default}"),
            None => println!("    no default"),
        }
        if !option.alternatives.is_empty() {
            println!("    also read from: {}", option.alternatives.join(", "));
        }
    }
}
