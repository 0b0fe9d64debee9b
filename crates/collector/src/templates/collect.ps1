#Requires -Version 4.0
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Collects from an Exchange server what afterpatch reads, and no more.

.DESCRIPTION
Written by "afterpatch collector powershell", version {{version}}.

The script reads files of this server and writes one ZIP file below the folder
that you choose. It changes no setting, stops no service and deletes nothing.
It finds the folder of Exchange in the registry, and the folders of logs and
of sites in the configuration of IIS.

Event logs and hives of the registry that Windows holds locked are exported by
wevtutil.exe and reg.exe into a folder beside the ZIP file; those that hold
the passwords of accounts, SAM and SECURITY, never are. NTFS's own files, such as $MFT, cannot be read by a script: take KAPE or
Velociraptor where you need them. What could not be had is told at the end,
and stands with its reason in the ZIP file's *_SkipLog.csv.

The ZIP file holds what your server knows: keep it as you keep a backup.

.PARAMETER Destination
The folder that the ZIP file is written below. It must not lie in a folder
that is collected or served, and needs room for all that is collected.

.PARAMETER Since
Leaves out logs that were last written before this day. Other files are taken
whatever their age.

.PARAMETER ListOnly
Tells what would be collected, and how much, and writes nothing.

.EXAMPLE
powershell.exe -NoProfile -ExecutionPolicy Bypass -File .\Collect-ForAfterpatch.ps1 -Destination F:\evidence -ListOnly

.EXAMPLE
powershell.exe -NoProfile -ExecutionPolicy Bypass -File .\Collect-ForAfterpatch.ps1 -Destination F:\evidence -Since 2021-01-01
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)]
    [string] $Destination,

    [datetime] $Since = [datetime]::MinValue,

    [switch] $ListOnly
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# What is collected: files below a folder that is found. * is any text in one name, ** any folders.
$Steps = @(
{{steps}}
)

$Invariant = [Globalization.CultureInfo]::InvariantCulture
$Stamp = [datetime]::UtcNow.ToString('yyyyMMdd-HHmmss', $Invariant)
$OldestLog = $Since.ToUniversalTime()
$Talk = New-Object 'System.Collections.Generic.List[string]'
$Missing = New-Object 'System.Collections.Generic.List[object]'
$Copied = New-Object 'System.Collections.Generic.List[object]'

function Write-Talk([string] $Text) {
    $time = [datetime]::UtcNow.ToString('yyyy-MM-dd HH:mm:ss', $Invariant)
    $Talk.Add("[$time] $Text")
    Write-Host $Text
}

function Add-Missing([string] $Path, [string] $Reason) {
    $Missing.Add([pscustomobject] @{ SourceFile = $Path; SourceFileSha1 = ''; Reason = $Reason })
}

function Format-Size([long] $Bytes) {
    ($Bytes / 1mb).ToString('N1', $Invariant) + ' MB'
}

# --- Where things lie -------------------------------------------------------

function Get-ExchangeFolder {
    foreach ($version in 'v15', 'v14') {
        $key = "HKLM:\SOFTWARE\Microsoft\ExchangeServer\$version\Setup"
        if (Test-Path -LiteralPath $key) {
            $value = (Get-ItemProperty -LiteralPath $key).PSObject.Properties['MsiInstallPath']
            if ($value) { [string] $value.Value }
        }
    }
}

function Get-IisFolder([string] $XPath) {
    $path = Join-Path $env:SystemRoot 'System32\inetsrv\config\applicationHost.config'
    try {
        $configuration = New-Object System.Xml.XmlDocument
        $configuration.XmlResolver = $null
        $configuration.Load($path)
        foreach ($attribute in $configuration.SelectNodes($XPath)) {
            if ($attribute.Value) { [Environment]::ExpandEnvironmentVariables($attribute.Value) }
        }
    } catch {
        Add-Missing $path ('the folders of IIS could not be read from it: ' + $_.Exception.GetBaseException().Message)
    }
}

function Get-NtfsDrive {
    foreach ($drive in [IO.DriveInfo]::GetDrives()) {
        if ($drive.IsReady -and $drive.DriveType -eq 'Fixed' -and $drive.DriveFormat -eq 'NTFS') { $drive.Name }
    }
}

function Test-Within([string] $Path, [string] $Folder) {
    $outer = $Folder.TrimEnd('\') + '\'
    ($Path.TrimEnd('\') + '\').StartsWith($outer, [StringComparison]::OrdinalIgnoreCase)
}

# Says why a folder that IIS names is not collected; nothing where it is.
function Get-Objection([string] $Folder, [string[]] $ExchangeFolders) {
    if ($Folder -notmatch '^[A-Za-z]:\\.') {
        return 'not a folder of this server, or a whole drive: not collected'
    }
    foreach ($inner in @($env:SystemRoot, $env:ProgramData, $env:ProgramFiles) + $ExchangeFolders) {
        if (Test-Within $inner $Folder) {
            return 'holds all of Windows, of its programs or of Exchange: not collected'
        }
    }
}

function Select-IisFolder([string[]] $Named, [string[]] $ExchangeFolders) {
    foreach ($folder in ($Named | Sort-Object -Unique)) {
        $objection = Get-Objection $folder $ExchangeFolders
        if ($objection) { Add-Missing $folder $objection } else { $folder }
    }
}

function Find-Folder {
    $exchange = @(Get-ExchangeFolder)
    $logs = @(Get-IisFolder '//logFile/@directory | //centralW3CLogFile/@directory')
    $sites = @(Get-IisFolder '//virtualDirectory/@physicalPath')
    @{
        Exchange    = $exchange
        IisLogs     = @(Select-IisFolder $logs $exchange)
        WebRoots    = @(Select-IisFolder $sites $exchange)
        Windows     = @($env:SystemRoot)
        ProgramData = @($env:ProgramData)
        SystemDrive = @($env:SystemDrive + '\')
        Volumes     = @(Get-NtfsDrive)
        Served      = $sites
    }
}

# --- Which files ------------------------------------------------------------

function Get-Entry([string] $Folder, [bool] $OfFolders) {
    try {
        $info = New-Object System.IO.DirectoryInfo $Folder
        if ($OfFolders) { $info.GetDirectories() } else { $info.GetFiles() }
    } catch {
        Add-Missing $Folder ($_.Exception.GetBaseException().Message)
    }
}

# Links to other folders, and volumes mounted in a folder, are not followed: they can lead in circles.
function Test-Link($Entry) {
    $isLink = [bool] ($Entry.Attributes -band [IO.FileAttributes]::ReparsePoint)
    if ($isLink) { Add-Missing $Entry.FullName 'a link to another folder, or a mounted volume: not followed' }
    $isLink
}

# Returns the files below a folder that the parts of a mask name, from the part at a place on.
function Find-File([string] $Folder, [string[]] $Parts, [int] $At) {
    $part = $Parts[$At]
    if ($At -eq $Parts.Length - 1) {
        foreach ($file in (Get-Entry $Folder $false)) { if ($file.Name -like $part) { $file } }
        return
    }
    $anyFolders = $part -eq '**'
    if ($anyFolders) { Find-File $Folder $Parts ($At + 1) }
    foreach ($below in (Get-Entry $Folder $true)) {
        if (-not $anyFolders -and $below.Name -notlike $part) { continue }
        if (Test-Link $below) { continue }
        $next = if ($anyFolders) { $At } else { $At + 1 }
        Find-File $below.FullName $Parts $next
    }
}

function Find-OfStep($Step, [string] $Folder) {
    $place = $Folder.TrimEnd('\') + '\'
    if ($Step.Raw) {
        Add-Missing ($place + $Step.Mask) 'can only be read from the raw disk: take KAPE or Velociraptor for it'
        return
    }
    if (-not (Test-Path -LiteralPath $place)) {
        Add-Missing $place 'named in a setting, and not there'
        return
    }
    $older = 0
    foreach ($file in (Find-File $place ($Step.Mask -split '\\') 0)) {
        if ($Step.Dated -and $file.LastWriteTimeUtc -lt $OldestLog) { $older++ } else { $file }
    }
    if ($older) { Add-Missing ($place + $Step.Mask) "$older logs were left out: last written before -Since" }
}

# Returns each file once, whichever masks name it.
function Select-File([hashtable] $Folders) {
    $seen = New-Object 'System.Collections.Generic.HashSet[string]' ([StringComparer]::OrdinalIgnoreCase)
    foreach ($step in $Steps) {
        if (-not $Folders[$step.Root]) {
            Add-Missing ($step.Root + ': ' + $step.Mask) 'the folder was found nowhere on this server'
        }
        foreach ($folder in $Folders[$step.Root]) {
            foreach ($file in (Find-OfStep $step $folder)) { if ($seen.Add($file.FullName)) { $file } }
        }
    }
}

# --- Whether there is room --------------------------------------------------

function Assert-Destination([string] $Path, [hashtable] $Folders) {
    $kept = $Folders.Served + $Folders.Exchange + $Folders.IisLogs + $Folders.WebRoots + $Folders.Windows
    foreach ($folder in $kept + (Join-Path $Folders.SystemDrive[0] 'inetpub')) {
        if (Test-Within $Path $folder) {
            throw "The destination lies in $folder, which is collected or served. Choose another."
        }
    }
}

function Assert-Room([string] $Path, [long] $Bytes) {
    try {
        $drive = New-Object System.IO.DriveInfo ([IO.Path]::GetPathRoot($Path))
        $free = $drive.AvailableFreeSpace
    } catch {
        Write-Talk 'The room at the destination could not be told. Make sure that it suffices.'
        return
    }
    # Exports lie beside the ZIP file for a while, and what compresses badly takes its full size.
    if ($free -lt 1.2 * $Bytes + 256mb) {
        throw "Not enough room: $(Format-Size $Bytes) are to be collected, $(Format-Size $free) are free."
    }
}

# --- Copying ----------------------------------------------------------------

# Returns the key of the registry that is kept in a file; nothing where it is not loaded, or holds passwords.
function Get-LoadedHive([string] $Path) {
    $list = Get-ItemProperty -LiteralPath 'HKLM:\SYSTEM\CurrentControlSet\Control\hivelist'
    foreach ($loaded in $list.PSObject.Properties) {
        # \Device\HarddiskVolume2\Windows\System32\config\SOFTWARE
        if (([string] $loaded.Value -replace '^\\Device\\[^\\]+', 'X:') -ne ('X:' + $Path.Substring(2))) { continue }
        $key = $loaded.Name -replace '^\\REGISTRY\\MACHINE\\', 'HKLM\' -replace '^\\REGISTRY\\USER\\', 'HKU\'
        if ($key -notin 'HKLM\SAM', 'HKLM\SECURITY') { return $key }
    }
}

# Tells whether a locked file is the transaction log of a hive: an export of the hive holds what stands in it.
function Test-LogOfHive([string] $Path) {
    $hive = $Path -replace '\.LOG\d?$', ''
    $hive -ne $Path -and [bool] (Get-LoadedHive $hive)
}

# Exports what Windows holds locked, and returns the path of the export; nothing where there is no way.
function Export-Locked([string] $Path) {
    $isLog = $Path -like '*.evtx'
    $key = if ($isLog) { '' } else { Get-LoadedHive $Path }
    if (-not $isLog -and -not $key) { return }
    [void] (New-Item -ItemType Directory -Path $Exports -Force)
    # Each file that was tried is counted in one of the two: no name comes twice.
    $target = Join-Path $Exports ("$($Copied.Count + $Missing.Count)-" + [IO.Path]::GetFileName($Path))
    $system = Join-Path $env:SystemRoot 'System32'
    # What these programs say on their error stream must not end the script.
    $ErrorActionPreference = 'Continue'
    if ($isLog) {
        $channel = [IO.Path]::GetFileNameWithoutExtension($Path).Replace('%4', '/')
        $said = & (Join-Path $system 'wevtutil.exe') epl $channel $target 2>&1
    } else {
        $said = & (Join-Path $system 'reg.exe') save $key $target 2>&1
    }
    if ($LASTEXITCODE -eq 0) { $target } else { Write-Talk "$Path was not exported: $said" }
}

function Open-File([string] $Path) {
    [IO.File]::Open($Path, [IO.FileMode]::Open, [IO.FileAccess]::Read, [IO.FileShare] 'ReadWrite, Delete')
}

# Copies as many bytes as the file had when it was opened, for a log may grow meanwhile, and returns their number.
function Copy-Stream($From, $To, $Hashes) {
    $buffer = New-Object byte[] 1048576
    $left = [long] $From.Length
    $done = [long] 0
    while ($left -gt 0) {
        $read = $From.Read($buffer, 0, [int] [Math]::Min([long] $buffer.Length, $left))
        if ($read -le 0) { break }
        $To.Write($buffer, 0, $read)
        foreach ($hash in $Hashes) { [void] $hash.TransformBlock($buffer, 0, $read, $null, 0) }
        $left -= $read
        $done += $read
    }
    foreach ($hash in $Hashes) { [void] $hash.TransformFinalBlock($buffer, 0, 0) }
    $done
}

function Format-Hash($Hash) {
    [BitConverter]::ToString($Hash.Hash).Replace('-', '').ToLowerInvariant()
}

function Add-Copied($File, [string] $Name, [long] $Bytes, $Hashes, [bool] $Deferred, $Watch) {
    $Copied.Add([pscustomobject] @{
        CopiedTimestamp   = [datetime]::UtcNow.ToString('o', $Invariant)
        SourceFile        = $File.FullName
        DestinationFile   = $Archive + '\' + $Name.Replace('/', '\')
        FileSize          = $Bytes
        SourceFileSha1    = Format-Hash $Hashes[0]
        DeferredCopy      = $Deferred
        CreatedOnUtc      = $File.CreationTimeUtc.ToString('o', $Invariant)
        ModifiedOnUtc     = $File.LastWriteTimeUtc.ToString('o', $Invariant)
        LastAccessedOnUtc = $File.LastAccessTimeUtc.ToString('o', $Invariant)
        CopyDuration      = $Watch.Elapsed.ToString()
        SourceFileSha256  = Format-Hash $Hashes[1]
    })
}

function Copy-Opened($Zip, $File, $From, [bool] $Deferred) {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $hashes = @(
        (New-Object System.Security.Cryptography.SHA1CryptoServiceProvider),
        (New-Object System.Security.Cryptography.SHA256CryptoServiceProvider)
    )
    $name = $File.FullName.Replace(':', '').Replace('\', '/')
    $to = $Zip.CreateEntry($name, [IO.Compression.CompressionLevel]::Fastest).Open()
    try {
        $bytes = Copy-Stream $From $to $hashes
    } finally {
        $to.Dispose()
    }
    Add-Copied $File $name $bytes $hashes $Deferred $watch
}

function Copy-File($Zip, $File) {
    $from = $null
    $deferred = $false
    try {
        try {
            $from = Open-File $File.FullName
        } catch {
            $reason = $_.Exception.GetBaseException().Message
            if (Test-LogOfHive $File.FullName) { return }
            $export = Export-Locked $File.FullName
            if (-not $export) { throw $reason }
            $from = Open-File $export
            $deferred = $true
        }
        Copy-Opened $Zip $File $from $deferred
    } catch {
        Add-Missing $File.FullName ($_.Exception.GetBaseException().Message)
    } finally {
        if ($from) { $from.Dispose() }
    }
}

function Add-Text($Zip, [string] $Name, [string[]] $Lines) {
    $writer = New-Object System.IO.StreamWriter ($Zip.CreateEntry($Name).Open())
    try {
        foreach ($line in $Lines) { $writer.WriteLine($line) }
    } finally {
        $writer.Dispose()
    }
}

# Writes what was done as KAPE does, so that the same reader reads it.
function Add-Log($Zip) {
    $name = $Stamp + '_Afterpatch_'
    if ($Copied.Count) { Add-Text $Zip ($name + 'CopyLog.csv') ($Copied | ConvertTo-Csv -NoTypeInformation) }
    if ($Missing.Count) { Add-Text $Zip ($name + 'SkipLog.csv') ($Missing | ConvertTo-Csv -NoTypeInformation) }
    Add-Text $Zip ($name + 'ConsoleLog.txt') $Talk
}

function Write-Zip([string] $Path, $Files) {
    $stream = [IO.File]::Open($Path, [IO.FileMode]::CreateNew, [IO.FileAccess]::Write)
    $zip = New-Object System.IO.Compression.ZipArchive ($stream, [IO.Compression.ZipArchiveMode]::Create)
    try {
        $done = 0
        foreach ($file in $Files) {
            Copy-File $zip $file
            $done++
            if ($done % 1000 -eq 0) { Write-Talk "$done of $($Files.Count) files" }
        }
        Write-Talk "$($Copied.Count) files were collected; $($Missing.Count) things could not be had."
        Add-Log $zip
    } finally {
        $zip.Dispose()
        $stream.Dispose()
    }
}

# --- The run ----------------------------------------------------------------

if (-not [Environment]::Is64BitProcess) {
    throw 'Run this in the 64-bit Windows PowerShell: the other one sees another System32.'
}
Add-Type -AssemblyName System.IO.Compression
# Mail goes first.
[Diagnostics.Process]::GetCurrentProcess().PriorityClass = 'BelowNormal'

$Destination = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Destination)
Write-Talk "afterpatch {{version}}, Machine name: $env:COMPUTERNAME, since $($OldestLog.ToString('o', $Invariant))"
$Folders = Find-Folder
foreach ($root in ($Folders.Keys | Sort-Object)) {
    foreach ($folder in $Folders[$root]) { Write-Talk "${root}: $folder" }
}
Assert-Destination $Destination $Folders
$Files = @(Select-File $Folders)
$Total = 0
foreach ($file in $Files) { $Total += $file.Length }
Write-Talk "$($Files.Count) files, $(Format-Size $Total) before compression"

if (-not $ListOnly) {
    Assert-Room $Destination $Total
    [void] (New-Item -ItemType Directory -Path $Destination -Force)
    $name = "$env:COMPUTERNAME-$Stamp"
    $Exports = Join-Path $Destination "$name-exports"
    $Archive = Join-Path $Destination "$name.zip"
    Write-Zip $Archive $Files
    Write-Talk "Written: $Archive"
    Write-Talk "SHA-256: $((Get-FileHash -LiteralPath $Archive -Algorithm SHA256).Hash)"
    if (Test-Path -LiteralPath $Exports) { Write-Talk "What is in $Exports is in the ZIP file too." }
}
foreach ($thing in $Missing) { Write-Host "Not had: $($thing.SourceFile): $($thing.Reason)" }
