import EdgeStyleKit
import PhotosUI
import SwiftUI

/// All styles with their previews, and a place for a reference picture.
struct StyleCarousel: View {
    @Environment(Studio.self) private var studio
    @Binding var referencePicked: PhotosPickerItem?

    var body: some View {
        ScrollView(.horizontal, showsIndicators: false) {
            LazyHStack(spacing: 12) {
                PhotosPicker(selection: $referencePicked, matching: .images) {
                    VStack(spacing: 6) {
                        Image(systemName: "plus.viewfinder")
                            .font(.title2)
                            .frame(width: 64, height: 64)
                            .background(.ultraThinMaterial, in: RoundedRectangle(cornerRadius: 14))
                            .overlay { ring(studio.chosen?.name == studio.reference?.name && studio.reference != nil) }
                        Text("Reference")
                            .font(.caption2)
                    }
                }
                .accessibilityLabel("Pick a picture whose look is taken")
                ForEach(studio.choices) { choice in
                    Button {
                        studio.choose(choice)
                    } label: {
                        VStack(spacing: 6) {
                            Thumbnail(url: choice.preview, side: 64)
                                .overlay { ring(choice == studio.chosen) }
                            Text(LocalizedStringKey(choice.title))
                                .font(.caption2)
                                .lineLimit(1)
                        }
                        .frame(width: 72)
                    }
                    .accessibilityLabel(LocalizedStringKey(choice.title))
                    .accessibilityAddTraits(choice == studio.chosen ? .isSelected : [])
                }
            }
            .padding(.horizontal)
        }
        .frame(height: 92)
        .tint(.white)
    }

    private func ring(_ isChosen: Bool) -> some View {
        RoundedRectangle(cornerRadius: 14)
            .strokeBorder(isChosen ? Color.yellow : Color.clear, lineWidth: 3)
    }
}
