//! Volumes of storage systems that Kubernetes knows by name.

use super::{List, LocalObjectReference, TextMap, records};

records! {
    GCEPersistentDiskVolumeSource always {
        pd_name: String,
    } unless_empty {
        fs_type: String,
        partition: i32,
        read_only: bool,
    };

    AWSElasticBlockStoreVolumeSource always {
        #[serde(rename = "volumeID")]
        volume_id: String,
    } unless_empty {
        fs_type: String,
        partition: i32,
        read_only: bool,
    };

    GitRepoVolumeSource always {
        repository: String,
    } unless_empty {
        revision: String,
        directory: String,
    };

    NFSVolumeSource always {
        server: String,
        path: String,
    } unless_empty {
        read_only: bool,
    };

    ISCSIVolumeSource always {
        target_portal: String,
        iqn: String,
        lun: i32,
    } unless_empty {
        iscsi_interface: String,
        fs_type: String,
        read_only: bool,
        portals: List<String>,
        chap_auth_discovery: bool,
        chap_auth_session: bool,
        secret_ref: Option<LocalObjectReference>,
        initiator_name: Option<String>,
    };

    GlusterfsVolumeSource always {
        endpoints: String,
        path: String,
    } unless_empty {
        read_only: bool,
    };

    RBDVolumeSource always {
        monitors: List<String>,
        image: String,
    } unless_empty {
        fs_type: String,
        pool: String,
        user: String,
        keyring: String,
        secret_ref: Option<LocalObjectReference>,
        read_only: bool,
    };

    FlexVolumeSource always {
        driver: String,
    } unless_empty {
        fs_type: String,
        secret_ref: Option<LocalObjectReference>,
        read_only: bool,
        options: TextMap,
    };

    CinderVolumeSource always {
        #[serde(rename = "volumeID")]
        volume_id: String,
    } unless_empty {
        fs_type: String,
        read_only: bool,
        secret_ref: Option<LocalObjectReference>,
    };

    CephFSVolumeSource always {
        monitors: List<String>,
    } unless_empty {
        path: String,
        user: String,
        secret_file: String,
        secret_ref: Option<LocalObjectReference>,
        read_only: bool,
    };

    FlockerVolumeSource unless_empty {
        dataset_name: String,
        #[serde(rename = "datasetUUID")]
        dataset_uuid: String,
    };

    FCVolumeSource unless_empty {
        #[serde(rename = "targetWWNs")]
        target_wwns: List<String>,
        lun: Option<i32>,
        fs_type: String,
        read_only: bool,
        wwids: List<String>,
    };

    AzureFileVolumeSource always {
        secret_name: String,
        share_name: String,
    } unless_empty {
        read_only: bool,
    };

    VsphereVirtualDiskVolumeSource always {
        volume_path: String,
    } unless_empty {
        fs_type: String,
        storage_policy_name: String,
        #[serde(rename = "storagePolicyID")]
        storage_policy_id: String,
    };

    QuobyteVolumeSource always {
        registry: String,
        volume: String,
    } unless_empty {
        read_only: bool,
        user: String,
        group: String,
        tenant: String,
    };

    AzureDiskVolumeSource always {
        disk_name: String,
        #[serde(rename = "diskURI")]
        disk_uri: String,
    } unless_empty {
        caching_mode: Option<String>,
        fs_type: Option<String>,
        read_only: Option<bool>,
        kind: Option<String>,
    };

    PhotonPersistentDiskVolumeSource always {
        #[serde(rename = "pdID")]
        pd_id: String,
    } unless_empty {
        fs_type: String,
    };

    PortworxVolumeSource always {
        #[serde(rename = "volumeID")]
        volume_id: String,
    } unless_empty {
        fs_type: String,
        read_only: bool,
    };

    ScaleIOVolumeSource always {
        gateway: String,
        system: String,
        secret_ref: Option<LocalObjectReference>,
    } unless_empty {
        ssl_enabled: bool,
        protection_domain: String,
        storage_pool: String,
        storage_mode: String,
        volume_name: String,
        fs_type: String,
        read_only: bool,
    };

    StorageOSVolumeSource unless_empty {
        volume_name: String,
        volume_namespace: String,
        fs_type: String,
        read_only: bool,
        secret_ref: Option<LocalObjectReference>,
    };
}
