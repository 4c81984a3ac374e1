//! AutoScalerEventHandler over tracing: the default
