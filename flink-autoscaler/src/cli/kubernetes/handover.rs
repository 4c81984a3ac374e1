//! `flink-autoscaler kubernetes takeover` and `give-back`.

use std::io::Write;

use anyhow::{Context, Result, bail};
use autoscaler::autoscaler_core::options::Configuration;
use autoscaler::autoscaler_core::state::{RowPart, StatePart};
use autoscaler::autoscaler_core::{AutoScalerStateStore, Fence, JobState, LeaseToken};
use autoscaler::realizer_kubernetes::{ApiClient, Direction, Handover, Kind};

use crate::cli::program::{Program, block_on};
use crate::cli::say;
use crate::cli::state::must_be_kept;
use crate::cli::writing::Right;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// The resource: NAMESPACE/NAME.
    #[arg(value_name = "NAMESPACE/NAME")]
    resource: String,
    /// It is a FlinkSessionJob instead of a FlinkDeployment.
    #[arg(long)]
    session_job: bool,
    /// Only shows what would be applied, with the API server's checks.
    #[arg(long)]
    dry_run: bool,
    /// What has been learnt of the job is not handed over: whoever has it then begins anew.
    #[arg(long)]
    without_state: bool,
    /// Options, as those of `run`: they say where its state is.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--key value")]
    options: Vec<String>,
}

/// Hands the job over, and says what else is to be done.
pub(super) fn run(mut program: Program, arguments: &Arguments, direction: Direction) -> Result<()> {
    let (namespace, name) = arguments
        .resource
        .split_once('/')
        .context("the resource is named by NAMESPACE/NAME, such as orders/checkout")?;
    let kind = if arguments.session_job { Kind::FlinkSessionJob } else { Kind::FlinkDeployment };
    let configuration = program.load_aloud(&arguments.options)?;
    let is_with_state = !arguments.without_state && !arguments.dry_run;
    if is_with_state {
        must_be_kept(&configuration).context(
            "what is known of the job can't be handed over (name the store by options, or hand it over --without-state)",
        )?;
    }
    let api = program.backends.extensions.get_or_default::<ApiClient>().clone();
    block_on(async {
        let plan = Handover::plan(&api, kind, namespace, name, direction).await?;
        // What is refused must not have cost any state.
        plan.check().await?;
        if is_with_state {
            let ended = with_state(&mut program, &configuration, &plan, direction).await;
            program.close().await;
            ended?;
        } else if !arguments.dry_run {
            plan.apply().await?;
        } else if direction == Direction::Takeover && !arguments.without_state {
            operators_state(&plan).await?;
        }
        told(&plan, direction, arguments.dry_run)
    })
}

fn told(plan: &Handover, direction: Direction, is_dry_run: bool) -> Result<()> {
    write!(std::io::stdout(), "{}", serde_saphyr::to_string(plan.object())?)?;
    let whose = match direction {
        Direction::Takeover => "this autoscaler's",
        Direction::GiveBack => "the operator's own autoscaler's",
    };
    let would = if is_dry_run { "would be" } else { "is" };
    say::remark(&format!("{} {would} {whose}, without a restart", plan.of()));
    plan.remarks().iter().for_each(|remark| say::remark(remark));
    Ok(())
}

/// What is known of the job first, then the job: nobody acts on the store meanwhile.
async fn with_state(
    program: &mut Program,
    configuration: &Configuration,
    plan: &Handover,
    direction: Direction,
) -> Result<()> {
    let opened = program.open_store(configuration)?;
    let right = Right::take(configuration, opened.lease).await.context(
        "the job is not handed over (its state is written under the right to act; --without-state does without)",
    )?;
    let ended = async {
        if plan.is_done() {
            say::remark("it was handed over before: what is known of it stays as it is");
            return Ok(plan.apply().await?);
        }
        match direction {
            Direction::Takeover => taken_over(plan, opened.port.as_ref(), &right).await,
            Direction::GiveBack => given_back(plan, opened.port.as_ref(), &right).await,
        }
    };
    let ended = ended.await;
    right.release(ended).await
}

async fn taken_over(plan: &Handover, store: &dyn AutoScalerStateStore, right: &Right) -> Result<()> {
    if let Some(state) = operators_state(plan).await? {
        replace(store, plan, &state, right.token()).await?;
        right.renew().await?;
    }
    Ok(plan.apply().await?)
}

/// What the operator's own knows of the job, which is said.
async fn operators_state(plan: &Handover) -> Result<Option<JobState>> {
    let Some((state, unreadable)) = plan.operators_state().await? else {
        say::remark("the operator's own autoscaler keeps no state of it");
        return Ok(None);
    };
    for row in unreadable {
        // Without these two it takes longer until the next scaling, and no more than that.
        let what_it_costs = match row.part {
            StatePart::Row(RowPart::DelayedScaleDown) => "scale-downs that wait begin to wait anew",
            // Operators before 1.8 have other observations in it.
            StatePart::CollectedMetrics => "its metric window begins anew",
            _ => {
                let message =
                    "what the operator's own autoscaler knows of it can't be taken over (--without-state begins anew)";
                return Err(anyhow::Error::new(row).context(message));
            }
        };
        say::remark(&format!("{row}: {what_it_costs}"));
    }
    say::remark(&format!("what the operator's own autoscaler knows of it: {}", summary(&state)));
    Ok(Some(state))
}

async fn replace(
    store: &dyn AutoScalerStateStore,
    plan: &Handover,
    state: &JobState,
    token: Option<LeaseToken>,
) -> Result<()> {
    let job = plan.job();
    let before = store.load(&job).await?;
    store.save(&job, state, &Fence::at(before.revision).under(token)).await?;
    Ok(())
}

async fn given_back(plan: &Handover, store: &dyn AutoScalerStateStore, right: &Right) -> Result<()> {
    let loaded = store.load(&plan.job()).await?;
    if let Some(row) = loaded.unreadable.first() {
        bail!("what is known of it can't be given back whole: {row} (--without-state gives it back without)");
    }
    if loaded.state.present_parts().next().is_none() {
        say::remark("nothing is stored of it: the operator's own autoscaler begins anew");
        return Ok(plan.apply().await?);
    }
    say::remark(&format!("what is known of it: {}", summary(&loaded.state)));
    plan.put_operators_state(&loaded.state).await?;
    right.renew().await?;
    plan.apply().await?;
    // The operator empties it for as long as its own is off, which may have been a moment ago.
    if plan.operators_state().await?.is_none() {
        plan.put_operators_state(&loaded.state).await?;
    }
    Ok(())
}

/// How much there is of a state.
fn summary(state: &JobState) -> String {
    let scalings: usize = state.scaling_history.get().vertices.values().map(Vec::len).sum();
    format!(
        "{scalings} past scalings of vertices, {} restarts, {} observations, parallelism of {} vertices, {} configuration changes, {} \
         scale-downs that wait",
        state.scaling_tracking.get().records.len(),
        state.collected_metrics.get().len(),
        state.parallelism_overrides.get().len(),
        state.config_overrides.get().overrides.len() + state.config_overrides.get().removals.len(),
        state.delayed_scale_down.get().vertices.len(),
    )
}
