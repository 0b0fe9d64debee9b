//! The configuration of a server: of IIS, of mail transport and of what starts by itself, as Windows keeps it in files.

use crate::dice::Dice;
use crate::server::Server;
use crate::tree;
use afterpatch_model::Timestamp;

/// What a server's configuration holds beside what Windows and Exchange bring.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Additions {
    /// Native modules of IIS: name and library.
    pub(crate) modules: &'static [(&'static str, &'static str)],
    /// ISAPI filters: name and library.
    pub(crate) filters: &'static [(&'static str, &'static str)],
    /// Handlers: name, addresses and type.
    pub(crate) handlers: &'static [(&'static str, &'static str, &'static str)],
    /// Virtual directories of the default site: address and folder.
    pub(crate) folders: &'static [(&'static str, &'static str)],
    /// Rewriting rules: name, pattern and the element that says what is done.
    pub(crate) rewriting: &'static [(&'static str, &'static str, &'static str)],
    /// Transport agents: name, class and library.
    pub(crate) agents: &'static [(&'static str, &'static str, &'static str)],
    /// Scheduled tasks: name and command line.
    pub(crate) tasks: &'static [(&'static str, &'static str)],
    /// The key by which the control panel signs what it hands out and takes back; each server has one of its own else.
    pub(crate) machine_key: Option<&'static str>,
}

impl Additions {
    /// Nothing beside what Windows, Exchange and the organisation have.
    pub(crate) const NONE: Self = Self {
        modules: &[],
        filters: &[],
        handlers: &[],
        folders: &[],
        rewriting: &[],
        agents: &[],
        tasks: &[],
        machine_key: None,
    };
}

/// What an organisation has on its mail servers that no intruder brought: each is the twin of a foothold.
pub(crate) const OWN: Additions = Additions {
    modules: &[
        ("RewriteModule", r"%SystemRoot%\system32\inetsrv\rewrite.dll"),
        ("ExampleScan", r"C:\Program Files\Example Scan\iisscan.dll"),
    ],
    filters: &[("Example sign-on", r"C:\Program Files\Example Sign-on\filter.dll")],
    handlers: &[("Example health", "health.axd", "System.Web.Handlers.TraceHandler")],
    folders: &[("/monitor", r"C:\Program Files\Example Monitor\web")],
    rewriting: &[
        ("To https", "(.*)", r#"<action type="Redirect" url="https://{HTTP_HOST}/{R:1}" />"#),
        ("X-BEResource Abort - inbound", ".*", r#"<action type="AbortRequest" />"#),
    ],
    agents: &[(
        "Exchange DkimSigner",
        "Exchange.DkimSigner.DkimSigningRoutingAgentFactory",
        r"C:\Program Files\Exchange DkimSigner\ExchangeDkimSigner.dll",
    )],
    tasks: &[
        ("Rotate logs", r"powershell.exe -ExecutionPolicy Bypass -File D:\Jobs\rotate.ps1"),
        ("Example Update", r#""C:\Program Files\Example Scan\update.exe" /quiet"#),
    ],
    machine_key: None,
};

/// Modules that every web server has, as far as rules look at them.
const STOCK: &[(&str, &str)] = &[
    ("UriCacheModule", "cachuri.dll"),
    ("HttpCacheModule", "cachhttp.dll"),
    ("StaticFileModule", "static.dll"),
    ("AnonymousAuthenticationModule", "authanon.dll"),
    ("WindowsAuthenticationModule", "authsspi.dll"),
    ("IsapiModule", "isapi.dll"),
    ("HttpLoggingModule", "loghttp.dll"),
];
/// The filter that .NET brings.
const STOCK_FILTER: (&str, &str) =
    ("ASP.Net_4.0_64bit", r"%windir%\Microsoft.NET\Framework64\v4.0.30319\aspnet_filter.dll");
/// Applications of the default site.
const APPLICATIONS: &[(&str, &str)] =
    &[("/owa", r"FrontEnd\HttpProxy\owa"), ("/ecp", r"FrontEnd\HttpProxy\ecp")];
/// An agent of Exchange's own.
const RULE_AGENT: (&str, &str, &str) = (
    "Transport Rule Agent",
    "Microsoft.Exchange.MessagingPolicies.TransportRuleAgent.TransportRuleAgentFactory",
    r"TransportRoles\agents\Rule\Microsoft.Exchange.MessagingPolicies.TransportRuleAgent.dll",
);

/// Leaves the configuration as it is from `time` on: that of every server of the organisation, with `planted` in it.
pub(crate) fn write(server: &mut Server, time: Timestamp, planted: &Additions) {
    for (path, text) in files(server, planted) {
        server.tree.file(path, text.into_bytes(), time);
    }
    for (name, command) in OWN.tasks.iter().chain(planted.tasks) {
        server.tree.file(format!(r"C:\Windows\System32\Tasks\{name}"), task(name, command), time);
    }
}

/// Leaves a shadow copy that was taken at `time`, when nothing was planted.
pub(crate) fn write_shadow_copy(server: &mut Server, time: Timestamp) {
    for (path, text) in files(server, &Additions::NONE) {
        server.tree.file(tree::in_shadow_copy(&path), text.into_bytes(), time);
    }
}

fn files(server: &Server, planted: &Additions) -> [(String, String); 4] {
    [
        (r"C:\Windows\System32\inetsrv\config\applicationHost.config".to_owned(), host(server, planted)),
        (r"C:\inetpub\wwwroot\web.config".to_owned(), site(planted)),
        (server.installed(r"TransportRoles\Shared\agents.config"), agents(server, planted)),
        (server.installed(r"ClientAccess\ecp\web.config"), control_panel(server, planted)),
    ]
}

fn host(server: &Server, planted: &Additions) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<configuration>\r\n");
    let mut line = |indent: usize, content: String| {
        text.push_str(&" ".repeat(indent));
        text.push_str(&content);
        text.push_str("\r\n");
    };
    line(1, "<system.applicationHost><sites><site name=\"Default Web Site\" id=\"1\">".to_owned());
    let root = [("/".to_owned(), r"%SystemDrive%\inetpub\wwwroot".to_owned())];
    let own = APPLICATIONS.iter().map(|(path, folder)| ((*path).to_owned(), server.installed(folder)));
    let added = OWN.folders.iter().chain(planted.folders);
    let added = added.map(|(path, folder)| ((*path).to_owned(), (*folder).to_owned()));
    for (path, folder) in root.into_iter().chain(own).chain(added) {
        line(
            2,
            format!(
                "<application path=\"{path}\"><virtualDirectory path=\"/\" physicalPath=\"{folder}\" /></application>"
            ),
        );
    }
    line(1, "</site></sites></system.applicationHost>".to_owned());
    line(1, "<system.webServer><globalModules>".to_owned());
    let stock = STOCK.iter().map(|(name, library)| (*name, format!(r"%windir%\System32\inetsrv\{library}")));
    let added =
        OWN.modules.iter().chain(planted.modules).map(|(name, library)| (*name, (*library).to_owned()));
    for (name, library) in stock.chain(added) {
        line(2, format!("<add name=\"{name}\" image=\"{library}\" />"));
    }
    line(1, "</globalModules><isapiFilters>".to_owned());
    for (name, library) in [STOCK_FILTER].iter().chain(OWN.filters).chain(planted.filters) {
        line(2, format!("<filter name=\"{name}\" path=\"{library}\" />"));
    }
    line(1, "</isapiFilters><handlers>".to_owned());
    let pages = [("Pages", "*.aspx", "System.Web.UI.PageHandlerFactory")];
    for (name, path, kind) in pages.iter().chain(OWN.handlers).chain(planted.handlers) {
        line(2, format!("<add name=\"{name}\" path=\"{path}\" verb=\"*\" type=\"{kind}\" />"));
    }
    line(1, "</handlers></system.webServer>".to_owned());
    text.push_str("</configuration>\r\n");
    text
}

fn site(planted: &Additions) -> String {
    let rule = |(name, pattern, action): &(&str, &str, &str)| {
        format!("   <rule name=\"{name}\"><match url=\"{pattern}\" />{action}</rule>\r\n")
    };
    let rules: String = OWN.rewriting.iter().chain(planted.rewriting).map(rule).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<configuration>\r\n <system.webServer>\r\n  <rewrite><rules>\r\n{rules}  \
         </rules></rewrite>\r\n </system.webServer>\r\n</configuration>\r\n"
    )
}

fn control_panel(server: &Server, planted: &Additions) -> String {
    // A server keeps its key from one collection to the next: nobody makes it anew but on purpose.
    let mut dice = Dice::strand(&[server.plan.name, "machine key"]);
    let own = format!("{}{}", dice.guid(), dice.guid()).replace('-', "").to_uppercase();
    let key = planted.machine_key.unwrap_or(&own);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<configuration>\r\n <system.web>\r\n  \
         <machineKey validationKey=\"{key}\" decryptionKey=\"AutoGenerate,IsolateApps\" validation=\"SHA1\" />\r\n \
         </system.web>\r\n</configuration>\r\n"
    )
}

fn agents(server: &Server, planted: &Additions) -> String {
    let (name, class, library) = RULE_AGENT;
    let element = |name: &str, class: &str, library: &str| {
        format!(
            "   <agent name=\"{name}\" classFactory=\"{class}\" assemblyPath=\"{library}\" enabled=\"true\" />\r\n"
        )
    };
    let added =
        OWN.agents.iter().chain(planted.agents).map(|(name, class, library)| element(name, class, library));
    let list: String =
        std::iter::once(element(name, class, &server.installed(library))).chain(added).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<configuration>\r\n <mexRuntime>\r\n  <agentList>\r\n{list}  \
         </agentList>\r\n </mexRuntime>\r\n</configuration>\r\n"
    )
}

/// Returns a task as Windows writes it: XML in UTF-16.
fn task(name: &str, command_line: &str) -> Vec<u8> {
    let escaped = command_line.replace('&', "&amp;").replace('<', "&lt;");
    let quoted = escaped.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    let (command, arguments) =
        quoted.unwrap_or_else(|| escaped.split_once(' ').unwrap_or((escaped.as_str(), "")));
    let text = format!(
        "\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n\
         <Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\r\n  \
         <RegistrationInfo><Author>EXAMPLE\\admin</Author><URI>\\{name}</URI></RegistrationInfo>\r\n  \
         <Principals><Principal id=\"Author\"><UserId>S-1-5-18</UserId></Principal></Principals>\r\n  \
         <Actions Context=\"Author\"><Exec><Command>{command}</Command><Arguments>{}</Arguments></Exec></Actions>\r\n</Task>\r\n",
        arguments.trim_start()
    );
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
