//! The environment of containers, and what it is taken from.

use super::{Quantity, records};

records! {
    EnvVar always {
        name: String,
    } unless_empty {
        value: String,
        value_from: Option<EnvVarSource>,
    };

    EnvVarSource unless_empty {
        field_ref: Option<ObjectFieldSelector>,
        resource_field_ref: Option<ResourceFieldSelector>,
        config_map_key_ref: Option<ConfigMapKeySelector>,
        secret_key_ref: Option<SecretKeySelector>,
        file_key_ref: Option<FileKeySelector>,
    };

    ObjectFieldSelector always {
        field_path: String,
    } unless_empty {
        api_version: String,
    };

    ResourceFieldSelector always {
        resource: String,
        divisor: Quantity,
    } unless_empty {
        container_name: String,
    };

    ConfigMapKeySelector always {
        key: String,
    } unless_empty {
        name: String,
        optional: Option<bool>,
    };

    SecretKeySelector always {
        key: String,
    } unless_empty {
        name: String,
        optional: Option<bool>,
    };

    FileKeySelector always {
        volume_name: String,
        path: String,
        key: String,
    } unless_empty {
        optional: Option<bool>,
    };

    EnvFromSource unless_empty {
        prefix: String,
        config_map_ref: Option<ConfigMapEnvSource>,
        secret_ref: Option<SecretEnvSource>,
    };

    ConfigMapEnvSource unless_empty {
        name: String,
        optional: Option<bool>,
    };

    SecretEnvSource unless_empty {
        name: String,
        optional: Option<bool>,
    };
}
