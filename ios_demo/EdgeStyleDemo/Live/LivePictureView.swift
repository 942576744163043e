import EdgeStyleKit
import SwiftUI
import UIKit
import VideoToolbox

/// Shows drawn frames: the layer takes the buffer's image and cuts the padding off.
struct LivePictureView: UIViewRepresentable {
    let picture: LivePicture?

    func makeUIView(context: Context) -> UIView {
        let view = UIView()
        view.layer.contentsGravity = .resizeAspect
        view.isAccessibilityElement = true
        view.accessibilityLabel = String(localized: "Live picture in the chosen style")
        return view
    }

    func updateUIView(_ view: UIView, context: Context) {
        guard let picture else { return }
        var image: CGImage?
        VTCreateCGImageFromCVPixelBuffer(picture.frame.buffer, options: nil, imageOut: &image)
        CATransaction.begin()
        CATransaction.setDisableActions(true)
        view.layer.contentsRect = CGRect(
            x: 0, y: 0, width: CGFloat(picture.width) / CGFloat(picture.frame.width),
            height: CGFloat(picture.height) / CGFloat(picture.frame.height))
        view.layer.contents = image
        CATransaction.commit()
    }
}
