//! What is remembered as the text that is stored, and back: a line for the job, then one for each vertex, each followed by
//! lines of its own. Moments are milliseconds before the last look.

use super::reader::{Words, seconds};
use super::{Counted, Memory, Source, Trial, VertexMemory};
use crate::policy::responsive::capacity::Capacity;

/// The first line: what this is, and the version of its form.
const HEAD: &str = "responsive 1";

/// How many digits of what was measured are kept.
const DIGITS: usize = 7;

impl Memory {
    /// As a text, of about 5 KB for each source and 300 bytes for each vertex; empty where there is nothing to remember.
    pub(in crate::policy::responsive) fn to_text(&self) -> String {
        let Some(last) = self.last else { return String::new() };
        let base = millis(last);
        let since = self.running_since.map(|since| base - millis(since));
        let mut job = vec!["job".to_owned(), base.to_string(), maybe(since)];
        job.push((base - millis(self.scaled_at)).to_string());
        job.extend([self.down_time.to_string(), self.throttled.to_string(), self.penalty.to_string()]);
        let mut lines = vec![HEAD.to_owned(), job.join(" ")];
        let moments = |name: &str, moments: &[(f64, f64)]| {
            let each = moments.iter().map(|(at, value)| format!(" {}:{}", base - millis(*at), rounded(*value)));
            format!("{name}{}", each.collect::<String>())
        };
        lines.push(moments("ahead", &self.ahead));
        lines.push(moments("downs", &self.downs));
        lines.push(moments("rescales", &self.rescales.iter().map(|at| (*at, 0.0)).collect::<Vec<_>>()));
        for vertex in &self.vertices {
            lines.push(vertex_line(vertex, base));
            if !vertex.gains.is_empty() {
                let gains = vertex.gains.iter().map(|(id, gain)| format!(" {id}:{}", rounded(*gain)));
                lines.push(format!("gains{}", gains.collect::<String>()));
            }
            if let Some(trial) = &vertex.trial {
                lines.push(trial_line(trial, base));
            }
            if let Some(source) = &vertex.source {
                let (since, sum, count) = source.bin.unwrap_or((last, 0.0, 0));
                let bin = format!("{} {} {count}", base - millis(since), rounded(sum));
                lines.push(format!("source {} {bin}", maybe(source.guess.map(rounded))));
                lines.push(moments("samples", &source.samples));
                lines.push(moments("means", &source.means));
                lines.push(peaks_line(source));
            }
        }
        lines.join("\n")
    }

    /// Of a text; none if it is not one of [`Self::to_text`]'s.
    pub(in crate::policy::responsive) fn of_text(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next() != Some(HEAD) {
            return None;
        }
        let mut words = Words::of(lines.next()?, "job")?;
        let base: i64 = words.next()?;
        let moment = |before: i64| seconds(base.saturating_sub(before));
        let mut memory = Self { last: Some(seconds(base)), ..Self::default() };
        memory.running_since = words.maybe()?.map(moment);
        memory.scaled_at = moment(words.next()?);
        (memory.down_time, memory.throttled, memory.penalty) = (words.number()?, words.next()?, words.number()?);
        memory.ahead = Words::of(lines.next()?, "ahead")?.moments(base)?;
        memory.downs = Words::of(lines.next()?, "downs")?.moments(base)?;
        let rescales = Words::of(lines.next()?, "rescales")?.moments(base)?;
        memory.rescales = rescales.into_iter().map(|(at, _)| at).collect();
        for line in lines {
            let name = line.split(' ').next()?;
            let mut words = Words::of(line, name)?;
            if name == "vertex" {
                memory.vertices.push(vertex_of(words, base)?);
                continue;
            }
            let vertex = memory.vertices.last_mut()?;
            match (name, &mut vertex.source) {
                ("gains", _) => vertex.gains = words.gains()?,
                ("trial", _) => vertex.trial = Some(trial_of(words, base)?),
                ("source", source) => {
                    let guess = words.maybe_number()?;
                    let bin = (moment(words.next()?), words.number()?, words.next()?);
                    *source = Some(Source { guess, bin: (bin.2 > 0).then_some(bin), ..Source::default() });
                }
                ("samples", Some(source)) => source.samples = words.moments(base)?,
                ("means", Some(source)) => source.means = words.moments(base)?,
                ("peaks", Some(source)) => source.peaks = words.peaks()?,
                _ => return None,
            }
        }
        Some(memory)
    }
}

fn vertex_line(vertex: &VertexMemory, base: i64) -> String {
    let counted = vertex.counted.map_or_else(
        || "- - -".to_owned(),
        |Counted { read, written, waiting }| format!("{read} {written} {}", maybe(waiting)),
    );
    let flow = vertex.flow.map_or_else(
        || "- - -".to_owned(),
        |(read, written, looks)| format!("{} {} {looks}", rounded(read), rounded(written)),
    );
    let busy = maybe(vertex.busy.map(rounded));
    let capacity = vertex.capacity.map_or_else(|| "-".to_owned(), |capacity| capacity_text(&capacity, base));
    format!("vertex {} {counted} {flow} {busy} {capacity}", vertex.id)
}

fn vertex_of(mut words: Words<'_>, base: i64) -> Option<VertexMemory> {
    let mut vertex = VertexMemory::of(words.next()?, None);
    let (read, written, waiting) = (words.maybe_number()?, words.maybe_number()?, words.maybe_number()?);
    vertex.counted = read.zip(written).map(|(read, written)| Counted { read, written, waiting });
    let (read, written, looks) = (words.maybe_number()?, words.maybe_number()?, words.maybe_number()?);
    vertex.flow = read.zip(written).zip(looks).map(|((read, written), looks)| (read, written, looks));
    vertex.busy = words.maybe_number()?;
    vertex.capacity = capacity_of(&mut words, base)?;
    Some(vertex)
}

fn capacity_text(capacity: &Capacity, base: i64) -> String {
    let Capacity { a, b, aa, ab, bb, ceiling, until, times } = capacity;
    format!("{a} {b} {aa} {ab} {bb} {ceiling} {} {times}", base - millis(*until))
}

/// None where it is no text of a capacity; nothing within where none is known.
#[expect(clippy::option_option, reason = "whether it could be read, and whether there is one")]
fn capacity_of(words: &mut Words<'_>, base: i64) -> Option<Option<Capacity>> {
    let Some(a) = words.maybe_number()? else { return Some(None) };
    let (b, aa, ab, bb) = (words.number()?, words.number()?, words.number()?, words.number()?);
    let ceiling: f64 = words.next()?;
    let until = seconds(base.saturating_sub(words.next()?));
    let times = words.next()?;
    (ceiling > 0.0).then_some(Some(Capacity { a, b, aa, ab, bb, ceiling, until, times }))
}

fn trial_line(trial: &Trial, base: i64) -> String {
    let Trial { before, after, have, expect, seen: (sum, looks), curve } = trial;
    format!("trial {before} {after} {have} {expect} {sum} {looks} {}", capacity_text(curve, base))
}

fn trial_of(mut words: Words<'_>, base: i64) -> Option<Trial> {
    Some(Trial {
        before: words.next()?,
        after: words.next()?,
        have: words.number()?,
        expect: words.number()?,
        seen: (words.number()?, words.next()?),
        curve: capacity_of(&mut words, base)??,
    })
}

/// The first minute, then a peak for each minute from there on; nothing for a minute that nobody saw.
fn peaks_line(source: &Source) -> String {
    let mut line = "peaks".to_owned();
    let mut next = None;
    for (minute, level) in &source.peaks {
        match next {
            Some(next) if next <= *minute && *minute - next < 1000 => {
                let gap = usize::try_from(minute - next).unwrap_or(0);
                line.push_str(&",".repeat(gap + 1));
            }
            _ => line.push_str(&format!(" {minute}:")),
        }
        line.push_str(&rounded(*level).to_string());
        next = Some(minute + 1);
    }
    line
}

/// To the digits that are kept.
fn rounded(value: f64) -> f64 {
    format!("{value:.*e}", DIGITS - 1).parse().unwrap_or(value)
}

fn maybe(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

#[expect(clippy::cast_possible_truncation, reason = "saturates; moments are far below 2^53 ms")]
fn millis(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}
