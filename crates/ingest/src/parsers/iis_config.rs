//! Configuration in XML: of IIS, of web applications, of transport agents.

use super::text::decode_head;
use super::xml::{Element, each_element};
use super::{Fit, Grain, Parser};
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits};
use afterpatch_model::tables::Setting;
use afterpatch_model::{Artifact, Question, Rows, extension, file_name, hex};
use sha2::{Digest, Sha256};

/// The parser of configuration files.
#[derive(Debug)]
pub(super) struct IisConfig;

static GUIDE: Guide = Guide {
    what: "Configuration of IIS, of its applications and of transport agents",
    locations: &[
        Location::new(Root::Windows, r"System32\inetsrv\config\*.config"),
        Location::new(Root::SystemDrive, r"inetpub\history\**\*.config"),
        Location::new(Root::WebRoots, r"**\*.config"),
        Location::new(Root::Exchange, r"FrontEnd\HttpProxy\**\*.config"),
        Location::new(Root::Exchange, r"ClientAccess\**\*.config"),
        Location::new(Root::Exchange, r"TransportRoles\Shared\agents.config"),
        Location::new(Root::Exchange, r"Bin\*.config"),
    ],
    serves: &[
        (Question::Exposed, "URL Rewrite rules that hold back an exploit"),
        (Question::StillInside, "modules, handlers, agents and folders that nobody at Microsoft put there"),
    ],
    quirks: &[
        "`inetpub\\history` keeps earlier copies of applicationHost.config, which date a change.",
        "A fixed machine key is told of by its SHA-256 only: whoever has the key can forge view states.",
    ],
};

/// Keys: long and random, so that a fingerprint tells one from another and gives none away.
const KEYS: [&str; 2] = ["validationKey", "decryptionKey"];
/// A password may be guessed from its fingerprint: nothing of it is told.
const PASSWORD: &str = "password";
/// Under which name `rest` tells the file on the server.
const IN_FILE: &str = "in_file";

/// A setting that an element makes.
struct Interest {
    /// The element around it; empty for any.
    within: &'static str,
    element: &'static str,
    /// What the setting is called in the table.
    setting: &'static str,
    /// The attributes that can be its value; the first that is there is taken.
    value: &'static [&'static str],
}

const fn interest(
    within: &'static str,
    element: &'static str,
    setting: &'static str,
    value: &'static [&'static str],
) -> Interest {
    Interest { within, element, setting, value }
}

/// Every setting that is read, and its name in the table `settings`.
static INTERESTS: &[Interest] = &[
    interest("", "virtualDirectory", "virtual_directory", &["physicalPath"]),
    interest("bindings", "binding", "site_binding", &["bindingInformation"]),
    interest("", "logFile", "site_log", &["directory", "logFormat", "enabled"]),
    interest("", "httpLogging", "http_logging", &["dontLog"]),
    interest("globalModules", "add", "global_module", &["image"]),
    interest("modules", "add", "module", &["type", "name"]),
    interest("handlers", "add", "handler", &["type", "scriptProcessor", "modules"]),
    interest("isapiFilters", "filter", "isapi_filter", &["path"]),
    interest("isapiCgiRestriction", "add", "isapi_restriction", &["path"]),
    interest("applicationPools", "add", "app_pool", &["name"]),
    interest("", "processModel", "app_pool_identity", &["userName", "identityType"]),
    interest("rules", "rule", "rewrite_rule", &["name"]),
    interest("outboundRules", "rule", "rewrite_rule", &["name"]),
    interest("rule", "action", "rewrite_action", &["url", "value", "type"]),
    interest("windowsAuthentication", "extendedProtection", "extended_protection", &["tokenChecking"]),
    interest("agentList", "agent", "transport_agent", &["assemblyPath"]),
    interest("", "machineKey", "machine_key", &["validationKey"]),
];

impl Parser for IisConfig {
    fn name(&self) -> &'static str {
        "configuration"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::State
    }

    fn scope(&self, artifact: &Artifact) -> String {
        // That of the server, of an application or of transport: one does not stand for another.
        file_name(&artifact.path).to_lowercase()
    }

    fn fits(&self, path: &str, head: &[u8]) -> Fit {
        let is_config = extension(path).eq_ignore_ascii_case("config");
        let begins = decode_head(head).trim_start().starts_with('<');
        if is_config && begins { Fit::Sure } else { Fit::No }
    }

    fn parse(&self, artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        let mut modules = Vec::new();
        each_element(input, limits, rows, &mut |around, element, rows| {
            if element.name == "globalModules" {
                list(&std::mem::take(&mut modules), element, artifact, rows);
            }
            let within = around.last().map_or("", |element| element.name.as_str());
            let known = INTERESTS.iter().find(|interest| {
                (interest.within.is_empty() || interest.within == within) && interest.element == element.name
            });
            if within == "globalModules" {
                modules.extend(element.attribute("name").map(str::to_owned));
            }
            if let Some(interest) = known {
                give(interest, around, element, artifact, rows);
            }
        });
    }
}

/// Gives the names of all modules of the server at once: only the whole list shows that one was taken out.
fn list(modules: &[String], element: &Element, artifact: &Artifact, rows: &mut Rows<'_>) {
    rows.derived(&Setting {
        time: artifact.modified,
        name: Some("global_modules"),
        value: Some(&modules.join(" ")),
        record: element.line,
        ..Setting::default()
    });
}

fn give(
    interest: &Interest,
    around: &[Element],
    element: &Element,
    artifact: &Artifact,
    rows: &mut Rows<'_>,
) {
    let is_secret = interest.setting == "machine_key";
    let value = interest.value.iter().find_map(|name| element.attribute(name)).unwrap_or_default();
    // A key that is generated anew by each server is none that could be stolen once and used for ever.
    if is_secret && (value.is_empty() || value.to_ascii_lowercase().contains("autogenerate")) {
        return;
    }
    let digest = is_secret.then(|| fingerprint(value));
    let scope = scope_of(around, element);
    let rest = attributes(element, artifact);
    rows.fact(&Setting {
        time: artifact.modified,
        name: Some(interest.setting),
        value: Some(digest.as_deref().unwrap_or(value)),
        scope: Some(&scope).filter(|scope| !scope.is_empty()).map(String::as_str),
        record: element.line,
        rest: Some(&rest),
        ..Setting::default()
    });
}

/// Returns the names and paths of what is around an element: `Default Web Site /owa`.
fn scope_of(around: &[Element], element: &Element) -> String {
    let label = |element: &Element| match element.name.as_str() {
        "site" | "add" | "rule" => element.attribute("name").map(str::to_owned),
        "location" | "application" | "virtualDirectory" => element.attribute("path").map(str::to_owned),
        _ => None,
    };
    let own = element.attribute("path").or_else(|| element.attribute("name")).map(str::to_owned);
    let labels = around.iter().filter_map(label).chain(own);
    labels.filter(|label| !label.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Returns the attributes of an element, and the file that it stands in: earlier copies and single applications have the
/// same elements. Of keys only the fingerprints are told, and of passwords nothing.
fn attributes(element: &Element, artifact: &Artifact) -> String {
    let is_key = |name: &str| KEYS.iter().any(|key| name.eq_ignore_ascii_case(key));
    let told = |(name, value): &(String, String)| {
        let value = match name {
            name if is_key(name) => fingerprint(value),
            name if name.eq_ignore_ascii_case(PASSWORD) => "withheld".to_owned(),
            _ => value.clone(),
        };
        (name.clone(), value.into())
    };
    let mut object: serde_json::Map<String, serde_json::Value> =
        element.attributes.iter().map(told).collect();
    object.insert(IN_FILE.to_owned(), artifact.path.as_str().into());
    serde_json::Value::Object(object).to_string()
}

/// Keys are hexadecimal, in capitals or not: one key has one fingerprint.
fn fingerprint(secret: &str) -> String {
    format!("sha256:{}", hex(&Sha256::digest(secret.trim().to_ascii_uppercase().as_bytes())))
}
