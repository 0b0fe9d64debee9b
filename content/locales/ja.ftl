# afterpatch が人に伝える文（日本語）。キーと変数は en.ftl と同じで、テストが比較します。
# 一つの文は一行に書きます。行の折り返しは報告書と端末が行います。

## 六つの問い

question-exposed = 脆弱だったか
    .asked = どの脆弱性が、いつからいつまで開いていましたか。
question-broken-into = 侵入されたか
    .asked = その脆弱性は悪用されましたか。
question-still-inside = まだ中にいるか
    .asked = 更新プログラムでは取り除かれないものが残っていますか。
question-what-left = 何が出たか
    .asked = 何が持ち出されましたか。
question-whose-hand = 誰の手か
    .asked = 誰が行いましたか。
question-what-now = 次に何をするか
    .asked = 何を、どの順で行いますか。

## 答え

verdict-yes = はい
verdict-likely = 可能性が高い
verdict-attempted-only = 試行のみ
verdict-no-trace = 痕跡なし
verdict-cannot-tell = 判断できない
verdict-exposed-no-trace = 脆弱ではない
verdict-what-now-yes = 対応が必要
verdict-what-now-no-trace = 対応は不要

grade-attempted = 試行
    .means = リクエストが見られました。
grade-reached = 到達
    .means = バックエンドが応答しました。
grade-executed = 実行
    .means = サーバーが侵入者の意図どおりに動作しました。
grade-persists = 残存
    .means = 証跡を採取した時点で残っていました。

level-informational = 参考
level-low = 低
level-medium = 中
level-high = 高
level-critical = 重大

engine-analytic = 分析
engine-sigma = Sigma
engine-yara = YARA

action-preserve = 保全
action-contain = 封じ込め
action-mitigate = 緩和
action-patch = 更新
action-evict = 排除
action-rotate = 資格情報の変更
action-report = 報告
action-investigate = 追加調査
action-watch = 監視
reason-turn-entered = 侵入された形跡があります。
reason-turn-outside = 外部のアドレスに応答しています (ログ上のリクエスト { $count } 件)。
reason-turn-used = 悪用されていた脆弱性が { $count } 件残っています。
reason-turn-open = 脆弱性が { $count } 件残っています。
decider-administrator = Exchange 管理者
decider-network-administrator = ネットワーク管理者
decider-domain-administrator = Active Directory 管理者
decider-cloud-administrator = Microsoft 365 管理者
decider-management = 経営層
decider-privacy-officer = 個人情報保護責任者
shell-powershell = PowerShell
shell-exchange-shell = Exchange 管理シェル
shell-cmd = コマンド プロンプト

## 答えの理由

reason-exposed-open = { $from } から { $until } まで、ビルド { $build } に対して { $cves } を悪用できる状態でした。
reason-exposed-open-now = { $from } 以降、ビルド { $build } に対して { $cves } を悪用できる状態です。修正済みのビルドは確認されていません。
reason-not-exposed = ビルド { $build } には、afterpatch が把握している脆弱性はいずれもありませんでした。
reason-build-unknown = このサーバーの Exchange のビルドを示す証跡がありません。
reason-build-late = ビルドがわかるのは { $from } 以降です。それ以前のビルドは脆弱だった可能性があります。
reason-exposed-before-sighting = 最初に確認されたビルド ({ $build }、{ $until }) は、{ $from } から悪用が知られている { $cves } を修正する更新プログラムです。その更新より前に動作していたビルドは脆弱でした。
reason-exposed-others = 当時すでに知られていた脆弱性がほかに { $count } 件開いていました ({ $updates })。当時の悪用は知られていません。
reason-exposed-needs = ビルドは { $cve } を修正済みですが、ビルド以外に必要なものが満たされていません: { $need } { $subjects }
reason-exposed-doubt = { $count } 件の脆弱性については、開いているかどうかを証跡から判断できません ({ $updates })。
reason-exposed-later = ビルドが最後に確認された後に { $count } 件の脆弱性が公開されました ({ $updates })。その後に更新していなければ、このサーバーにも当てはまります。
reason-build-went-back = ビルド { $build } が { $first } から { $last } まで確認され、その後に { $older } が確認されています。更新が失敗した、取り消された、または一部だけに適用されたものです。古いビルドが確認されなくなるまでは、適用されていないものとして扱います。
reason-builds-differ = ログは { $ran } を、ディスク上のプログラムまたはレジストリは { $build } を示しています。更新が途中までしか適用されていないか、最後のログより後に適用されたものです。
reason-not-looked-for = 悪用が知られている時期に開いていましたが、このバージョンには検出ルールがありません: { $flaws }
reason-nothing-used-then = ルールの対象となる脆弱性のうち、このサーバーで開いていた間に悪用が知られているものはありません。
reason-executed = サーバーが侵入者の意図どおりに動作しました。それを示すレコードは { $count } 件、最初は { $first } です。
reason-reached = { $first } 以降、侵入者のリクエストにバックエンドが応答しています。その結果を示す証跡はありません。
reason-attempted = 試行が { $count } 件あり、最初は { $first } です。成功を示す証跡はありません。
reason-blocked-patched = その時点で、修正済みのビルド（{ $fixed }）が入っていました。
reason-blocked-amsi = サーバーのマルウェア検査（AMSI）がリクエストを遮断しました。
reason-file-absent = 侵入者が残すページへのリクエストがありましたが、いずれも存在しませんでした。
reason-own-probe = 確認は内部アドレスからのものです (管理者による緩和策の確認、または自組織のスキャナー)。
reason-no-servers = 渡された証跡の中に、サーバー名を示すものがありません。
reason-scanner = 脆弱性の有無だけを調べるスキャナーのリクエストと一致します。
reason-no-trace-covered = ログは { $from } から { $until } までをすべて含み、痕跡はありません。
reason-not-covered = { $from } から { $until } までについて、痕跡が残るはずのログがありません。
reason-coverage-partial = 痕跡が残るはずのログは、{ $from } から { $until } までの一部しか含みません。
reason-not-exposed-no-need = 脆弱性がなかったため、ログの不足は答えを左右しません。
reason-persists = 証跡を採取した時点で残っていました：{ $paths }
reason-written-not-collected = サーバーに書き込まれましたが、ファイル自体は採取されていません：{ $paths }
reason-compiled-only = ASP.NET がコンパイルしているため、少なくとも一度は実行されています。元のページは採取されていません：{ $paths }
reason-only-shells-looked-for = 収集されたフォルダーに Web シェルは見つかりませんでしたが、侵入の可能性を排除できず、他の侵入拠点はまだ調査対象ではありません。
reason-files-clean = 公開フォルダーのファイル { $files } 件を調べ、ルールに一致するものはありませんでした。
reason-files-not-collected = 公開フォルダーが採取されていないため、そこに Web シェルがあっても見つかりません。
reason-file-gone = ログには見られますが、証跡を採取した時点ではありませんでした：{ $paths }
reason-no-detector = この版には、持ち出しを検知する機能がありません。持ち出しの有無について何も主張しません。
reason-no-detector-hand = この版は、侵入者を特定しません。誰であるかについて何も主張しません。
reason-actions = 計画には { $count } 件の手順が順に並んでいます。
reason-nothing-to-do = 手順を必要とする所見も、証跡の不足もありません。
reason-servers = { $yes ->
    [0] サーバー { $total } 台のうち、該当はありません。
   *[other] サーバー { $total } 台のうち { $yes } 台：{ $names }
}

## 所見の段階の理由

reason-graded-by = 段階「{ $grade }」の根拠は、ルール「{ $rule }」です。
reason-held-by = ルール「{ $rule }」は、より高い段階に反する材料です。
reason-patched-by-then = その時点のビルドは { $build } で、脆弱性は { $fixed } 以降で修正されています。
reason-two-kinds = 種類の異なる痕跡が一致しています：{ $sources }
reason-one-trace = 一種類の痕跡だけに基づいています。
reason-capped = 反する材料があるため、段階を「{ $grade }」にとどめています。

## 不足している証跡があれば、わかること

gap-http-proxy = バックエンドへの偽装されたリクエストと、それに対する応答の有無
gap-ecp-server = Web シェルの書き込みに使われる、仮想ディレクトリの変更
gap-iis-w3c = サーバーへのすべてのリクエストと、その結果
gap-oab-generator = アドレス帳ファイルの書き込みと、改ざんされたときのエラー
gap-event-logs = Web サーバーが起動したプログラムと、ログオン
gap-served-files = Web サーバーが公開するフォルダーにある Web シェル
gap-builds = 動作していた Exchange のビルドと、開いていた脆弱性
gap-setup-log = 各更新プログラムがインストールされた日時
gap-installed-build = インストール済みの累積更新プログラムと、そのインストール先
gap-security-update = インストール済みのセキュリティ更新プログラム
gap-admin-commands = 実行された管理コマンドと、その実行者
gap-logons = ログオン、開かれた共有、起動されたプログラム
gap-file-table = 書き込まれたファイルと、その後に削除されたファイル
gap-compiled-pages = 実行され、その後に削除されたページ
gap-web-server-configuration = Web サーバーに追加されたモジュール、ハンドラー、フォルダー（ページがなくても足場になります）
gap-transport-agents = すべてのメッセージを見ることができるトランスポート エージェント
gap-run-keys = 自動的に起動するプログラムと、他のプログラムに設定されたデバッガー
gap-services = サービスと、パスワードを見ることができるライブラリ
gap-scheduled-tasks = プログラムを起動するタスク
gap-flows = サーバーから出た通信の量と宛先
gap-later-detector = 今後の版の afterpatch で判断できること（証跡を保管してください）

## 証跡の種類

source-iis-w3c = IIS ログ
source-http-proxy = HttpProxy ログ
source-ecp-server = ECP サーバーログ
source-oab-generator = OAB 生成ログ
source-request-filtering = 要求フィルターログ
source-evtx = Windows イベントログ
source-windows-events = Windows イベント（エクスポート）
source-served-files = 公開フォルダーのファイル
source-builds = ビルドの記録
source-exchange-setup = Exchange セットアップログ
source-registry = レジストリ
source-pe-version = プログラムのバージョン情報
source-mft = ファイルテーブル（$MFT）
source-configuration = 構成ファイル
source-scheduled-task = スケジュールされたタスク
source-flows = ネットワークの通信量

## 問題：内容と対処

problem-P0101 = ファイルを読み取れません
    .remedy = アクセス権と媒体を確認し、もう一度追加してください
problem-P0102 = 収集物が空です
    .remedy = 収集が完了していることと、指定したパスを確認してください
problem-P0103 = 途中で切れています
    .remedy = 元の場所からコピーし直してください。切れる前までは読み取りました
problem-P0104 = このファイルに対応するパーサーがありません
    .remedy = 対処は不要です。ハッシュを記録し一覧に載せましたが、内容は判断していません
problem-P0105 = 暗号化されています
    .remedy = 収集ツールの鍵またはパスワードで復号し、もう一度追加してください
problem-P0106 = 項目の名前がコンテナーの外を指しています
    .remedy = 安全な名前で読み取りました。コンテナーの作成者に確認してください
problem-P0107 = 上限を超える大きさです
    .remedy = 上限を上げるか、ファイルを取り出して単独で追加してください
problem-P0108 = コンテナーまたはヘッダーが壊れています
    .remedy = 元の場所からコピーし直してください
problem-P0109 = Exchange サーバーのものが含まれていません
    .remedy = 正しい収集物を指定したか確認してください。集めるものは文書を参照してください
problem-P0110 = 収集ツールがコピーに失敗したと報告しています
    .remedy = 上書きされる前に、十分な権限でもう一度採取してください
problem-P0111 = 同じ名前の項目が二つあります
    .remedy = 両方を読み取りました。二つ目は名前の後に番号が付いています
problem-P0112 = リンクのため、たどっていません
    .remedy = リンク先が証跡に含まれるなら、別の収集物として追加してください
problem-P0113 = 入れ子が深すぎます
    .remedy = 正規のものであれば手作業で展開してください。自分自身を含むコンテナーは害を与えるために作られています
problem-P0114 = 項目数が上限を超えています
    .remedy = 上限を上げるか、展開して必要なものだけを追加してください
problem-P0115 = ここでは開けないコンテナーです
    .remedy = 詳細にあるとおりに展開またはマウントし、その結果を追加してください
problem-P0116 = 収集ツールが複製したバイト列と異なります
    .remedy = 収集ツールの出力先から複製し直してください。それも異なる場合は、その後だれが保管していたかを確認してください
problem-P0117 = マウントされたボリュームのうち、対象外としたファイルです
    .remedy = 対処は不要です。そこにあるファイルを読み取るパーサーはありません。すべて取り込むには --all-files を指定してください
problem-P0118 = サーバー自身の設定が示すボリュームがありません
    .remedy = そのボリュームを、ドライブ文字を名前とするフォルダーとして他のボリュームの隣にマウントし、新しいケースに追加してください
problem-P0201 = 項目名を示すヘッダーより前にあるレコードです
    .remedy = ログの先頭を探してください。前の部分が欠けています
problem-P0202 = レコードの項目がヘッダーと一致しません
    .remedy = 該当の行を確認してください。途中で切れているか、値に区切り文字が含まれています
problem-P0203 = 時刻を読み取れません
    .remedy = 時刻なしで保持しました。該当の行を確認してください
problem-P0204 = ファイルの文字コードでは読めないバイトがあります
    .remedy = 置換文字を使って保持しました
problem-P0205 = 行が JSON オブジェクトではありません
    .remedy = 該当の行を確認してください。エクスポートが切れたか、混ざっています
problem-P0206 = イベントレコードが壊れています
    .remedy = 前後は読み取りました。修復には別のコピーが必要です
problem-P0207 = イベントログのチャンクが壊れています
    .remedy = ほかのチャンクは読み取りました。ログの別のコピーを探してください
problem-P0208 = レコードが正しい CSV ではありません
    .remedy = 該当の行を確認してください。引用符がないか、値が切れています
problem-P0209 = 行が上限より長くなっています
    .remedy = 行が正しいものであれば、上限を上げてください
problem-P0214 = XML の形式が正しくないか、想定を超えています
    .remedy = 該当の行を確認してください。その前までは読み取りました
problem-P0215 = ファイルシステムのレコードが破損しています
    .remedy = 前後のレコードは読み取りました。媒体が許せば、ボリュームからファイルをコピーし直してください
problem-P0216 = フォルダーが失われたファイルです
    .remedy = 対応は不要です。フォルダーが削除されてレコードが再利用されたか、コピーされていません
problem-P0217 = 新しい情報のない種類のレコードです
    .remedy = 対応は不要です。読み取った内容を別の形で繰り返しています
problem-P0218 = レジストリハイブが破損しているか、使用中に取得されました
    .remedy = 詳細を確認してください。読める部分は読み込み済みです。破損している場合は、ハイブを取得し直してください
problem-P0301 = レコードに日付がないため、ヘッダーの日付を使いました
    .remedy = ログが日付をまたいだ場合は、日付より順序を信頼してください
problem-P0302 = 証跡にホスト名がありません
    .remedy = --server で名前を指定するか、名前を示すファイルを追加してください
problem-P0303 = 時刻にタイムゾーンがないため、UTC とみなしました
    .remedy = --tz サーバー=ゾーン でサーバーのゾーンを指定し、新しいケースに証跡を追加してください
problem-P0401 = ルールを読み込めません
    .remedy = ルールを直すか、フォルダーから外してください
problem-P0402 = ルールを実行できません
    .remedy = 詳細を確認してください。ほかのルールは実行しました
problem-P0403 = 証跡が、読み取ったときの場所にありません
    .remedy = 収集物を元の場所に戻し、detect をもう一度実行してください
problem-P0501 = スイープに応答しなかったアドレスです
    .remedy = 詳細を確認し、サーバーに届く場所からもう一度実行するか、サーバー自体から収集してください
problem-P0502 = スイープへの応答から Exchange のビルドが分かりません
    .remedy = サーバー自体から収集してください。レジストリ、ExSetup.exe、または任意の HttpProxy ログからビルドが分かります
problem-P0503 = スイープへの応答に、異なる更新プログラムのビルドが含まれています
    .remedy = その名前の背後にあるサーバーを一台ずつ指定して実行してください。手前の装置が応答を混ぜていることがあります

## 見出しとラベル

ui-report = 調査報告書
ui-subtitle = Microsoft Exchange への一斉侵入後の調査
ui-organisation-unnamed = 組織名の指定なし
ui-server = サーバー
ui-servers = サーバー
ui-version = 版
ui-content = コンテンツのダイジェスト
ui-evidence = 証跡
ui-contents = 目次
ui-answers = 六つの答え
ui-by-server = サーバー別の影響範囲
ui-plan = 行うこと（順番どおり）
ui-timeline = 時系列
ui-coverage = 証跡が含む期間
ui-findings = 所見
ui-finding = 所見
ui-rules = コミュニティルールの検知
ui-method = 方法
ui-limits = 限界
ui-problems = 問題
ui-artifacts = 証跡とハッシュ
ui-question = 問い
ui-for = 根拠
ui-against = 反する材料
ui-missing = 不足
ui-why = 理由
ui-grade = 段階
ui-confidence = 確度
ui-first = 最初
ui-last = 最後
ui-time = 時刻
ui-from = 開始
ui-until = 終了
ui-subject = 対象
ui-flaws = 脆弱性
ui-techniques = ATT&CK
ui-false-alarms = 誤検知となる場合
ui-detections = 検知
ui-detections-against = 反する検知
ui-proof = 根拠となるレコード
ui-place = 場所
ui-record = レコード
ui-fields = 内容
ui-rule = ルール
ui-author = 作者
ui-licence = ライセンス
ui-engine = エンジン
ui-level = レベル
ui-facts = 件数
ui-what-happened = 出来事
ui-source = 種類
ui-scope = 区分
ui-covered = 含む期間
ui-gaps = 欠落
ui-no-gap = なし
ui-no-dates = 日付なし
ui-records = レコード
ui-artifact-count = ファイル
ui-builds = 確認されたビルド
ui-build = ビルド
ui-exposure = 開いていた脆弱性
ui-state = 状態
ui-role = 役割
ui-flaws-fixed-by = { $count } 件 ({ $update })
ui-flaws-unfixed = Exchange の更新では修正されないもの { $count } 件
ui-flaws-later = 最後の確認より後に公開されたもの { $count } 件
ui-known-used = 悪用が知られているもの
ui-to-cover = 開いていて悪用もあった期間 (ログで確認すべき期間)
ui-by-then = { $time } 以前から
ui-need-unmet = 未実施: { $what }
ui-need-unknown = 不明: { $what }
ui-mitigated = { $what } ({ $first } 以降)。緩和策であり、修正ではありません
ui-fixed-in = 修正済みビルド
ui-still-open = 未修正
ui-no-fix = この累積更新プログラム向けの修正は公開されていません
ui-install-root = インストール先
ui-named-by = 名前の出所
ui-read-only = 読み取りのみ
ui-changes-things = 変更を伴う
ui-verify = 完了の確認方法
ui-why-now = 理由と順序
ui-not-covered = この手順では行われないこと
ui-decides = 決定者
ui-commands = コマンド
ui-page = Microsoft のページ
ui-targets = 対象
ui-note = 個別の内容
ui-after = 先に行う手順
ui-turns = サーバーを処理する順序
ui-availability-group = 可用性グループ
ui-organisation-wide = 組織全体
ui-flaws-behind = 脆弱性
ui-because = 理由となるもの
ui-because-gaps = 証跡の不足
ui-code = コード
ui-problem = 問題
ui-remedy = 対処
ui-count = 件数
ui-example = 最初の例
ui-path = パス
ui-size = サイズ
ui-parser = 読み取り方法
ui-not-read = 未読
ui-sha256 = SHA-256
ui-none = ありません。
ui-no-findings = 所見はありません。これは侵入がなかったことの証明ではありません。証跡が含む期間を確認してください。
ui-no-timeline = 所見に関わる出来事はありません。
ui-rule-coverage = ルールが調べられた範囲
rule-coverage-summary = ログソースごとのルール { $rules } 件のうち、{ $without } 件は対象のログソースの記録が証跡になく、{ $gaps } 件は必要なフィールドがどの記録にもありません。これらのルールに検知がないことは、痕跡がないことを意味しません。
ui-log-source = ログソース
ui-log-sources = ルールが対象とするログソース
ui-channel = チャネル
ui-channels-without-rules = 対象とするルールのないチャネル
ui-rules-without-fields = 評価できなかったルール
rule-gap-no-such-field = このログソースの記録には次のフィールドがありません：{ $fields }
rule-gap-did-not-compile = エンジンがルールを受け付けませんでした：{ $reason }
ui-no-rules = 上の所見のほかに、コミュニティルールの検知はありません。
ui-no-plan = 必要な手順はありません。
ui-no-problems = 問題はありません。すべてのレコードを読み取りました。
ui-no-coverage = 期間のある証跡は読み取られていません。
ui-would-show = わかること：{ $what }
ui-read-line = 収集物 { $collections } 件のファイル { $artifacts } 件（{ $bytes }）を読み取りました：レコード { $records } 件 = 事実 { $facts } 件 + 損失 { $lost } 件、問題 { $problems } 件。
ui-left-out = ほかに { $count } 件あります。{ $file } に収めています。
ui-more = ほか { $count } 件
ui-timeline-desc = { $from } から { $until } までの出来事を、サーバーと段階ごとに示します。同じ内容を下の一覧に文字で示します。
ui-timeline-outside = { $count } 件の出来事は図の期間の外にあり、一覧に示します。
ui-events = { $count } 件
ui-hatched = 斜線：証跡がない期間です。ここでの「痕跡なし」には意味がありません。
ui-utc = 時刻はすべて UTC です。
ui-page-note = このファイルはネットワークを必要とせず、スクリプトを含みません。
ui-attribution = ATT&CK は The MITRE Corporation の商標です。Sigma ルールは、Detection Rule License 1.1 または併記のライセンスに従い、作者名とともに示しています。

## 方法と限界

method-intro = afterpatch は、採取されたものを読み取り、すべてのレコードを事実または問題に分け、事実にルールを適用して、六つの問いに答えます。証跡が許す以上に強い答えは出しません。
method-auditable = 監査可能性
    .text = すべてのファイルは、読み取る前にハッシュ値を記録しています。事実は元のファイルとレコードを示し、所見は根拠を示します。
method-repeatable = 反復可能性
    .text = 同じ証跡、同じコンテンツ、同じ版からは、バイト単位で同じ報告書が得られます。
method-reproducible = 再現可能性
    .text = 冒頭のコンテンツのダイジェストと版が、ルールとプログラムを特定します。この二つと証跡があれば、誰でも調査をやり直せます。
method-justifiable = 正当性
    .text = 所見ごとに、段階の根拠、反する材料、誤検知となる場合を示しています。
method-grades = 段階（弱いものから強いものへ）
method-words = 四つの語は ISO/IEC 27037 によります。
limit-collected = この報告書は、渡された証跡だけについて述べています。採取されなかったものは判断していません。
limit-coverage = 「痕跡なし」と答えるのは、対象の期間をログが含む場合だけです。それ以外は「判断できない」とします。
limit-tampering = 十分な権限を得た侵入者は、ログやファイルの時刻を消したり書き換えたりできます。afterpatch は証跡が真正であることを証明しません。
limit-patch = 更新プログラムは脆弱性をふさぎますが、残されたものは取り除きません。
limit-law = この報告書は技術的なものであり、法的な助言ではありません。
limit-lost = { $lost ->
    [0] 読み取りで失われたレコードはありません。
   *[other] 読み取れなかったレコードが { $lost } 件あります。「問題」を参照してください。
}

## 実行中にプログラムが述べること

talk-warning = 警告
talk-hint = ヒント
talk-error = エラー
talk-read = 読み取り: 新しいファイル { $new } 件、既知 { $known } 件。レコード { $records } 件 = 事実 { $facts } 件 + 失われたもの { $lost } 件。
talk-no-common-server = 2 つのケースに共通のサーバーがありません。
talk-report = 報告書: { $path }
talk-rules-met = 検知 { $detections } 件、所見 { $findings } 件。
talk-nothing-of-exchange = 渡されたものの中に Exchange サーバーのものが見つかりませんでした。
talk-nothing-of-exchange-hint = サーバーの Logging、inetpub、FrontEnd の各フォルダーとイベントログを渡してください。形式の一覧は docs/parsers.md にあります。
talk-more-problems = ほかに { $count } 件あります。報告書にコード別の一覧があります。
talk-sweep-refused = sweep はネットワークへ要求を送信します。一覧のすべてのアドレスに要求を送る権限がある場合に限り、--i-am-authorised を指定してください
talk-sweep-refused-hint = 自組織のサーバー、または所有者が書面で同意したサーバーだけを対象にしてください。送信する内容は docs/sweep.md にあります
talk-sweep-bad-line = { $file } の { $line } 行目: { $text }: { $reason }
talk-sweep-begins = { $targets } 件のアドレスに /owa/ を要求します。一件につき最大 { $requests } 回、全体で毎秒 { $rate } 回までです。
talk-sweep-goes-on = { $begun } に始めたスイープを続けます。{ $asked } 件のアドレスはすでに問い合わせ済みです。
talk-sweep-done = 問い合わせ結果: ビルドが分かったもの { $told } 件、分からない応答 { $untold } 件、応答なし { $silent } 件。

## Playbooks

cacao-description = 証跡の調査結果に基づいて afterpatch が推奨する手順を、順番どおりに示します。サーバーを変更する作業は人に委ねられ、ここにあるコマンドが自動的に変更することはありません。
cacao-decide = 次の手順を実施しますか: { $step }
cacao-compare = 再度収集し、2 つのケースを比較する
    .means = 同じサーバーから同じ種類の証跡を再度収集し、2 つ目のケースとして調査してください。このコマンドは、各手順が完了、未完了、判断できないのいずれであるかと、その後の新しい所見を示します。

## 2 つのケースの比較

completion-done = 完了
completion-cannot-tell = 判断できない
completion-not-done = 未完了
fate-new = 新規
fate-remains = 残存
fate-cannot-tell = 判断できない
fate-over = 解消
gap-gone = なくなったかどうか

check-build-fixes = ビルドが { $cves } を修正している
check-finding-gone = 所見が解消している: { $finding }
check-path-absent = { $path } に何もない
check-setting-absent = { $name } が { $value } ではなくなっている
check-covered = { $source } に欠落がない
check-prerequisite-met = 対応済みである: { $need }
check-not-reached = 公開アドレスからサーバーに到達できない
check-nothing-new = 新たな事象がない
check-scoped = { $from } 以降、侵入を示す証跡に欠落がないこと
check-scoped-undated = 前のケース以降、侵入を示す証跡に欠落がないこと
check-scanned = スキャンが完了し、何も検出されていないこと
check-by-hand = 自組織の記録による

ui-verified = 計画は実施されたか
ui-verified-done = 証跡で確認できる手順はすべて完了しており、残存するものも新しい所見もありません。
ui-verified-not-done = 完了していない手順、残存するもの、または新しい所見があります。
ui-verified-cannot-tell = 未完了と分かる手順はありませんが、後のケースでは判断できない手順があります。
ui-verify-before = 前のケース
ui-verify-after = 後のケース
ui-verify-until = 証跡は { $until } まで
ui-verify-no-dates = 日付のない証跡
ui-steps = 手順
ui-step = 手順
ui-by-hand = 手動確認
ui-uncounted = 集計対象外
ui-planned-since = 後のケースの計画: { $plan }
ui-patched = 更新
ui-cleaned = 駆除
ui-outcome = 結果
ui-shown-by = 根拠
ui-covered-by = 網羅する証跡
ui-files-collected = { $count } 件のレコード
ui-nothing-to-compare = 前のケースには計画がなく、どちらのケースにも所見がありません。

reason-verify-server-not-in-after = 後のケースには、このサーバーの証跡がありません。
reason-verify-server-not-in-before = 前のケースには、このサーバーの証跡がありません。
reason-verify-after-not-later = 後のケースの証跡は前のケースより先の時点に及んでいないため、見つからないことを解消の根拠にはできません。
reason-verify-left-file = ファイルが残っています: { $what }
reason-verify-left-compiled = コンパイル結果が残っており、元のページがなくても応答する可能性があります: { $what }
reason-verify-left-setting = 設定が残っています: { $what }
reason-verify-left-used = 前のケースの証跡より後にも続いています (最後は { $last })。
reason-verify-gone = 後のケースの証跡は痕跡があった範囲に及んでおり、もう何も見つかりません。
reason-verify-gone-not-covered = 後のケースでは見つかりませんが、痕跡があった範囲に証跡が及んでいません。
reason-verify-new-server = 前のケースには、このサーバーの証跡がありません。
reason-verify-new-undated = 後のケースだけに見られます。痕跡に日付はありません。
reason-verify-new-older = 痕跡は前のケースの証跡より新しいものではありません (最後は { $last })。前のケースには含まれていませんでした。
reason-verify-new-since = 前のケースの証跡より後の { $first } に初めて見られました。
reason-verify-build-not-seen = 後のケースには、前のケースの証跡より後のビルドの記録がありません。
reason-verify-build-open = ビルド { $build } では次の脆弱性が修正されていません: { $cves }
reason-verify-build-maybe-open = ビルド { $build } が { $cves } を修正しているかどうかは判断できません。
reason-verify-build-fixes = ビルド { $build } が確認されました。{ $cves } は修正されています。
reason-verify-build-before-all = ビルド { $build } が確認されました。次の脆弱性は、後のケースの証跡が終わった後に公表されたものです: { $cves }
reason-verify-flaws-since = このビルドに残る脆弱性が、その後 { $count } 件公表されています。
reason-verify-mitigated-only = 緩和策は適用されていますが、修正ではありません。
reason-verify-finding-unknown = 前のケースにそのような所見はありません。
reason-verify-path-there = 存在しています: { $path }
reason-verify-path-gone = { $path } には何もなく、そのフォルダーは収集されています。
reason-verify-path-not-covered = 後のケースには { $path } のフォルダーが含まれていません。
reason-verify-setting-there = { $name } はまだ { $value } です。
reason-verify-setting-gone = { $name } は収集されており、もう { $value } ではありません。
reason-verify-setting-not-covered = 後のケースには { $name } の記録がありません。
reason-verify-covered-whole = 欠落なく網羅されています: { $sources }
reason-verify-covered-gap = 網羅されていないか、欠落があります: { $sources }
reason-verify-need-met = 対応済みです: { $need }
reason-verify-need-unmet = 未対応です: { $need } { $subjects }
reason-verify-need-unknown = 後のケースからは分かりません: { $need }
reason-verify-need-over = ビルド { $build } では、これを必要とする脆弱性は残っていません: { $need }
reason-verify-need-later = これを必要とする脆弱性は、後のケースの証跡が終わった後に公表されたものです: { $need }
reason-verify-scoped = { $from } 以降、両ケースのログに欠落はなく、公開フォルダーはすべて収集されています。
reason-verify-scope-gap = { $from } 以降のログまたは公開フォルダーが不足しています。
reason-verify-scope-before = 最初の痕跡より前にも、実際に悪用されている脆弱性がありました。{ $from }～{ $until } のログに欠落があるため、それ以前に侵入されていた可能性があります。
reason-verify-scan-clean = { $time } に完了したスキャンでは、何も検出されていません。
reason-verify-scan-met = 最後のスキャンで { $count } 件検出されています (例: { $what })。
reason-verify-scan-unfinished = スキャンは開始されましたが、完了していません。
reason-verify-scan-none = 後のケースには、前のケースの証跡が終わった後のスキャンの記録がありません。
reason-verify-reached-since = { $last } に { $address } からサーバーへの到達がありました。それまで遮断されていたかどうかは、自組織の記録で確認してください。
reason-verify-not-reached = それ以降のログに、公開アドレスからのリクエストはありません。
reason-verify-logs-missing = それ以降のログが不足しています。
reason-verify-happened-since = それ以降に発生した事象が見つかりました (最後は { $last })。
reason-verify-nothing-since = それ以降のログには何も見られません。
reason-verify-by-hand = 証跡からは確認できません。自組織の記録をご確認ください。
reason-verify-patched-and-cleaned = 更新も駆除も済んでいます。
reason-verify-patched-not-cleaned = 更新は済んでいますが、駆除されていません。侵入者が残したものがまだあります。
reason-verify-cleaned-not-patched = 駆除は済んでいますが、更新されていません。侵入経路は開いたままです。
reason-verify-neither-patched-nor-cleaned = 更新も駆除もされていません。
reason-verify-not-patched = 更新されていません。侵入経路は開いたままです。
reason-verify-not-cleaned = 駆除されていません。侵入者が残したものがまだあります。
reason-verify-comparison-cannot-tell = 後のケースの証跡が十分ではなく、判断できません。
reason-verify-patched = 更新は済んでいます。
reason-verify-cleaned = 駆除は済んでいます。
reason-verify-nothing-to-do = 開いていた脆弱性も、残されたものもありませんでした。
reason-verify-half-removed = 半分しか取り除かれていません。{ $subject } はなくなりましたが、関連するものが残っています。
reason-verify-new-findings = 新しい所見が { $count } 件あります。
reason-verify-content-differs = 2 つのケースは異なるルールまたは知識で判定されています。同じ条件で比較するには、両方を判定し直してください。
reason-verify-organisations-differ = 2 つのケースは別の組織のものです: { $before }、{ $after }

## サーバーにおける脆弱性の状態

flaw-state-open = 未修正
flaw-state-needs-more = 一部のみ修正
flaw-state-maybe-open = 不明
flaw-state-fixed = その後に修正済み
flaw-state-not-affected = 現在は対象外
open-by-need = ビルド以外に必要なものが未実施
open-by-doubt = 判断できず
open-by-before = 最初の確認より前
need-extended-protection = すべての仮想ディレクトリでの拡張保護
need-schema = Active Directory スキーマの拡張 (/PrepareSchema)
need-prepare-domain = 各ドメインの再準備 (/PrepareDomain)
need-token-cache-module = TokenCacheModule の削除、または Windows の更新
need-windows-iis-update = IIS のトークン キャッシュに対する Windows の更新
need-serialized-data-signing = シリアル化データの署名
need-override-absent = 修正を無効にする設定の上書きがないこと
need-hybrid-app = ハイブリッド組織専用のアプリケーション
need-key-credentials = 共有サービス プリンシパルのキー資格情報の整理
need-download-domains = ダウンロード ドメイン
need-loopback-check = ループバック チェックが有効であること
need-machine-keys = マシン キーの再生成
need-windows-update = Windows の更新
need-dotnet-update = .NET の更新
mitigation-eomt = EOMT の書き換え規則
mitigation-exchange-mitigations = ExchangeMitigations によるサービスの停止
mitigation-eomt-v2 = EOMTv2 の書き換え規則
mitigation-eems-m1 = 緩和サービスによる M1
mitigation-eems-m2 = 緩和サービスによる M2
role-mailbox = メールボックス サーバー
role-edge = エッジ トランスポート サーバー: クライアントはここからメールボックスに到達できません
role-management-only = 管理ツールのみ
role-hybrid = ハイブリッド組織の一部
