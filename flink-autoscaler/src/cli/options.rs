//! `flink-autoscaler options`: the option table.

use std::io::{BufWriter, Write};

use anyhow::Result;

use crate::configuration::OptionTable;

/// Prints every option.
pub(super) fn print(table: &OptionTable) -> Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for option in table.rows() {
        writeln!(out, "{}\n    {}", option.key, option.doc)?;
        match option.default {
            Some(default) => writeln!(out, "    default: {default}")?,
            None => writeln!(out, "    no default")?,
        }
        for (name, doc) in table.backends(option.key) {
            writeln!(out, "    {name}: {doc}")?;
        }
        if option.secret {
            writeln!(out, "    may be secret: it is shown nowhere")?;
        }
        if !option.alternatives.is_empty() {
            writeln!(out, "    also read from: {}", option.alternatives.join(", "))?;
        }
    }
    Ok(out.flush()?)
}
