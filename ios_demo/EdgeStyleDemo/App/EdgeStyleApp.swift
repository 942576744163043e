import EdgeStyleKit
import SwiftUI

/// The demo app; launched with `--benchmark NAME` it measures that model for the harness and ends itself.
@main
struct EdgeStyleApp: App {
    @State private var studio = Studio()
    @Environment(\.scenePhase) private var phase

    var body: some Scene {
        WindowGroup {
            if BenchmarkMode.isAsked {
                Text("Measuring")
                    .task { await BenchmarkMode.runAndExit() }
            } else {
                RootView()
                    .environment(studio)
                    .onChange(of: phase) { _, now in studio.sceneChanged(isActive: now == .active) }
            }
        }
    }
}

/// The app's four places.
struct RootView: View {
    @Environment(Studio.self) private var studio

    var body: some View {
        if let failure = studio.failure {
            ContentUnavailableView {
                Label("Models are missing", systemImage: "shippingbox")
            } description: {
                Text(failure)
            }
        } else {
            TabView {
                LiveView()
                    .tabItem { Label("Camera", systemImage: "camera") }
                SelfieView()
                    .tabItem { Label("Selfie", systemImage: "person.crop.circle") }
                AvatarView()
                    .tabItem { Label("Avatars", systemImage: "theatermasks") }
                BenchmarkView()
                    .tabItem { Label("Benchmark", systemImage: "speedometer") }
            }
        }
    }
}
