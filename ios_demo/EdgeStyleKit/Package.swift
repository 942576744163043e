// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "EdgeStyleKit",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [.library(name: "EdgeStyleKit", targets: ["EdgeStyleKit"])],
    targets: [
        .target(name: "EdgeStyleKit"),
        .testTarget(name: "EdgeStyleKitTests", dependencies: ["EdgeStyleKit"], resources: [.copy("Golden")]),
    ]
)
