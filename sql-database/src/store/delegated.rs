//! What the stores of all databases have in common.

/// Has `$store` remember in its field `store`, a [`SqlStateStore`](crate::SqlStateStore): every method, those with a default
/// among them.
#[macro_export]
macro_rules! remembers {
    ($store:ty) => {
        #[deny(clippy::missing_trait_methods)]
        #[async_trait::async_trait]
        impl autoscaler_core::AutoScalerStateStore for $store {
            async fn load(
                &self,
                job: &autoscaler_core::JobKey,
            ) -> Result<autoscaler_core::LoadedState, autoscaler_core::PortError> {
                self.store.load(job).await
            }

            async fn save(
                &self,
                job: &autoscaler_core::JobKey,
                state: &autoscaler_core::JobState,
                fence: &autoscaler_core::Fence,
            ) -> Result<autoscaler_core::Revision, autoscaler_core::PortError> {
                self.store.save(job, state, fence).await
            }

            async fn remove(
                &self,
                job: &autoscaler_core::JobKey,
                fence: &autoscaler_core::Fence,
            ) -> Result<(), autoscaler_core::PortError> {
                self.store.remove(job, fence).await
            }

            async fn jobs(&self) -> Result<Vec<autoscaler_core::JobKey>, autoscaler_core::PortError> {
                self.store.jobs().await
            }
        }
    };
}
