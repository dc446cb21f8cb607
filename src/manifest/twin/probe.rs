//! Probes and hooks.

use super::{IntOrString, List, records};

records! {
    Probe unless_empty {
        exec: Option<ExecAction>,
        http_get: Option<HTTPGetAction>,
        tcp_socket: Option<TCPSocketAction>,
        grpc: Option<GRPCAction>,
        initial_delay_seconds: i32,
        timeout_seconds: i32,
        period_seconds: i32,
        success_threshold: i32,
        failure_threshold: i32,
        termination_grace_period_seconds: Option<i64>,
    };

    ExecAction unless_empty {
        command: List<String>,
    };

    HTTPGetAction always {
        port: IntOrString,
    } unless_empty {
        path: String,
        host: String,
        scheme: String,
        http_headers: List<HTTPHeader>,
        protocol: Option<String>,
    };

    HTTPHeader always {
        name: String,
        value: String,
    };

    TCPSocketAction always {
        port: IntOrString,
    } unless_empty {
        host: String,
    };

    GRPCAction always {
        port: i32,
        service: Option<String>,
    } unless_empty {
        mode: Option<String>,
    };

    Lifecycle unless_empty {
        post_start: Option<LifecycleHandler>,
        pre_stop: Option<LifecycleHandler>,
        stop_signal: Option<String>,
    };

    LifecycleHandler unless_empty {
        exec: Option<ExecAction>,
        http_get: Option<HTTPGetAction>,
        tcp_socket: Option<TCPSocketAction>,
        sleep: Option<SleepAction>,
    };

    SleepAction always {
        seconds: i64,
    };
}
