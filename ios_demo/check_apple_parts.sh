#!/usr/bin/env bash
# Type-checks all of the kit and the app, Swift 6 with its rules for concurrency, without Apple's SDK: what they use of
# it is declared in stubs/. That finds wrong types, missing awaits and data races; not whether Apple's own declarations
# are as the stubs say.
#
#   ios_demo/check_apple_parts.sh [FOLDER]     (for what is built; a temporary one by default; needs swiftc)
set -euo pipefail
cd "$(dirname "$0")"
built=${1:-$(mktemp -d)}
mkdir -p "$built"
options=(-swift-version 6 -parse-as-library -I "$built" -module-cache-path "$built/cache")
shopt -s globstar nullglob
# in the order in which they import each other
for module in CoreGraphics CoreVideo CoreImage CoreML os UniformTypeIdentifiers ImageIO Vision AVFoundation UIKit \
    VideoToolbox SwiftUI PhotosUI; do
    swiftc "${options[@]}" -emit-module -module-name "$module" -o "$built/$module.swiftmodule" \
        "stubs/$module.swift" stubs/"$module"+*.swift
done
kit=(EdgeStyleKit/Sources/**/*.swift)
app=(EdgeStyleDemo/**/*.swift)
swiftc "${options[@]}" -warnings-as-errors -emit-module -module-name EdgeStyleKit -o "$built/EdgeStyleKit.swiftmodule" "${kit[@]}"
swiftc "${options[@]}" -warnings-as-errors -typecheck -module-name EdgeStyleDemo "${app[@]}"
echo "${#kit[@]} files of the kit and ${#app[@]} of the app pass the compiler"
