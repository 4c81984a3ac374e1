use anyhow::anyhow;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::*;
use crate::cli::asked::answers::{Clusters, Jobs, Readiness, WholeJob};

const JOBS: &str = r#"{"jobs": [
    {"cluster": "c:8081", "key": "k1", "id": "a1", "name": "orders", "status": "RUNNING", "enabled": true,
     "at": "2026-11-26T21:30:05Z", "outcome": "balanced", "why": "not carried out because of job.autoscaler.scaling.enabled: false",
     "utilization": 0.93, "lag": 1240, "subtasks": 5, "recommended_subtasks": 8, "scaled_at": "2026-11-26T20:00:00Z"},
    {"cluster": "c:8081", "key": "k2", "id": "b2", "name": "Payments\u001b[2J", "status": "RUNNING", "enabled": true,
     "outcome": "error", "failure": "something broke", "utilization": null, "lag": null, "subtasks": 2}
]}"#;

const WHOLE: &str = r#"{"cluster": "c:8081", "key": "k1", "id": "a1", "name": "orders", "status": "RUNNING",
    "at": "2026-11-26T21:30:05Z", "outcome": "balanced",
    "cycle": {"explanation": null, "vertices": [
        {"id": "v1", "name": "Source", "parallelism": 1, "recommended": 1, "why": "it is as it should be",
         "scale_up_below": 50, "scale_down_above": 200, "metrics": {"TARGET_DATA_RATE": {"current": 60, "average": 60},
         "TRUE_PROCESSING_RATE": {"current": 100, "average": 100}, "LOAD": {"current": 0.6, "average": 0.6},
         "LAG": {"current": 1240, "average": null}}},
        {"id": "v2", "name": "work", "parallelism": 4, "recommended": 7, "why": "the factor is 1.75",
         "scale_up_below": 120, "scale_down_above": 200, "metrics": {"TARGET_DATA_RATE": {"current": 93, "average": 93},
         "TRUE_PROCESSING_RATE": {"current": 100, "average": 100}}}
    ]},
    "proposal": {"id": "5f0c", "since": "2026-11-26T21:30:05Z", "until": "2026-11-26T21:45:05Z", "approved_by": null,
        "vertices": [{"vertex": "v2", "name": "work", "from": 4, "to": 7}]},
    "scalings": [{"at": "2026-11-26T20:00:00Z", "vertex": "v2", "from": 2, "to": 4}],
    "events": [{"at": "2026-11-26T21:30:05Z", "count": 3, "reason": "ScalingReport", "message": "disabled"}]}"#;

fn told() -> Told {
    let jobs: Jobs = serde_json::from_str(JOBS).unwrap();
    let readiness = Readiness { ready: true, role: "leader".to_owned(), missing: Vec::new() };
    Told { readiness, clusters: Clusters::default(), jobs: jobs.jobs, whole: None }
}

fn screen() -> Screen {
    Screen::new("http://a:8090".to_owned(), told())
}

fn press(screen: &mut Screen, keys: &[KeyCode]) -> Wish {
    keys.iter().fold(Wish::Nothing, |_, key| screen.press(KeyEvent::from(*key)))
}

/// What is on a screen of 110 columns, without what is empty at the end of lines.
fn shown(screen: &mut Screen, look: Look) -> String {
    let mut terminal = Terminal::new(TestBackend::new(110, 16)).unwrap();
    terminal.draw(|frame| screen.draw(frame, look)).unwrap();
    let text = terminal.backend().to_string();
    let lines = text.lines().map(|line| line.trim_matches('"').trim_end());
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_fleet_is_a_line_for_each_job() {
    let expected = "\
flink-autoscaler http://a:8090 · leader · 0 clusters · 2 jobs · ready
job                cluster       status      outcome   util   lag     subtasks    scaled    trouble
orders             c:8081        RUNNING     balanced    93 %   1.24k       5 → 8 20:00:00  ✓
Payments\\u{1b}[2J  c:8081        RUNNING     error          -       -           2 -         ✕ something broke
not carried out because of job.autoscaler.scaling.enabled: false
↑↓ job · enter open · / search · s sorted by name · q quit";
    assert_eq!(shown(&mut screen(), Look::PLAIN), expected);
}

#[test]
fn a_job_is_its_vertices_and_what_happened() {
    let mut screen = screen();
    let place = ("c:8081".to_owned(), "k1".to_owned());
    assert_eq!(press(&mut screen, &[KeyCode::Enter]), Wish::See(Some(place)));
    assert!(shown(&mut screen, Look::PLAIN).contains("asking"));
    let whole: WholeJob = serde_json::from_str(WHOLE).unwrap();
    screen.take_in(Ok(Told { whole: Some(whole), ..told() }));
    press(&mut screen, &[KeyCode::Down]);
    let expected = "\
flink-autoscaler http://a:8090 · leader · 0 clusters · 2 jobs · ready
orders k1 on c:8081 · RUNNING · balanced at 21:30:05
proposed: work 4 → 7; flink-autoscaler approve --job a1 --proposal 5f0c
vertex                                        band      util   subtasks    arrive/s  can do/s  busy   lag
Source                                        ● within    60 %           1        60       100   60 %    1.24k
work                                          ▲ above     93 %       4 → 7        93       100      -        -
the factor is 1.75
latest scalings and events (UTC)
21:30:05 ScalingReport ×3: disabled
20:00:00 scaled work: 2 → 4
↑↓ vertex · esc back · q quit";
    assert_eq!(shown(&mut screen, Look::PLAIN), expected);
    assert_eq!(press(&mut screen, &[KeyCode::Esc]), Wish::See(None));
    assert!(shown(&mut screen, Look::PLAIN).contains("enter open"));
}

#[test]
fn keys_search_sort_and_end() {
    let mut screen = screen();
    press(&mut screen, &[KeyCode::Char('/'), KeyCode::Char('P'), KeyCode::Char('a'), KeyCode::Char('q')]);
    assert!(shown(&mut screen, Look::PLAIN).contains("no job is like that"));
    press(&mut screen, &[KeyCode::Backspace]);
    let text = shown(&mut screen, Look::PLAIN);
    assert!(text.contains("Payments") && !text.contains("orders") && text.contains("/Pa▏"), "{text}");
    press(&mut screen, &[KeyCode::Enter, KeyCode::Esc]);
    assert!(shown(&mut screen, Look::PLAIN).contains("orders"));
    // By utilization, lag, subtasks, scaled last, and trouble.
    let first = |screen: &Screen| screen.jobs()[0].id.clone();
    assert_eq!(first(&screen), "a1");
    press(&mut screen, &[KeyCode::Char('s'); 5]);
    assert_eq!((first(&screen).as_str(), screen.sort.name()), ("b2", "trouble"));
    assert_eq!(press(&mut screen, &[KeyCode::Char('q')]), Wish::End);
    let control_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(screen.press(control_c), Wish::End);
}

#[test]
fn what_is_old_is_said_to_be() {
    let mut screen = screen();
    screen.take_in(Err(anyhow!("nobody answers\u{1b}")));
    let text = shown(&mut screen, Look::PLAIN);
    assert!(text.contains("not live: nobody answers\\u{1b}") && text.contains("orders"), "{text}");
}

#[test]
fn there_are_colours_unless_they_are_not_wanted() {
    let coloured = |look| {
        let mut terminal = Terminal::new(TestBackend::new(110, 16)).unwrap();
        terminal.draw(|frame| screen().draw(frame, look)).unwrap();
        let cells = terminal.backend().buffer().content().iter();
        cells.filter(|cell| cell.fg != ratatui::style::Color::Reset).count()
    };
    assert_eq!(coloured(Look::PLAIN), 0);
    assert!(coloured(Look::COLOURED) > 0);
}
