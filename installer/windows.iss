; The Windows installer, made from dist\superbill-desk by: iscc /DVersion=0.1.0 installer\windows.iss
; It installs for one user, without an administrator. Clinics are the user's own files: nothing here touches them.
#ifndef Version
  #error Give the version: iscc /DVersion=0.1.0 installer\windows.iss
#endif

[Setup]
AppId={{6B1E6A52-7B0C-4B0E-9E57-5B5A3D9C4D11}
AppName=Superbill Desk
AppVersion={#Version}
AppPublisher=Superbill Desk
DefaultDirName={localappdata}\Programs\Superbill Desk
DefaultGroupName=Superbill Desk
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
AppMutex=SuperbillDesk
CloseApplications=no
ChangesAssociations=yes
Compression=lzma2
SolidCompression=yes
SourceDir=..
OutputDir=dist
OutputBaseFilename=superbill-desk-{#Version}-windows
SetupIconFile=build\marks\superbill-desk.ico
UninstallDisplayIcon={app}\superbill-desk.exe

[InstallDelete]
; An upgrade must not leave modules of the version before: the program would load them.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "dist\superbill-desk\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{group}\Superbill Desk"; Filename: "{app}\superbill-desk.exe"
Name: "{userdesktop}\Superbill Desk"; Filename: "{app}\superbill-desk.exe"; Tasks: desktopicon

[Tasks]
Name: desktopicon; Description: "A mark on the desktop"; Flags: unchecked

[Registry]
Root: HKCU; Subkey: "Software\Classes\.clinic"; ValueType: string; ValueData: "SuperbillDesk.Clinic"; Flags: uninsdeletevalue
Root: HKCU; Subkey: "Software\Classes\SuperbillDesk.Clinic"; ValueType: string; ValueData: "Clinic of Superbill Desk"; Flags: uninsdeletekey
Root: HKCU; Subkey: "Software\Classes\SuperbillDesk.Clinic\DefaultIcon"; ValueType: string; ValueData: "{app}\superbill-desk.exe,0"
Root: HKCU; Subkey: "Software\Classes\SuperbillDesk.Clinic\shell\open\command"; ValueType: string; ValueData: """{app}\superbill-desk.exe"" ""%1"""

[Run]
Filename: "{app}\superbill-desk.exe"; Description: "Start Superbill Desk"; Flags: nowait postinstall skipifsilent

[Code]
procedure CurUninstallStepChanged(CurUninstallStep: TUninstallStep);
begin
  if (CurUninstallStep = usPostUninstall) and not UninstallSilent then
    MsgBox('Superbill Desk is removed. Your clinics are not: NAME.clinic and NAME.keys lie where you saved them. ' +
      'Settings and logs stay in ' + ExpandConstant('{localappdata}\Superbill Desk') + '.', mbInformation, MB_OK);
end;
