/// How large photos are read, so that memory stays bounded whatever a gallery holds.
public enum PhotoLimits {
    /// Pixels of a photo in memory: 120 MB at three bytes each. Larger ones are decoded smaller.
    public static let mostPixels = 40_000_000
    /// Pixels of a photo that is read at all.
    public static let mostReadable = 400_000_000

    /// Long side to decode a photo at; nil where its own will do.
    public static func side(width: Int, height: Int) -> Int? {
        let pixels = width * height
        guard pixels > mostPixels else { return nil }
        return Int(Double(max(width, height)) * (Double(mostPixels) / Double(pixels)).squareRoot())
    }

    /// Throws `PictureError` for sizes that no photo has, or that are too large to be read at all.
    public static func check(width: Int, height: Int) throws(PictureError) {
        guard width > 0, height > 0 else { throw .unreadable }
        let (pixels, tooMany) = width.multipliedReportingOverflow(by: height)
        guard !tooMany, pixels <= mostReadable else {
            throw .tooLarge(megapixels: tooMany ? Int.max / 1_000_000 : pixels / 1_000_000)
        }
    }
}
