/// At which size a photo is drawn.
public enum WorkingSize {
    /// Pixels that a pack which draws at a photo's own size draws at most.
    public static let mostPixels = 9_000_000

    /// The size of a photo's working copy: its long side becomes `longSide` where it is larger.
    ///
    /// - Returns: width and height, rounded half to even, at least 1.
    public static func fit(width: Int, height: Int, longSide: Int) -> (width: Int, height: Int) {
        let scale = min(1, Double(longSide) / Double(max(width, height)))
        return (side(Double(width) * scale), side(Double(height) * scale))
    }

    /// The long side at which a photo has no more than `mostPixels`; nil where it has no more anyway.
    public static func largest(width: Int, height: Int) -> Int? {
        let pixels = width * height
        guard pixels > mostPixels else { return nil }
        let long = Double(max(width, height)) * (Double(mostPixels) / Double(pixels)).squareRoot()
        return max(ModelContract.smallestSide, Int(long))
    }

    private static func side(_ length: Double) -> Int { max(1, Int(length.rounded(.toNearestOrEven))) }
}
