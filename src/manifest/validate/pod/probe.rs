//! Probes and hooks.

use crate::manifest::names::{header_flaws, port_flaws};
use crate::manifest::twin::{
    Container, ExecAction, GRPCAction, HTTPGetAction, IntOrString, LifecycleHandler, Probe,
    SleepAction, TCPSocketAction,
};
use crate::manifest::validate::finding::Findings;
use crate::manifest::validate::path::Path;
use crate::model::Check;

/// What is done at a time, of which there has to be exactly one.
struct Handler<'a> {
    exec: Option<&'a ExecAction>,
    http_get: Option<&'a HTTPGetAction>,
    tcp_socket: Option<&'a TCPSocketAction>,
    grpc: Option<&'a GRPCAction>,
    sleep: Option<&'a SleepAction>,
}

/// The hooks of a container.
pub(super) fn hooks(at: &Path, container: &Container, grace: Option<i64>, found: &mut Findings) {
    let Some(hooks) = &container.lifecycle else {
        return;
    };
    let at = at.child("lifecycle");
    for (field, hook) in [
        ("postStart", &hooks.post_start),
        ("preStop", &hooks.pre_stop),
    ] {
        if let Some(hook) = hook {
            handler(&at.child(field), &of_hook(hook), grace, found);
        }
    }
}

/// The probes of a container.
pub(super) fn probes(at: &Path, container: &Container, grace: Option<i64>, found: &mut Findings) {
    let once = |at: &Path, probe: &Probe, found: &mut Findings| {
        if probe.success_threshold != 1 {
            let field = at.child("successThreshold");
            found.invalid(&field, &probe.success_threshold, "must be 1");
        }
    };
    if let Some(probe) = &container.liveness_probe {
        let at = at.child("livenessProbe");
        self::probe(&at, probe, grace, found);
        once(&at, probe, found);
    }
    if let Some(probe) = &container.readiness_probe {
        let at = at.child("readinessProbe");
        self::probe(&at, probe, grace, found);
        if let Some(seconds) = probe.termination_grace_period_seconds {
            let field = at.child("terminationGracePeriodSeconds");
            found.invalid(&field, &seconds, "must not be set for readinessProbes");
        }
    }
    if let Some(probe) = &container.startup_probe {
        let at = at.child("startupProbe");
        self::probe(&at, probe, grace, found);
        once(&at, probe, found);
    }
}

fn probe(at: &Path, probe: &Probe, grace: Option<i64>, found: &mut Findings) {
    let what = Handler {
        exec: probe.exec.as_ref(),
        http_get: probe.http_get.as_ref(),
        tcp_socket: probe.tcp_socket.as_ref(),
        grpc: probe.grpc.as_ref(),
        sleep: None,
    };
    handler(at, &what, grace, found);
    let numbers = [
        ("initialDelaySeconds", probe.initial_delay_seconds),
        ("timeoutSeconds", probe.timeout_seconds),
        ("periodSeconds", probe.period_seconds),
        ("successThreshold", probe.success_threshold),
        ("failureThreshold", probe.failure_threshold),
    ];
    for (field, n) in numbers {
        found.negative(&at.child(field), Some(n.into()));
    }
    if let Some(seconds) = probe.termination_grace_period_seconds.filter(|n| *n <= 0) {
        let field = at.child("terminationGracePeriodSeconds");
        found.invalid(&field, &seconds, "must be greater than 0");
    }
}

fn of_hook(hook: &LifecycleHandler) -> Handler<'_> {
    Handler {
        exec: hook.exec.as_ref(),
        http_get: hook.http_get.as_ref(),
        tcp_socket: hook.tcp_socket.as_ref(),
        grpc: None,
        sleep: hook.sleep.as_ref(),
    }
}

fn handler(at: &Path, handler: &Handler<'_>, grace: Option<i64>, found: &mut Findings) {
    let mut types = 0;
    let mut one = |field: &str, check: &dyn Fn(&Path, &mut Findings)| {
        let at = at.child(field);
        if types > 0 {
            found.forbidden(&at, "may not specify more than 1 handler type");
        } else {
            check(&at, found);
        }
        types += 1;
    };
    if let Some(exec) = handler.exec {
        one("exec", &|at, found| {
            if exec.command.is_empty() {
                found.required(&at.child("command"), "");
            }
        });
    }
    if let Some(action) = handler.http_get {
        one("httpGet", &|at, found| http_get(at, action, found));
    }
    if let Some(action) = handler.tcp_socket {
        one("tcpSocket", &|at, found| {
            port(&at.child("port"), &action.port, found);
        });
    }
    if let Some(action) = handler.grpc {
        let number = IntOrString::Int(action.port);
        one("grpc", &|at, found| port(&at.child("port"), &number, found));
    }
    if let Some(action) = handler.sleep {
        one("sleep", &|at, found| {
            sleep(at, action.seconds, grace, found);
        });
    }
    if types == 0 {
        found.required(at, "must specify a handler type");
    }
}

fn http_get(at: &Path, action: &HTTPGetAction, found: &mut Findings) {
    found.not_empty(&at.child("path"), &action.path);
    port(&at.child("port"), &action.port, found);
    found.one_of(&at.child("scheme"), &action.scheme, &["HTTP", "HTTPS"]);
    for header in &action.http_headers {
        found.flaws(
            &at.child("httpHeaders"),
            &header.name,
            header_flaws(&header.name),
        );
    }
}

/// A port by its number or its name.
fn port(at: &Path, port: &IntOrString, found: &mut Findings) {
    match port {
        IntOrString::Int(n) => found.within(at, (*n).into(), 1, 65535),
        IntOrString::Text(name) => found.flaws(at, name, port_flaws(name)),
    }
}

fn sleep(at: &Path, seconds: i64, grace: Option<i64>, found: &mut Findings) {
    let Some(grace) = grace else { return };
    let zero = found.has(Check::SleepZero);
    let least = i64::from(!zero);
    if seconds < least || seconds > grace {
        let must = if zero {
            "non-negative"
        } else {
            "greater than 0"
        };
        let text = format!("must be {must} and less than terminationGracePeriodSeconds ({grace})");
        found.invalid(at, &seconds, &text);
    }
}
