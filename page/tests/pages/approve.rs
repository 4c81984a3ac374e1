//! What is proposed, and approved by the form of a page.

use autoscaler_runtime::Approver;
use axum::Extension;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use tower::ServiceExt;

use crate::made_up::{World, pipeline, waves};

impl World {
    async fn approve(&self, job: &str, form: &str) -> Response {
        let request = Request::post(format!("{job}/approve"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()));
        let asker = Approver::at(None).named("<b>me</b>");
        self.page.routes().layer(Extension(asker)).oneshot(request.unwrap()).await.unwrap()
    }
}

#[tokio::test]
async fn what_is_proposed_is_shown_and_a_form_has_it_carried_out() {
    let mut world = World::new();
    world.add_with("c", "orders", pipeline(), waves, &[("job.autoscaler.scaling.enabled", "false")]);
    let job = format!("/jobs/c/{}", testkit::job::id(1));
    let proposal = |page: &str| {
        let (_, rest) = page.split_once("name=\"proposal\" value=\"")?;
        rest.split_once('"').map(|(id, _)| id.to_owned())
    };
    world.cycles(1).await;
    assert_eq!(proposal(&world.page(&job).await), None);
    let mut page = String::new();
    for _ in 0..100 {
        world.cycles(1).await;
        page = world.page(&job).await;
        if proposal(&page).is_some() {
            break;
        }
    }
    let id = proposal(&page).unwrap();
    for text in ["Proposed scaling", "Approve once", "scaling.enabled: false", "outside its utilization band"] {
        assert!(page.contains(text), "no {text} in:\n{page}");
    }
    for (form, status) in [("proposal=another", StatusCode::CONFLICT), ("", StatusCode::BAD_REQUEST)] {
        assert_eq!(world.approve(&job, form).await.status(), status, "{form}");
    }
    let approved = world.approve(&job, &format!("proposal={id}")).await;
    assert_eq!(approved.status(), StatusCode::SEE_OTHER);
    assert_eq!(approved.headers()[header::LOCATION], *job);
    page = world.page(&job).await;
    assert!(page.contains("Approved by <bdi>&lt;b&gt;me&lt;/b&gt;</bdi>") && proposal(&page).is_none(), "{page}");
    world.cycles(1).await;
    page = world.page(&job).await;
    for text in ["<strong>scaled</strong>", "ScalingApproved", "ApprovalRefused"] {
        assert!(page.contains(text), "no {text} in:\n{page}");
    }
    assert!(!page.contains("Proposed scaling") && !page.contains("<b>me"), "{page}");
}
