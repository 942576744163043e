/// What draws a picture in a style; a `StyleRenderer`, or a stand-in in tests.
public protocol PictureRendering: Sendable {
    /// The picture in the style. At strength 0 the picture itself, within one level.
    ///
    /// - Parameters:
    ///   - picture: of any size.
    ///   - style: of the model.
    ///   - strength: from 0 to 1.
    /// - Throws: `RenderError`.
    func render(_ picture: Picture, style: StyleVector, strength: Float) async throws -> Picture
}

/// Photos of any size in a style: drawn at the working size, enlarged, and the photo's own detail added.
///
/// Strokes have a size in pixels, so a photo drawn at its working size looks like its preview. The detail layer is
/// `photo - enlarge(shrink(photo))`, times `1 - strength * (1 - detail)`.
public struct PhotoStylizer: Sendable {
    /// Rows that are worked on at a time.
    static let stripRows = 128

    let renderer: any PictureRendering
    /// Long side that the network works at.
    let workingSize: Int
    /// Whether all of a photo's detail stays, whatever the strength.
    let keepsDetail: Bool

    public init(renderer: any PictureRendering, workingSize: Int) {
        self.renderer = renderer
        self.workingSize = workingSize
        keepsDetail = false
    }

    /// Photos as a model's contract has them drawn.
    ///
    /// Strokes are drawn at the pack's working size. A pack that has none changes light and colour alone: it is drawn as
    /// large as the model can, and all of the photo's detail is added.
    public init(renderer: any PictureRendering, contract: ModelContract) {
        let largest = contract.sizes.max() ?? ModelContract.smallestSide
        self.renderer = renderer
        workingSize = min(contract.workingSize ?? largest, largest)
        keepsDetail = contract.workingSize == nil
    }

    /// A photo in a style. Beside photo and result it takes memory for its working copies and a strip alone.
    ///
    /// - Throws: `MixError.badStrength`, `RenderError`, `CancellationError`.
    public func stylize(_ photo: Picture, style: StyleVector, strength: Float) async throws -> Picture {
        let checked = try StyleMixer.checkStrength(strength)
        let size = WorkingSize.fit(width: photo.width, height: photo.height, longSide: workingSize)
        let small = photo.resized(width: size.width, height: size.height, filter: .lanczos)
        let drawn = try await renderer.render(small, style: style, strength: checked)
        if size.width == photo.width && size.height == photo.height { return drawn }
        var result = photo
        let kept = keepsDetail ? 1 : style.keptDetail(strength: checked)
        try Self.finish(&result, base: small, drawn: drawn, kept: kept)
        return result
    }

    /// Replace a photo by its enlarged drawing and the kept share of its detail, strip by strip.
    static func finish(_ photo: inout Picture, base: Picture, drawn: Picture, kept: Float) throws {
        let wideBase = base.widened(to: photo.width, filter: .lanczos)
        let wideDrawn = drawn.widened(to: photo.width, filter: .lanczos)
        let down = Resampler(from: base.height, to: photo.height, filter: .lanczos)
        let length = 3 * photo.width
        var baseRows = [UInt8](repeating: 0, count: length * stripRows)
        var drawnRows = baseRows
        for top in stride(from: 0, to: photo.height, by: stripRows) {
            try Task.checkCancellation()
            let range = top..<min(photo.height, top + stripRows)
            wideBase.rows(range, down: down, into: &baseRows)
            wideDrawn.rows(range, down: down, into: &drawnRows)
            let start = top * length
            for index in 0..<range.count * length {
                let detailed = addDetail(
                    drawnRows[index], photo: photo.pixels[start + index], base: baseRows[index], kept)
                photo.pixels[start + index] = detailed
            }
        }
    }

    /// `enlarged + kept * (photo - base)`, rounded half to even and cut to 8 bits.
    @inline(__always)
    static func addDetail(_ enlarged: UInt8, photo: UInt8, base: UInt8, _ kept: Float) -> UInt8 {
        let sum = Float(enlarged) + kept * (Float(photo) - Float(base))
        return UInt8(min(255, max(0, sum.rounded(.toNearestOrEven))))
    }
}
