//! Metadata of objects, and selectors of labels.

use serde_json::Value;

use super::{List, TextMap, records};

records! {
    Meta unless_empty {
        name: String,
        generate_name: String,
        namespace: String,
        self_link: String,
        uid: String,
        resource_version: String,
        generation: i64,
        creation_timestamp: Option<String>,
        deletion_timestamp: Option<String>,
        deletion_grace_period_seconds: Option<i64>,
        labels: TextMap,
        annotations: TextMap,
        owner_references: List<OwnerReference>,
        finalizers: List<String>,
        managed_fields: List<ManagedFieldsEntry>,
    };

    OwnerReference always {
        api_version: String,
        kind: String,
        name: String,
        uid: String,
    } unless_empty {
        controller: Option<bool>,
        block_owner_deletion: Option<bool>,
    };

    ManagedFieldsEntry unless_empty {
        manager: String,
        operation: String,
        api_version: String,
        time: Option<String>,
        fields_type: String,
        fields_v1: Option<Value>,
        subresource: String,
    };

    LabelSelector unless_empty {
        match_labels: TextMap,
        match_expressions: List<LabelSelectorRequirement>,
    };

    LabelSelectorRequirement always {
        key: String,
        operator: String,
    } unless_empty {
        values: List<String>,
    };

    LocalObjectReference unless_empty {
        name: String,
    };
}
