import EdgeStyleKit
import PhotosUI
import SwiftUI

/// Turns a photo of a person into a cartoon of them.
struct SelfieView: View {
    @Environment(Studio.self) private var studio
    @State private var work = SelfieWork()
    @State private var picked: PhotosPickerItem?
    @State private var background = SelfieWork.Background.transparent
    @State private var shape = SelfieShape.circle

    var body: some View {
        @Bindable var studio = studio
        NavigationStack {
            VStack(spacing: 16) {
                result
                Picker("Background", selection: $background) {
                    ForEach(SelfieWork.Background.allCases) { Text($0.label).tag($0) }
                }
                .pickerStyle(.segmented)
                Picker("Shape", selection: $shape) {
                    Text("Circle").tag(SelfieShape.circle)
                    Text("Square").tag(SelfieShape.square)
                }
                .pickerStyle(.segmented)
                StrengthSlider(strength: $studio.strength)
                PhotosPicker(selection: $picked, matching: .images) {
                    Label("Pick a photo of a person", systemImage: "photo.on.rectangle")
                        .frame(maxWidth: .infinity)
                }
                .buttonStyle(.borderedProminent)
            }
            .padding()
            .navigationTitle("Selfie")
            .toolbar {
                ToolbarItem(placement: .confirmationAction) {
                    if let file = work.file { ShareLink(item: file) }
                }
            }
        }
        .onChange(of: picked) { _, item in
            guard let item else { return }
            picked = nil  // so that the same can be picked again
            Task { await work.read(item) }
        }
        .task(id: MakeKey(photo: work.photoNumber, background: background, shape: shape, strength: studio.strength)) {
            try? await Task.sleep(for: .milliseconds(150))  // while the slider moves
            if !Task.isCancelled { await work.make(studio, background: background.kit, shape: shape) }
        }
    }

    /// What a selfie depends on.
    private struct MakeKey: Hashable {
        let photo: Int
        let background: SelfieWork.Background
        let shape: SelfieShape
        let strength: Float
    }

    @ViewBuilder private var result: some View {
        if let failure = work.failure {
            ContentUnavailableView {
                Label("No selfie", systemImage: "person.crop.circle.badge.exclamationmark")
            } description: {
                Text(failure)
            }
        } else if let image = work.selfie?.image {
            Image(uiImage: image)
                .resizable()
                .scaledToFit()
                .frame(maxWidth: .infinity, maxHeight: .infinity)
                .overlay { if work.isWorking { ProgressView().controlSize(.large) } }
                .accessibilityLabel("Your selfie as a drawing")
        } else if work.isWorking {
            ProgressView()
                .frame(maxWidth: .infinity, maxHeight: .infinity)
        } else {
            ContentUnavailableView {
                Label("A selfie as a drawing", systemImage: "person.crop.circle")
            } description: {
                Text("Pick a photo with a face. It stays on this phone.")
            }
        }
    }
}
