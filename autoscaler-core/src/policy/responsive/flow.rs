//! Demand along the graph: how many records reach a vertex for each that a source reads.

use super::look::Look;
use super::memory::{Counted, Memory};

/// Five-minute averages of records per second into and out of each vertex. Averages first, ratios of them after: a mean of
/// ratios of counters that come late is far too high.
pub(super) fn learn(look: &Look, memory: &mut Memory, before: &[Option<Counted>], passed: f64) {
    for ((seen, known), before) in look.vertices.iter().zip(&mut memory.vertices).zip(before) {
        let Some(before) = before else { continue };
        if seen.is_incomplete() {
            continue;
        }
        let (read, written, looks) = known.flow.unwrap_or((0.0, 0.0, 0.0));
        let looks = (looks + 1.0).min(1e6);
        let weight = (passed / 300.0).min(1.0).max(1.0 / looks);
        let rate = |now: f64, before: f64| (now - before).max(0.0) / passed;
        known.flow = Some((
            read + (rate(seen.records_in, before.read) - read) * weight,
            written + (rate(seen.records_out, before.written) - written) * weight,
            looks,
        ));
    }
    learn_gains(look, memory);
}

/// Where a vertex has several inputs, one that writes to it alone tells by what it writes; the others share the rest.
fn learn_gains(look: &Look, memory: &mut Memory) {
    let flows: Vec<Option<(f64, f64)>> =
        memory.vertices.iter().map(|known| known.flow.map(|(read, written, _)| (read, written))).collect();
    for (seen, known) in look.vertices.iter().zip(&mut memory.vertices) {
        let Some((own, ..)) = known.flow else { continue };
        let inputs: Option<Vec<_>> = seen.inputs.iter().map(|input| flows[*input].map(|flow| (*input, flow))).collect();
        let Some(inputs) = inputs else { continue };
        let is_shared = |input: usize| look.vertices[input].outputs > 1;
        let left: f64 = inputs.iter().filter(|(input, _)| is_shared(*input)).map(|(_, (read, _))| read).sum();
        let told: f64 = inputs.iter().filter(|(input, _)| !is_shared(*input)).map(|(_, (_, written))| written).sum();
        let rest = (own - told).max(0.0);
        for (input, (read, written)) in &inputs {
            let gain = match (inputs.len(), is_shared(*input)) {
                (1, _) => ratio(own, *read),
                (_, true) => ratio(rest, left),
                (_, false) => ratio(*written, *read),
            };
            if let Some(gain) = gain {
                known.set_gain(look.vertices[*input].id, gain);
            }
        }
    }
}

fn ratio(of: f64, to: f64) -> Option<f64> {
    (to > 0.0).then(|| of / to).filter(|ratio| ratio.is_finite())
}

/// Records per second at each vertex when the sources read as many as `at_source` has for them.
pub(super) fn push(look: &Look, memory: &Memory, at_source: &[f64]) -> Vec<f64> {
    let mut rates: Vec<f64> = Vec::with_capacity(look.vertices.len());
    for (index, (seen, known)) in look.vertices.iter().zip(&memory.vertices).enumerate() {
        let rate = if seen.is_source() {
            at_source[index]
        } else {
            seen.inputs.iter().map(|input| rates[*input] * known.gain(look.vertices[*input].id)).sum()
        };
        rates.push(rate);
    }
    rates
}
