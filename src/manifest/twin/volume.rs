//! Volumes whose content Kubernetes makes or claims.

use super::{
    AWSElasticBlockStoreVolumeSource, AzureDiskVolumeSource, AzureFileVolumeSource,
    CephFSVolumeSource, CinderVolumeSource, FCVolumeSource, FlexVolumeSource, FlockerVolumeSource,
    GCEPersistentDiskVolumeSource, GitRepoVolumeSource, GlusterfsVolumeSource, ISCSIVolumeSource,
    LabelSelector, List, LocalObjectReference, Meta, NFSVolumeSource, ObjectFieldSelector,
    PhotonPersistentDiskVolumeSource, PortworxVolumeSource, ProjectedVolumeSource, Quantities,
    Quantity, QuobyteVolumeSource, RBDVolumeSource, ResourceFieldSelector, ScaleIOVolumeSource,
    StorageOSVolumeSource, TextMap, VsphereVirtualDiskVolumeSource, records,
};

records! {
    Volume always {
        name: String,
    } unless_empty {
        host_path: Option<HostPathVolumeSource>,
        empty_dir: Option<EmptyDirVolumeSource>,
        gce_persistent_disk: Option<GCEPersistentDiskVolumeSource>,
        aws_elastic_block_store: Option<AWSElasticBlockStoreVolumeSource>,
        git_repo: Option<GitRepoVolumeSource>,
        secret: Option<SecretVolumeSource>,
        nfs: Option<NFSVolumeSource>,
        iscsi: Option<ISCSIVolumeSource>,
        glusterfs: Option<GlusterfsVolumeSource>,
        persistent_volume_claim: Option<PersistentVolumeClaimVolumeSource>,
        rbd: Option<RBDVolumeSource>,
        flex_volume: Option<FlexVolumeSource>,
        cinder: Option<CinderVolumeSource>,
        cephfs: Option<CephFSVolumeSource>,
        flocker: Option<FlockerVolumeSource>,
        #[serde(rename = "downwardAPI")]
        downward_api: Option<DownwardAPIVolumeSource>,
        fc: Option<FCVolumeSource>,
        azure_file: Option<AzureFileVolumeSource>,
        config_map: Option<ConfigMapVolumeSource>,
        vsphere_volume: Option<VsphereVirtualDiskVolumeSource>,
        quobyte: Option<QuobyteVolumeSource>,
        azure_disk: Option<AzureDiskVolumeSource>,
        photon_persistent_disk: Option<PhotonPersistentDiskVolumeSource>,
        projected: Option<ProjectedVolumeSource>,
        portworx_volume: Option<PortworxVolumeSource>,
        #[serde(rename = "scaleIO")]
        scale_io: Option<ScaleIOVolumeSource>,
        storageos: Option<StorageOSVolumeSource>,
        csi: Option<CSIVolumeSource>,
        ephemeral: Option<EphemeralVolumeSource>,
        image: Option<ImageVolumeSource>,
    };

    HostPathVolumeSource always {
        path: String,
    } unless_empty {
        #[serde(rename = "type")]
        kind: Option<String>,
    };

    EmptyDirVolumeSource unless_empty {
        medium: String,
        size_limit: Option<Quantity>,
        mode: Option<i32>,
    };

    SecretVolumeSource unless_empty {
        secret_name: String,
        items: List<KeyToPath>,
        default_mode: Option<i32>,
        optional: Option<bool>,
        default_user: Option<i64>,
    };

    ConfigMapVolumeSource unless_empty {
        name: String,
        items: List<KeyToPath>,
        default_mode: Option<i32>,
        optional: Option<bool>,
        default_user: Option<i64>,
    };

    KeyToPath always {
        key: String,
        path: String,
    } unless_empty {
        mode: Option<i32>,
        user: Option<i64>,
    };

    DownwardAPIVolumeSource unless_empty {
        items: List<DownwardAPIVolumeFile>,
        default_mode: Option<i32>,
        default_user: Option<i64>,
    };

    DownwardAPIVolumeFile always {
        path: String,
    } unless_empty {
        field_ref: Option<ObjectFieldSelector>,
        resource_field_ref: Option<ResourceFieldSelector>,
        mode: Option<i32>,
        user: Option<i64>,
    };

    PersistentVolumeClaimVolumeSource always {
        claim_name: String,
    } unless_empty {
        read_only: bool,
    };

    EphemeralVolumeSource unless_empty {
        volume_claim_template: Option<PersistentVolumeClaimTemplate>,
    };

    PersistentVolumeClaimTemplate always {
        metadata: Meta,
        spec: PersistentVolumeClaimSpec,
    };

    PersistentVolumeClaimSpec always {
        resources: VolumeResourceRequirements,
    } unless_empty {
        access_modes: List<String>,
        selector: Option<LabelSelector>,
        volume_name: String,
        storage_class_name: Option<String>,
        volume_mode: Option<String>,
        data_source: Option<TypedLocalObjectReference>,
        data_source_ref: Option<TypedObjectReference>,
        volume_attributes_class_name: Option<String>,
    };

    VolumeResourceRequirements unless_empty {
        limits: Quantities,
        requests: Quantities,
    };

    TypedLocalObjectReference always {
        api_group: Option<String>,
        kind: String,
        name: String,
    };

    TypedObjectReference always {
        api_group: Option<String>,
        kind: String,
        name: String,
    } unless_empty {
        namespace: Option<String>,
    };

    ImageVolumeSource unless_empty {
        reference: String,
        pull_policy: String,
    };

    CSIVolumeSource always {
        driver: String,
    } unless_empty {
        read_only: Option<bool>,
        fs_type: Option<String>,
        volume_attributes: TextMap,
        node_publish_secret_ref: Option<LocalObjectReference>,
    };
}
