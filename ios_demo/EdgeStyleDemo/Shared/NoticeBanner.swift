import SwiftUI

/// A line that tells what a user has to know, until it is closed.
struct NoticeBanner: View {
    @Binding var text: String?

    var body: some View {
        if let shown = text {
            HStack(alignment: .firstTextBaseline) {
                Image(systemName: "info.circle")
                    .accessibilityHidden(true)
                Text(shown)
                    .font(.footnote)
                    .frame(maxWidth: .infinity, alignment: .leading)
                Button("Close", systemImage: "xmark") { text = nil }
                    .labelStyle(.iconOnly)
            }
            .padding(12)
            .background(.regularMaterial, in: RoundedRectangle(cornerRadius: 14))
            .padding(.horizontal)
        }
    }
}
