@echo off
rem Install driftsync from a folder of wheels (fetch.sh) on Windows without internet: install.cmd wheels [C:\driftsync]
setlocal
if "%~1"=="" (
    echo usage: install.cmd FOLDER-OF-WHEELS [TARGET]
    exit /b 2
)
set "target=%~2"
if "%target%"=="" set "target=C:\driftsync"
py -3 -m venv "%target%" || exit /b 1
"%target%\Scripts\pip.exe" install --quiet --disable-pip-version-check --no-index --find-links "%~1" driftsync || exit /b 1
"%target%\Scripts\driftsync.exe" --version
