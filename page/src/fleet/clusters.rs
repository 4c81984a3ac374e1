//! The clusters, with how asking them for their jobs went.

use autoscaler_core::time::Instant;
use autoscaler_runtime::read_model::ClusterView;
use maud::{Markup, html};

use crate::{link, text};

/// Clusters that are listed one by one, those in trouble first.
const MOST: usize = 12;

pub(super) fn list(clusters: &[ClusterView], now: Instant) -> Markup {
    let mut clusters: Vec<&ClusterView> = clusters.iter().collect();
    clusters.sort_by_key(|cluster| !is_in_trouble(cluster));
    html! {
        section #clusters data-part aria-labelledby="clusters-title" {
            h2 #clusters-title { "Clusters" }
            ul .clusters {
                @for cluster in clusters.iter().take(MOST) { li { (one(cluster, now)) } }
            }
            @if clusters.len() > MOST { p { "and " (clusters.len() - MOST) " more" } }
        }
    }
}

fn is_in_trouble(cluster: &ClusterView) -> bool {
    cluster.round.as_ref().is_none_or(|round| round.failure.is_some() || !round.unknown.is_empty())
}

fn one(cluster: &ClusterView, now: Instant) -> Markup {
    html! {
        a href=(link::of_cluster(cluster.name.as_str())) { (text::name(cluster.name.as_str())) }
        " " (cluster.jobs) @if cluster.jobs == 1 { " job" } @else { " jobs" }
        " "
        @match &cluster.round {
            None => span .chip.wait { "… not asked yet" },
            Some(round) => {
                @if let Some(failure) = &round.failure {
                    span .chip.bad { "✕ away" } " " span .why { (failure.text) }
                } @else if !round.unknown.is_empty() {
                    span .chip.warn { "! " (round.unknown.len()) " entries can't be used" }
                } @else {
                    span .chip.good { "✓ listed " (text::instant(round.at, now)) }
                }
            }
        }
    }
}
