//! Volumes that are put together from several sources.

use super::{DownwardAPIVolumeFile, KeyToPath, LabelSelector, List, TextMap, records};

records! {
    ProjectedVolumeSource always {
        sources: Option<List<VolumeProjection>>,
    } unless_empty {
        default_mode: Option<i32>,
        default_user: Option<i64>,
    };

    VolumeProjection unless_empty {
        secret: Option<SecretProjection>,
        #[serde(rename = "downwardAPI")]
        downward_api: Option<DownwardAPIProjection>,
        config_map: Option<ConfigMapProjection>,
        service_account_token: Option<ServiceAccountTokenProjection>,
        cluster_trust_bundle: Option<ClusterTrustBundleProjection>,
        pod_certificate: Option<PodCertificateProjection>,
    };

    SecretProjection unless_empty {
        name: String,
        items: List<KeyToPath>,
        optional: Option<bool>,
    };

    ConfigMapProjection unless_empty {
        name: String,
        items: List<KeyToPath>,
        optional: Option<bool>,
    };

    DownwardAPIProjection unless_empty {
        items: List<DownwardAPIVolumeFile>,
    };

    ServiceAccountTokenProjection always {
        path: String,
    } unless_empty {
        audience: String,
        expiration_seconds: Option<i64>,
        user: Option<i64>,
    };

    ClusterTrustBundleProjection always {
        path: String,
    } unless_empty {
        name: Option<String>,
        signer_name: Option<String>,
        label_selector: Option<LabelSelector>,
        optional: Option<bool>,
        user: Option<i64>,
    };

    PodCertificateProjection unless_empty {
        signer_name: String,
        key_type: String,
        max_expiration_seconds: Option<i32>,
        credential_bundle_path: String,
        key_path: String,
        certificate_chain_path: String,
        user_annotations: TextMap,
        user: Option<i64>,
    };
}
