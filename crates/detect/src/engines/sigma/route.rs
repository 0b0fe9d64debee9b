//! Which Sigma log sources a fact belongs to, decided by channel, provider and event id of the record itself.
//!
//! Forwarded events keep their own channel, so neither the file's name nor its first record is asked.

use rsigma_parser::LogSource;
use serde::{Deserialize, Serialize};

/// The log source that a rule is written for.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Source {
    pub(super) product: Option<String>,
    pub(super) category: Option<String>,
    pub(super) service: Option<String>,
}

impl Source {
    /// Takes what the rule says, in lower case.
    pub(super) fn of(source: &LogSource) -> Self {
        let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
        Self {
            product: lower(&source.product),
            category: lower(&source.category),
            service: lower(&source.service),
        }
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [&self.product, &self.category, &self.service];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        f.write_str(&parts.join("/"))
    }
}

/// The log sources that a fact belongs to, as Sigma names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sources {
    products: &'static [&'static str],
    categories: Vec<&'static str>,
    services: Vec<&'static str>,
}

const SYSMON: &str = "microsoft-windows-sysmon/operational";
const SECURITY: &str = "security";
const POWERSHELL: &str = "microsoft-windows-powershell/operational";
const POWERSHELL_CORE: &str = "powershellcore/operational";
const POWERSHELL_CLASSIC: &str = "windows powershell";
const DEFENDER: &str = "microsoft-windows-windows defender/operational";
const EXCHANGE: &str = "msexchange management";

/// The service that each channel is; channels in lower case.
static SERVICES: &[(&str, &str)] = &[
    ("application", "application"),
    (SECURITY, "security"),
    ("system", "system"),
    (SYSMON, "sysmon"),
    (POWERSHELL, "powershell"),
    (POWERSHELL_CORE, "powershell"),
    (POWERSHELL_CLASSIC, "powershell-classic"),
    (EXCHANGE, "msexchange-management"),
    (DEFENDER, "windefend"),
    ("dns server", "dns-server"),
    ("microsoft-iis-configuration/operational", "iis-configuration"),
    ("microsoft-servicebus-client", "microsoft-servicebus-client"),
    ("microsoft-windows-appmodel-runtime/admin", "appmodel-runtime"),
    ("microsoft-windows-applocker/exe and dll", "applocker"),
    ("microsoft-windows-applocker/msi and script", "applocker"),
    ("microsoft-windows-applocker/packaged app-deployment", "applocker"),
    ("microsoft-windows-applocker/packaged app-execution", "applocker"),
    ("microsoft-windows-appxdeploymentserver/operational", "appxdeployment-server"),
    ("microsoft-windows-appxpackaging/operational", "appxpackaging-om"),
    ("microsoft-windows-bits-client/operational", "bits-client"),
    ("microsoft-windows-capi2/operational", "capi2"),
    (
        "microsoft-windows-certificateservicesclient-lifecycle-system/operational",
        "certificateservicesclient-lifecycle-system",
    ),
    ("microsoft-windows-codeintegrity/operational", "codeintegrity-operational"),
    ("microsoft-windows-dhcp-server/operational", "dhcp"),
    ("microsoft-windows-diagnosis-scripted/operational", "diagnosis-scripted"),
    ("microsoft-windows-dns client events/operational", "dns-client"),
    ("microsoft-windows-dns-server/analytical", "dns-server-analytic"),
    ("microsoft-windows-dns-server/audit", "dns-server-audit"),
    ("microsoft-windows-driverframeworks-usermode/operational", "driver-framework"),
    ("microsoft-windows-kernel-eventtracing", "kernel-event-tracing"),
    ("microsoft-windows-kernel-shimengine/diagnostic", "kernel-shimengine"),
    ("microsoft-windows-kernel-shimengine/operational", "kernel-shimengine"),
    ("microsoft-windows-ldap-client/debug", "ldap"),
    ("microsoft-windows-lsa/operational", "lsa-server"),
    ("microsoft-windows-ntfs/operational", "ntfs"),
    ("microsoft-windows-ntlm/operational", "ntlm"),
    ("microsoft-windows-printservice/admin", "printservice-admin"),
    ("microsoft-windows-printservice/operational", "printservice-operational"),
    ("microsoft-windows-security-mitigations/kernelmode", "security-mitigations"),
    ("microsoft-windows-security-mitigations/usermode", "security-mitigations"),
    ("microsoft-windows-shell-core/operational", "shell-core"),
    ("microsoft-windows-smbclient/connectivity", "smbclient-connectivity"),
    ("microsoft-windows-smbclient/security", "smbclient-security"),
    ("microsoft-windows-smbserver/connectivity", "smbserver-connectivity"),
    ("microsoft-windows-taskscheduler/operational", "taskscheduler"),
    (
        "microsoft-windows-terminalservices-localsessionmanager/operational",
        "terminalservices-localsessionmanager",
    ),
    ("microsoft-windows-vhdmp/operational", "vhdmp"),
    ("microsoft-windows-windows firewall with advanced security/firewall", "firewall-as"),
    ("microsoft-windows-wmi-activity/operational", "wmi"),
    ("openssh/operational", "openssh"),
];

/// The channel of providers that write into one only, for exports that leave the channel out.
static PROVIDERS: &[(&str, &str)] = &[
    ("microsoft-windows-powershell", POWERSHELL),
    ("microsoft-windows-security-auditing", SECURITY),
    ("microsoft-windows-sysmon", SYSMON),
    ("microsoft-windows-windows defender", DEFENDER),
    ("msexchange cmdletlogs", EXCHANGE),
    ("powershell", POWERSHELL_CLASSIC),
    ("powershellcore", POWERSHELL_CORE),
    ("service control manager", "system"),
];

/// The category of events by channel and id, first to last. An event may be of several.
static CATEGORIES: &[(&str, i64, i64, &str)] = &[
    (SYSMON, 1, 1, "process_creation"),
    (SYSMON, 2, 2, "file_change"),
    (SYSMON, 3, 3, "network_connection"),
    (SYSMON, 4, 4, "sysmon_status"),
    (SYSMON, 5, 5, "process_termination"),
    (SYSMON, 6, 6, "driver_load"),
    (SYSMON, 7, 7, "image_load"),
    (SYSMON, 8, 8, "create_remote_thread"),
    (SYSMON, 9, 9, "raw_access_thread"),
    (SYSMON, 10, 10, "process_access"),
    (SYSMON, 11, 11, "file_event"),
    (SYSMON, 12, 14, "registry_event"),
    (SYSMON, 12, 12, "registry_add"),
    (SYSMON, 12, 12, "registry_delete"),
    (SYSMON, 13, 13, "registry_set"),
    (SYSMON, 14, 14, "registry_rename"),
    (SYSMON, 15, 15, "create_stream_hash"),
    (SYSMON, 16, 16, "sysmon_status"),
    (SYSMON, 17, 18, "pipe_created"),
    (SYSMON, 19, 21, "wmi_event"),
    (SYSMON, 22, 22, "dns_query"),
    (SYSMON, 23, 23, "file_delete"),
    (SYSMON, 24, 24, "clipboard_change"),
    (SYSMON, 25, 25, "process_tampering"),
    (SYSMON, 26, 26, "file_delete"),
    (SYSMON, 27, 27, "file_block_executable"),
    (SYSMON, 28, 28, "file_block_shredding"),
    (SYSMON, 29, 29, "file_executable_detected"),
    (SYSMON, 255, 255, "sysmon_error"),
    (SECURITY, 4657, 4657, "registry_delete"),
    (SECURITY, 4657, 4657, "registry_event"),
    (SECURITY, 4657, 4657, "registry_set"),
    (SECURITY, 4688, 4688, "process_creation"),
    (SECURITY, 4689, 4689, "process_termination"),
    (SECURITY, 5156, 5156, "network_connection"),
    (POWERSHELL, 4103, 4103, "ps_module"),
    (POWERSHELL, 4104, 4104, "ps_script"),
    (POWERSHELL_CORE, 4103, 4103, "ps_module"),
    (POWERSHELL_CORE, 4104, 4104, "ps_script"),
    (POWERSHELL_CLASSIC, 400, 400, "ps_classic_start"),
    (POWERSHELL_CLASSIC, 600, 600, "ps_classic_provider_start"),
    (POWERSHELL_CLASSIC, 800, 800, "ps_module"),
    (DEFENDER, 1006, 1119, "antivirus"),
    // The audit of SQL Server, which goes to one of the two: each event holds a statement.
    ("application", 33205, 33205, "database"),
    (SECURITY, 33205, 33205, "database"),
];

impl Sources {
    /// Returns the log sources of a Windows event.
    pub(super) fn of_event(channel: &str, provider: &str, event_id: i64) -> Self {
        let mut channel = channel.to_lowercase();
        if channel.is_empty() {
            provider_channel(&provider.to_lowercase()).clone_into(&mut channel);
        }
        let named = SERVICES.iter().filter(|(of, _)| *of == channel);
        let sorted = CATEGORIES
            .iter()
            .filter(|(of, first, last, _)| *of == channel && (*first..=*last).contains(&event_id));
        Self {
            products: &["windows"],
            categories: sorted.map(|(.., category)| *category).collect(),
            services: named.map(|(_, service)| *service).collect(),
        }
    }

    /// Returns the log sources of a request to a web server of Exchange, which is a proxy before its back end.
    pub(super) fn of_request() -> Self {
        Self { products: &["windows", "iis"], categories: vec!["webserver", "proxy"], services: vec!["iis"] }
    }

    /// Returns the log sources of a request that Zeek saw on the network.
    pub(super) fn of_zeek_http() -> Self {
        Self { products: &["zeek"], categories: vec!["webserver", "proxy"], services: vec!["http"] }
    }

    /// Tells whether a rule for `source` is meant for such facts: all that it names must agree.
    pub(super) fn admit(&self, source: &Source) -> bool {
        let agrees = |asked: &Option<String>, ours: &[&str]| {
            asked.as_deref().is_none_or(|asked| ours.contains(&asked))
        };
        let names_any = source.product.is_some() || source.category.is_some() || source.service.is_some();
        names_any
            && agrees(&source.product, self.products)
            && agrees(&source.category, &self.categories)
            && agrees(&source.service, &self.services)
    }
}

fn provider_channel(provider: &str) -> &'static str {
    PROVIDERS.iter().find(|(of, _)| *of == provider).map_or("", |(_, channel)| *channel)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(product: &str, category: &str, service: &str) -> Source {
        let named = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Source { product: named(product), category: named(category), service: named(service) }
    }

    #[test]
    fn channels_in_the_tables_are_lower_case() {
        let services = SERVICES.iter().map(|(channel, _)| *channel);
        let categories = CATEGORIES.iter().map(|(channel, ..)| *channel);
        let providers = PROVIDERS.iter().flat_map(|(provider, channel)| [*provider, *channel]);
        for name in services.chain(categories).chain(providers) {
            assert_eq!(name, name.to_lowercase());
        }
    }

    #[test]
    fn an_event_may_belong_to_several_sources() {
        let set = Sources::of_event("Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon", 13);
        for category in ["registry_set", "registry_event"] {
            assert!(set.admit(&source("windows", category, "")), "{category}");
        }
        assert!(set.admit(&source("windows", "", "sysmon")));
        assert!(!set.admit(&source("windows", "registry_add", "")));
        assert!(!set.admit(&source("linux", "registry_set", "")));
    }

    #[test]
    fn a_new_process_of_the_security_log_is_process_creation_and_a_logon_is_not() {
        let creation = source("windows", "process_creation", "");
        assert!(Sources::of_event("Security", "", 4688).admit(&creation));
        assert!(!Sources::of_event("Security", "", 4624).admit(&creation));
        assert!(Sources::of_event("Security", "", 4624).admit(&source("windows", "", "security")));
        assert!(!Sources::of_event("Security", "", 4624).admit(&source("windows", "", "system")));
    }

    #[test]
    fn the_provider_stands_in_for_a_missing_channel_only() {
        let exchange = source("windows", "", "msexchange-management");
        assert!(Sources::of_event("", "MSExchange CmdletLogs", 1).admit(&exchange));
        assert!(Sources::of_event("MSExchange Management", "", 1).admit(&exchange));
        assert!(!Sources::of_event("Application", "MSExchange CmdletLogs", 1).admit(&exchange));
    }

    #[test]
    fn requests_are_for_web_servers_and_proxies() {
        let request = Sources::of_request();
        assert!(request.admit(&source("", "webserver", "")));
        assert!(request.admit(&source("", "proxy", "")));
        assert!(!request.admit(&source("", "webserver", "apache")));
        assert!(!request.admit(&source("windows", "process_creation", "")));
        assert!(!request.admit(&source("", "", "")));
        let seen = Sources::of_zeek_http();
        assert!(seen.admit(&source("zeek", "", "http")) && seen.admit(&source("", "proxy", "")));
        assert!(!seen.admit(&source("zeek", "", "dns")) && !seen.admit(&source("windows", "webserver", "")));
    }

    #[test]
    fn the_audit_of_a_database_is_a_database_and_other_events_of_it_are_not() {
        let database = source("", "database", "");
        assert!(Sources::of_event("Application", "MSSQLSERVER", 33205).admit(&database));
        assert!(Sources::of_event("Security", "MSSQLSERVER$AUDIT", 33205).admit(&database));
        assert!(!Sources::of_event("Application", "MSSQLSERVER", 18456).admit(&database));
    }
}
