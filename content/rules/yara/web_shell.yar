// Tokens of web shells, to a first depth; each rule's test stands in web_shell.test.yml.

rule web_shell_virtual_directory_dump
{
    meta:
        id = "web-shell-virtual-directory-dump"
        title = "The settings of a virtual directory, with script in a URL, in a served file"
        author = "afterpatch developers"
        license = "Apache-2.0"
        reference = "https://msrc.microsoft.com/update-guide/vulnerability/CVE-2021-27065"
        level = "critical"
        claims = "web-shell,proxylogon-vdirwrite"
        grade = "persists"
        certain = true
        message_en = "{path} holds the settings of a virtual directory, with script in a URL"
        message_ja = "{path} には、URL にスクリプトを含む仮想ディレクトリの設定が書き込まれています"
        false_alarms = "None known; a backup of the settings that a reset writes holds no script."
        false_alarms_ja = "既知のものはありません。リセット時のバックアップはスクリプトを含みません。"
    strings:
        $url = /(ExternalUrl|InternalUrl)\s*:/ ascii wide nocase
        $auth = "InternalAuthenticationMethods" ascii wide nocase
        $token = "ExtendedProtectionTokenChecking" ascii wide nocase
        $script = /(ExternalUrl|InternalUrl)\s*:[^\r\n]{0,80}(<\s*script|<%)/ ascii wide nocase
    condition:
        filesize < 256KB and $url and $auth and $token and $script
}

rule web_shell_evaluates_request
{
    meta:
        id = "web-shell-evaluates-request"
        title = "A page evaluates what the visitor sends"
        author = "afterpatch developers"
        license = "Apache-2.0"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        level = "critical"
        claims = "web-shell"
        grade = "persists"
        certain = true
        message_en = "{path} evaluates what the visitor sends"
        message_ja = "{path} は訪問者が送信した内容をコードとして実行します"
        false_alarms = "A test page of a developer; it is as dangerous as a shell."
        false_alarms_ja = "開発者のテスト ページ。危険性は Web シェルと同じです。"
    strings:
        $page = /<%|<\s*script[^>]{0,80}runat/ nocase
        $eval = /\b(eval|execute|executeglobal)\s*\(?\s*(request|\(?\s*System\.Text\.Encoding[^;]{0,120}request)/ nocase
        $eval_decoded = /\beval\s*\([^;]{0,120}FromBase64String\s*\([^;]{0,80}request/ nocase
    condition:
        filesize < 1MB and $page and any of ($eval*)
}

rule web_shell_starts_process_from_request
{
    meta:
        id = "web-shell-starts-process-from-request"
        title = "A page starts programs with what the visitor sends"
        author = "afterpatch developers"
        license = "Apache-2.0"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        level = "high"
        claims = "web-shell"
        grade = "persists"
        message_en = "{path} starts programs, and reads what the visitor sends"
        message_ja = "{path} はプログラムを起動し、訪問者の送信内容を読み取ります"
        false_alarms = "A vendor's page for administrators that runs diagnostics."
        false_alarms_ja = "診断を実行するベンダーの管理者向けページ。"
    strings:
        $page = /<%|<\s*script[^>]{0,80}runat/ nocase
        $start = /Process\.Start\s*\(|new\s+Process(StartInfo)?\s*\(|wscript\.shell/ nocase
        $shell = /cmd(\.exe)?["'\s]|\/c\s|powershell/ nocase
        $input = /Request\s*[\.\[\(]|\.Text\b/ nocase
    condition:
        filesize < 1MB and $page and $start and $shell and $input
}

rule web_shell_writes_upload
{
    meta:
        id = "web-shell-writes-upload"
        title = "A page writes what the visitor sends to a file of the visitor's choice"
        author = "afterpatch developers"
        license = "Apache-2.0"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        level = "high"
        claims = "web-shell"
        grade = "persists"
        message_en = "{path} writes what the visitor sends to a file of the visitor's choice"
        message_ja = "{path} は訪問者の送信内容を、訪問者が指定したファイルに書き込みます"
        false_alarms = "A page for uploads of one's own that takes the name from the visitor."
        false_alarms_ja = "訪問者からファイル名を受け取る自組織のアップロード ページ。"
    strings:
        $page = /<%|<\s*script[^>]{0,80}runat/ nocase
        $writer = /(StreamWriter|WriteAllBytes|WriteAllText)\s*\(\s*Request\s*[\.\[\(]/ nocase
        $save = /SaveAs\s*\([^;]{0,60}Request\s*[\.\[\(]/ nocase
    condition:
        filesize < 1MB and $page and any of ($writer, $save)
}

rule web_shell_behind_binary_header
{
    meta:
        id = "web-shell-behind-binary-header"
        title = "A page hidden behind the header of a mailbox export or a certificate request"
        author = "afterpatch developers"
        license = "Apache-2.0"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        level = "critical"
        claims = "web-shell"
        grade = "persists"
        certain = true
        message_en = "{path} is a page behind the header of a mailbox export or a certificate request"
        message_ja = "{path} は、メールボックスのエクスポートまたは証明書要求のヘッダーに隠されたページです"
        false_alarms = "None known; neither kind of file belongs in a served folder under a page's name."
        false_alarms_ja = "既知のものはありません。いずれの形式も、ページとして公開フォルダーに置かれることはありません。"
    strings:
        $page = /<%|<\s*script[^>]{0,80}runat/ nocase
    condition:
        (uint32be(0) == 0x2142444E or (uint16be(0) == 0x3082 and filesize < 10KB)) and $page
}
