import EdgeStyleKit
import SwiftUI

/// Faces from seeds: the same number is the same face on every phone.
struct AvatarView: View {
    @Environment(Studio.self) private var studio
    @State private var work = AvatarWork()
    @State private var seed = "20"
    @State private var strength: Float = 1

    var body: some View {
        NavigationStack {
            VStack(spacing: 20) {
                if let failure = work.failure {
                    ContentUnavailableView {
                        Label("No avatar", systemImage: "theatermasks")
                    } description: {
                        Text(failure)
                    }
                } else if let image = work.picture?.image {
                    Image(uiImage: image)
                        .resizable()
                        .scaledToFit()
                        .clipShape(RoundedRectangle(cornerRadius: 32))
                        .frame(maxWidth: .infinity, maxHeight: .infinity)
                        .accessibilityLabel("Avatar of seed \(seed)")
                } else {
                    ProgressView()
                        .frame(maxWidth: .infinity, maxHeight: .infinity)
                }
                StrengthSlider(strength: $strength)
                HStack {
                    TextField("Seed", text: $seed)
                        .keyboardType(.numberPad)
                        .textFieldStyle(.roundedBorder)
                    Button("Surprise me", systemImage: "dice") { seed = String(UInt32.random(in: 0...999_999)) }
                        .buttonStyle(.bordered)
                }
            }
            .padding()
            .navigationTitle("Avatars")
        }
        .task(id: DrawKey(seed: seed, strength: strength, units: studio.units)) {
            await work.draw(seed: seed, strength: strength, studio)
        }
    }

    /// What an avatar depends on.
    private struct DrawKey: Hashable {
        let seed: String
        let strength: Float
        let units: ComputeUnits
    }
}
