#!/usr/bin/env bash
# Installs Microsoft's SARIF Multitool (MIT), with which the tests validate SARIF reports, and prints
# the path of its program. It is a self-contained Linux program that comes as an npm package.
#
#   scripts/install_sarif_multitool.sh [FOLDER]      FOLDER: default .tools/sarif-multitool
#
# The tests look in the default folder, or for the program that the environment variable
# SARIF_MULTITOOL names. With SARIF_MULTITOOL_REQUIRED=1 they fail, rather than skip, without it.
set -euo pipefail

version=5.7.0
package=@microsoft/sarif-multitool-linux
folder=${1:-"$(cd "$(dirname "$0")/.." && pwd)/.tools/sarif-multitool"}
program=$folder/node_modules/$package/Sarif.Multitool

# Without this the program needs libicu, which slim machines lack.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

installed() {
    [ -x "$program" ] && "$program" --version 2>&1 | grep -qF "$version"
}

if [ "$(uname -s)" != Linux ]; then
    echo "The SARIF Multitool is installed on Linux only; see https://github.com/microsoft/sarif-sdk." >&2
    exit 1
fi
if ! installed; then
    command -v npm >/dev/null || { echo "npm is needed to install the SARIF Multitool." >&2; exit 1; }
    mkdir -p "$folder"
    npm install --prefix "$folder" --ignore-scripts --no-save --no-audit --no-fund --loglevel=error \
        "$package@$version" >&2
    chmod u+x "$program"
    installed || { echo "The SARIF Multitool was installed but does not run: $program" >&2; exit 1; }
fi
echo "$program"
