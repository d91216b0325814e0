#!/bin/sh
# The disk image for macOS, from "dist/Superbill Desk.app" as installer/build.py made it.
#   SIGN_AS         the name of a Developer ID Application certificate in the keychain
#   NOTARY_PROFILE  the name of a profile stored by `xcrun notarytool store-credentials`
# Without SIGN_AS the image is unsigned: macOS then warns of the program, and its name says so.
set -eu
cd "$(dirname "$0")/.."
app="dist/Superbill Desk.app"
version=$(.venv/bin/python -c 'import app; print(app.__version__)')
image="dist/superbill-desk-$version-macos-$(uname -m).dmg"

if [ -n "${SIGN_AS:-}" ]; then
    # From the inside out: every library first, the bundle last.
    find "$app" -type f \( -name '*.dylib' -o -name '*.so' -o -perm -100 \) -print0 |
        xargs -0 codesign --force --timestamp --options runtime --sign "$SIGN_AS"
    codesign --force --timestamp --options runtime --entitlements installer/macos.plist --sign "$SIGN_AS" "$app"
    codesign --verify --deep --strict "$app"
else
    echo "SIGN_AS is not set: this image is unsigned."
    codesign --force --deep --sign - "$app" # sealed for this computer's rules only: nobody vouches for it
    image="${image%.dmg}-unsigned.dmg"
fi

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp -R "$app" "$stage/"
ln -s /Applications "$stage/Applications"
rm -f "$image"
hdiutil create -volname "Superbill Desk" -srcfolder "$stage" -format ULFO "$image"

if [ -n "${SIGN_AS:-}" ]; then
    codesign --timestamp --sign "$SIGN_AS" "$image"
    if [ -n "${NOTARY_PROFILE:-}" ]; then
        xcrun notarytool submit "$image" --keychain-profile "$NOTARY_PROFILE" --wait
        xcrun stapler staple "$image"
    else
        echo "NOTARY_PROFILE is not set: this image is signed and not notarized."
    fi
fi
echo "$image"
