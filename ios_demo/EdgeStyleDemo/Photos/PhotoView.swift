import EdgeStyleKit
import SwiftUI

/// A photo in the style: strength, hold for the original, share.
struct PhotoView: View {
    let job: PhotoJob
    @Environment(Studio.self) private var studio
    @Environment(\.dismiss) private var dismiss
    @State private var work = PhotoWork()
    @State private var showsOriginal = false

    var body: some View {
        @Bindable var studio = studio
        NavigationStack {
            VStack(spacing: 16) {
                picture
                if let notice = work.notice {
                    Text(notice)
                        .font(.footnote)
                        .foregroundStyle(.secondary)
                }
                StrengthSlider(strength: $studio.strength)
            }
            .padding(.bottom)
            .navigationTitle("Photo")
            .navigationBarTitleDisplayMode(.inline)
            .toolbar {
                ToolbarItem(placement: .cancellationAction) { Button("Close") { dismiss() } }
                ToolbarItem(placement: .confirmationAction) {
                    if let file = work.file { ShareLink(item: file) }
                }
            }
        }
        .task { await work.read(job.data) }
        .task(id: DrawKey(isRead: work.original != nil, strength: studio.strength, style: studio.chosen?.id)) {
            try? await Task.sleep(for: .milliseconds(150))  // while the slider moves
            if !Task.isCancelled { await work.draw(studio) }
        }
    }

    /// What a drawing depends on.
    private struct DrawKey: Hashable {
        let isRead: Bool
        let strength: Float
        let style: String?
    }

    @ViewBuilder private var picture: some View {
        if let failure = work.failure {
            ContentUnavailableView {
                Label("No picture", systemImage: "photo.badge.exclamationmark")
            } description: {
                Text(failure)
            }
        } else if let shown = showsOriginal ? work.originalImage : work.drawnImage ?? work.originalImage {
            Image(uiImage: shown)
                .resizable()
                .scaledToFit()
                .frame(maxWidth: .infinity, maxHeight: .infinity)
                .overlay { if work.isWorking { ProgressView().controlSize(.large) } }
                .onLongPressGesture(minimumDuration: .infinity) {
                } onPressingChanged: { pressed in
                    showsOriginal = pressed
                }
                .accessibilityLabel("Photo in the chosen style")
                .accessibilityHint("Hold to see the original")
        } else {
            ProgressView()
                .frame(maxWidth: .infinity, maxHeight: .infinity)
        }
    }
}
