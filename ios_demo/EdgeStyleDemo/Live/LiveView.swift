import EdgeStyleKit
import PhotosUI
import SwiftUI
import UIKit

/// The camera in a style, with its strength under the thumb.
struct LiveView: View {
    @Environment(Studio.self) private var studio
    @Environment(\.openURL) private var openURL
    @State private var feed = LiveFeed()
    @State private var shot: PhotoJob?
    @State private var picked: PhotosPickerItem?
    @State private var referencePicked: PhotosPickerItem?
    @State private var showsSettings = false

    var body: some View {
        @Bindable var studio = studio
        ZStack(alignment: .bottom) {
            Color.black.ignoresSafeArea()
            if let trouble = feed.trouble {
                troubleView(trouble)
            } else {
                LivePictureView(picture: feed.picture)
                    .ignoresSafeArea(edges: .top)
                    .onLongPressGesture(minimumDuration: .infinity) {
                    } onPressingChanged: { pressed in
                        feed.showsOriginal = pressed
                    }
                    .accessibilityHint("Hold to see the original")
            }
            VStack(spacing: 14) {
                NoticeBanner(text: $studio.notice)
                StrengthSlider(strength: $studio.strength)
                StyleCarousel(referencePicked: $referencePicked)
                ControlBar(picked: $picked, isReady: feed.trouble == nil, takePhoto: takePhoto, turn: turnCamera)
            }
            .padding(.bottom, 8)
            .background(.linearGradient(colors: [.clear, .black.opacity(0.75)], startPoint: .top, endPoint: .bottom))
        }
        .environment(\.colorScheme, .dark)
        .overlay(alignment: .topTrailing) { topBar }
        .task(id: RunKey(side: studio.side, isActive: studio.isActive)) { await runCamera() }
        .task { await feed.watch() }
        .onReceive(NotificationCenter.default.publisher(for: UIDevice.orientationDidChangeNotification)) { _ in
            follow(UIDevice.current.orientation)
        }
        .onChange(of: picked) { _, item in
            picked = nil  // so that the same can be picked again
            load(item) { data in shot = PhotoJob(data: data) }
        }
        .onChange(of: referencePicked) { _, item in
            referencePicked = nil
            load(item) { data in await studio.takeReference(data) }
        }
        .sheet(item: $shot) { job in PhotoView(job: job).environment(studio) }
        .sheet(isPresented: $showsSettings) { SettingsView().environment(studio) }
    }

    /// What the camera runs for; another one starts it anew.
    private struct RunKey: Hashable {
        let side: CameraSide
        let isActive: Bool
    }

    private var topBar: some View {
        HStack(spacing: 12) {
            if let rate = feed.framesPerSecond, let summary = feed.summary {
                Text(
                    "\(rate, format: .number.precision(.fractionLength(0))) fps · \(summary.p50, format: .number.precision(.fractionLength(1))) ms"
                )
                .font(.caption.monospacedDigit())
                .padding(.horizontal, 10)
                .padding(.vertical, 6)
                .background(.ultraThinMaterial, in: Capsule())
            }
            Button("Settings", systemImage: "gearshape") { showsSettings = true }
                .labelStyle(.iconOnly)
                .padding(10)
                .background(.ultraThinMaterial, in: Circle())
        }
        .padding()
    }

    private func troubleView(_ trouble: CameraError) -> some View {
        ContentUnavailableView {
            Label("No camera", systemImage: "camera.badge.ellipsis")
        } description: {
            Text(Messages.text(for: trouble))
        } actions: {
            if trouble == .refused, let settings = URL(string: UIApplication.openSettingsURLString) {
                Button("Open Settings") { openURL(settings) }
                    .buttonStyle(.borderedProminent)
            }
        }
        .frame(maxHeight: .infinity)
    }

    private func runCamera() async {
        guard studio.isActive else {
            feed.camera.stop()
            return
        }
        UIDevice.current.beginGeneratingDeviceOrientationNotifications()
        follow(.portrait)
        follow(UIDevice.current.orientation)  // which may not be known
        await feed.run(studio)
    }

    /// Turn photos upright for how the device is held; and frames where the window turns with it, as on an iPad.
    private func follow(_ orientation: UIDeviceOrientation) {
        let angle: Double
        switch orientation {
        case .portrait: angle = 90
        case .portraitUpsideDown: angle = 270
        case .landscapeLeft: angle = studio.side == .front ? 180 : 0
        case .landscapeRight: angle = studio.side == .front ? 0 : 180
        default: return
        }
        let turnsWindow = UIDevice.current.userInterfaceIdiom == .pad
        feed.camera.setRotation(preview: turnsWindow ? angle : 90, photo: angle)
    }

    private func turnCamera() { studio.side = studio.side == .back ? .front : .back }

    private func takePhoto() {
        Task {
            do {
                shot = PhotoJob(data: try await feed.camera.takePhoto())
            } catch {
                studio.notice = Messages.text(for: error)
            }
        }
    }

    private func load(_ item: PhotosPickerItem?, then use: @escaping @MainActor (Data) async -> Void) {
        guard let item else { return }
        Task {
            do {
                guard let data = try await item.loadTransferable(type: Data.self) else { throw PictureError.unreadable }
                await use(data)
            } catch {
                studio.notice = Messages.text(for: error)
            }
        }
    }
}
