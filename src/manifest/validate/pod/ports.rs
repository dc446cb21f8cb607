//! Ports of containers.

use std::collections::BTreeSet;

use crate::manifest::names::port_flaws;
use crate::manifest::twin::{Container, ContainerPort};
use crate::manifest::validate::finding::Findings;
use crate::manifest::validate::path::Path;

pub(super) fn check(at: &Path, ports: &[ContainerPort], found: &mut Findings) {
    let mut names = BTreeSet::new();
    for (index, port) in ports.iter().enumerate() {
        let at = at.at(index);
        let name = port.name.as_str();
        if !name.is_empty() {
            let flaws = port_flaws(name);
            if !flaws.is_empty() {
                found.flaws(&at.child("name"), name, flaws);
            } else if !names.insert(name) {
                found.duplicate(&at.child("name"), name);
            }
        }
        if port.container_port == 0 {
            found.required(&at.child("containerPort"), "");
        } else {
            found.within(
                &at.child("containerPort"),
                port.container_port.into(),
                1,
                65535,
            );
        }
        if port.host_port != 0 {
            found.within(&at.child("hostPort"), port.host_port.into(), 1, 65535);
        }
        let protocol = &port.protocol;
        if protocol.is_empty() {
            found.required(&at.child("protocol"), "");
        } else {
            found.one_of(&at.child("protocol"), protocol, &["SCTP", "TCP", "UDP"]);
        }
    }
}

/// No two containers take the same port of the host.
pub(super) fn unique_on_host(at: &Path, containers: &[Container], found: &mut Findings) {
    let mut taken = BTreeSet::new();
    for (index, container) in containers.iter().enumerate() {
        for (port_index, port) in container.ports.iter().enumerate() {
            let at = at.at(index).child("ports").at(port_index);
            let name = format!("{}/{}/{}", port.protocol, port.host_ip, port.host_port);
            if port.host_port == 0 {
                continue;
            }
            if taken.contains(&name) {
                found.duplicate(&at.child("hostPort"), &name);
            } else {
                taken.insert(name);
            }
        }
    }
}

/// On the network of the host, a port has the same number inside and outside.
pub(super) fn on_host_network(at: &Path, containers: &[Container], found: &mut Findings) {
    for (index, container) in containers.iter().enumerate() {
        for (port_index, port) in container.ports.iter().enumerate() {
            if port.host_port != 0 && port.host_port != port.container_port {
                let at = at.at(index).child("ports").at(port_index);
                let text = "must match `containerPort` when `hostNetwork` is true";
                found.invalid(&at.child("hostPort"), &port.host_port, text);
            }
        }
    }
}
