//! Small definitions of the operator's resources, open as the operator's own are: `flinkConfiguration` is any YAML, and
//! fields have owners one by one.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::PostParams;
use kube::{Api, Client};
use serde_json::json;

const ESTABLISHED_WITHIN: Duration = Duration::from_secs(60);

/// Makes FlinkDeployment and FlinkSessionJob known where they aren't, and waits until they are served.
pub(super) async fn make_known(client: &Client) -> Result<()> {
    let all = Api::<CustomResourceDefinition>::all(client.clone());
    let kinds =
        [("FlinkDeployment", "flinkdeployments", "flinkdep"), ("FlinkSessionJob", "flinksessionjobs", "sessionjob")];
    for (kind, plural, short) in kinds {
        match all.create(&PostParams::default(), &definition(kind, plural, short)?).await {
            Ok(_) => {}
            // The operator's own is as good.
            Err(kube::Error::Api(answer)) if answer.code == 409 => {}
            Err(error) => return Err(error.into()),
        }
    }
    let deadline = Instant::now() + ESTABLISHED_WITHIN;
    for (_, plural, _) in kinds {
        while !is_established(&all.get(&format!("{plural}.flink.apache.org")).await?) {
            if Instant::now() > deadline {
                bail!("{plural} is not served within {ESTABLISHED_WITHIN:?}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    Ok(())
}

fn is_established(definition: &CustomResourceDefinition) -> bool {
    let conditions = definition.status.iter().flat_map(|status| status.conditions.iter().flatten());
    conditions.into_iter().any(|condition| condition.type_ == "Established" && condition.status == "True")
}

fn definition(kind: &str, plural: &str, short: &str) -> Result<CustomResourceDefinition> {
    let open = json!({"x-kubernetes-preserve-unknown-fields": true});
    Ok(serde_json::from_value(json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.flink.apache.org")},
        "spec": {
            "group": "flink.apache.org",
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural, "singular": kind.to_lowercase(), "shortNames": [short]},
            "versions": [{
                "name": "v1beta1", "served": true, "storage": true, "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                    "spec": {
                        "type": "object", "x-kubernetes-preserve-unknown-fields": true,
                        "properties": {"flinkConfiguration": open},
                    },
                    "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
                }}},
            }],
        },
    }))?)
}
