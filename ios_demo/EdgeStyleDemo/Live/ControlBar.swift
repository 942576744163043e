import PhotosUI
import SwiftUI

/// Gallery, shutter, and the other camera.
struct ControlBar: View {
    @Binding var picked: PhotosPickerItem?
    let isReady: Bool
    let takePhoto: @MainActor () -> Void
    let turn: @MainActor () -> Void

    var body: some View {
        HStack {
            PhotosPicker(selection: $picked, matching: .images) {
                Image(systemName: "photo.on.rectangle")
                    .font(.title2)
                    .frame(width: 56, height: 56)
            }
            .accessibilityLabel("Pick a photo")
            Spacer()
            Button(action: takePhoto) {
                Circle()
                    .fill(.white)
                    .frame(width: 64, height: 64)
                    .overlay { Circle().stroke(.white, lineWidth: 3).padding(-6) }
            }
            .disabled(!isReady)
            .accessibilityLabel("Take a photo")
            Spacer()
            Button(action: turn) {
                Image(systemName: "arrow.triangle.2.circlepath.camera")
                    .font(.title2)
                    .frame(width: 56, height: 56)
            }
            .accessibilityLabel("Turn the camera")
        }
        .padding(.horizontal, 28)
        .tint(.white)
    }
}
