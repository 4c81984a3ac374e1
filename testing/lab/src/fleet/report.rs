//! What was measured, as a table.

use comfy_table::{ContentArrangement, Table};

use super::measure::{Distribution, Measured};

pub(super) fn table(measured: &Measured) -> String {
    let mut table = Table::new();
    table.set_content_arrangement(ContentArrangement::Disabled);
    let mut rows = vec![
        ("jobs", format!("{}, {} slow", measured.jobs, measured.slow_jobs)),
        ("store", measured.store.to_owned()),
        ("interval, window", format!("{} ms, {} observations", measured.interval_ms, measured.window)),
        ("measured", format!("{} rounds, {} job-cycles", measured.rounds, measured.job_cycles)),
        ("CPU time per job-cycle", format!("{:.3} ms", measured.cpu_ms_per_job_cycle)),
        ("share of a core", format!("{:.2}", measured.cores)),
        ("resident memory", format!("{:.1} MB", measured.resident_mb)),
        ("REST calls per job-cycle", format!("{:.2}", measured.calls_per_job_cycle)),
        ("REST calls per round", format!("{:.2}", measured.cluster_calls_per_round)),
        ("the stand-in's CPU time per job-cycle", format!("{:.3} ms", measured.stand_in_cpu_ms_per_job_cycle)),
    ];
    if let Some(late) = &measured.late {
        rows.push(("a healthy job's cycle begins, after the list", distribution(&late.after_list_s)));
        rows.push(("its cycles are apart, beyond the interval", distribution(&late.over_interval_s)));
    }
    if let Some(watched) = &measured.watched {
        let pages = format!(
            "{}, loaded {:.1} times a second, {:.1} KB each",
            watched.pages, watched.loads_per_second, watched.kb_per_load
        );
        rows.push(("pages open", pages));
        rows.push(("share of a core with them", format!("{:.2}", watched.cores)));
        rows.push(("resident memory with them, at most", format!("{:.1} MB", watched.resident_mb)));
    }
    for (name, value) in rows {
        table.add_row([name, &value]);
    }
    table.to_string()
}

fn distribution(of: &Distribution) -> String {
    format!("median {:.2} s, p90 {:.2} s, longest {:.2} s of {}", of.median, of.p90, of.max, of.count)
}
