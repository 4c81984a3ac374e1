//! Names that others gave: shown, never executed.

use crate::made_up::{MadeUpVertex, World, waves};

const MARKUP: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;";
const FOUR_BYTES: &str = "𝔽𝕝𝕚𝕟𝕜 🐿 𠜎";
const RIGHT_TO_LEFT: &str = "مهمة \u{202e}البث";

fn long() -> String {
    "0123456789".repeat(30)
}

#[tokio::test]
async fn odd_names_are_shown_and_never_executed() {
    let mut world = World::new();
    let names = [MARKUP.to_owned(), FOUR_BYTES.to_owned(), RIGHT_TO_LEFT.to_owned(), long()];
    for name in &names {
        let vertices = vec![
            MadeUpVertex::new(format!("Source {name}"), &[], 0.001, 1),
            MadeUpVertex::new(format!("work {name}"), &[0], 0.002, 1),
        ];
        world.add(&format!("cluster/{name}?&#"), name, vertices, waves);
    }
    world.cycles(40).await;
    let mut pages = vec![world.page("/").await, world.page(&format!("/?q={}", "%3Cscript%3E%22%27")).await];
    for job in hrefs(&pages[0], "/jobs/") {
        let vertex = format!("{job}/vertices/{}", testkit::job::id(1));
        for path in [job.clone(), format!("{job}/history"), vertex] {
            pages.push(world.page(&path).await);
        }
    }
    assert_eq!(pages.len(), 2 + 3 * names.len(), "each job of the fleet has its pages");
    for page in &pages {
        assert!(!page.contains("<script>") && !page.contains("<img"), "markup became markup:\n{page}");
        // What the policy would keep from working.
        for inline in [" style=", "<style", "javascript:", " onclick=", " onerror=alert(2)&gt;\""] {
            assert!(!page.contains(inline), "{inline} in:\n{page}");
        }
        assert_eq!(page.matches("<script ").count(), 1);
        assert!(page.matches("<bdi").count() == page.matches("</bdi>").count());
    }
    let all = pages.concat();
    for shown in ["&lt;script&gt;alert(1)&lt;/script&gt;", FOUR_BYTES, RIGHT_TO_LEFT, &long()] {
        assert!(all.contains(shown), "{shown} is not shown");
    }
}

/// Addresses in a page that begin with `start`.
pub(crate) fn hrefs(page: &str, start: &str) -> Vec<String> {
    let places = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    places.filter(|address| address.starts_with(start)).map(|address| address.replace("&amp;", "&")).collect()
}
