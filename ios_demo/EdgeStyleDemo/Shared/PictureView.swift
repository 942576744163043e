import EdgeStyleKit
import SwiftUI
import UIKit

extension Picture {
    /// For showing; nil where there is no memory.
    var image: UIImage? { (try? cgImage()).map { UIImage(cgImage: $0) } }
}

extension Cutout {
    /// For showing; nil where there is no memory.
    var image: UIImage? { (try? cgImage()).map { UIImage(cgImage: $0) } }
}

/// A picture from a file in the app, small.
struct Thumbnail: View {
    let url: URL?
    let side: CGFloat

    var body: some View {
        Group {
            if let url, let image = UIImage(contentsOfFile: url.path) {
                Image(uiImage: image)
                    .resizable()
                    .scaledToFill()
            } else {
                Image(systemName: "photo")
                    .frame(maxWidth: .infinity, maxHeight: .infinity)
                    .background(.quaternary)
            }
        }
        .frame(width: side, height: side)
        .clipShape(RoundedRectangle(cornerRadius: 14))
    }
}
