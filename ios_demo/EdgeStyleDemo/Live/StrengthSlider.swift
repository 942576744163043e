import SwiftUI

/// How strong the style is; the next frame is drawn with it.
struct StrengthSlider: View {
    @Binding var strength: Float

    var body: some View {
        HStack(spacing: 12) {
            Image(systemName: "circle.lefthalf.filled")
                .accessibilityHidden(true)
            Slider(value: $strength, in: 0...1) {
                Text("Strength")
            }
            .accessibilityValue(Text(strength, format: .percent.precision(.fractionLength(0))))
            Text(strength, format: .percent.precision(.fractionLength(0)))
                .font(.footnote.monospacedDigit())
                .frame(width: 48, alignment: .trailing)
                .accessibilityHidden(true)
        }
        .padding(.horizontal)
        .tint(.yellow)
    }
}
