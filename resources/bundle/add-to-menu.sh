#!/bin/sh
# Add Layerloom to the menu of the current user's desktop. Run it again after moving the folder.
set -eu
folder=$(cd "$(dirname "$0")" && pwd)
menu=${XDG_DATA_HOME:-$HOME/.local/share}/applications
mkdir -p "$menu"
sed -e "s|^Exec=layerloom|Exec=\"$folder/layerloom\"|" -e "s|^Icon=.*|Icon=$folder/layerloom.svg|" \
    "$folder/layerloom.desktop" >"$menu/layerloom.desktop"
echo "Wrote $menu/layerloom.desktop"
