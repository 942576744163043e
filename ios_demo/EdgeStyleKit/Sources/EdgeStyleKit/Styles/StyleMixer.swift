import Foundation

/// Mixes of styles: `cartoon:0.6,oil:0.4` is a weighted sum of style vectors of one model, so it costs nothing.
public enum StyleMixer {
    /// Read a style or a mix.
    ///
    /// - Parameter text: names with weights, separated by commas; a name without weight counts 1.
    /// - Returns: names with weights in the order given; none is negative, and they sum to 1.
    /// - Throws: `MixError`: a part is empty, a name comes twice, a weight is no number from 0 up, or all are 0.
    public static func parse(_ text: String) throws(MixError) -> [(name: String, weight: Double)] {
        var parts: [(name: String, weight: Double)] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(trimmed)
            let name = pieces[0]
            guard !name.isEmpty else { throw .emptyPart(text) }
            guard !parts.contains(where: { $0.name == name }) else { throw .namedTwice(name) }
            var weight = 1.0
            if pieces.count > 1 {
                guard let number = Double(pieces[1]), number.isFinite, number >= 0 else { throw .badWeight(name) }
                weight = number
            }
            parts.append((name, weight))
        }
        return try normalised(parts)
    }

    /// The weighted sum of some styles, as a style of its own; a single one comes back as it is.
    ///
    /// - Parameters:
    ///   - parts: styles of one model with weights from 0 up, which are brought to a sum of 1.
    /// - Throws: `MixError`: there is no part, a weight is none, or all are 0.
    public static func mix(_ parts: [(style: StyleVector, weight: Double)]) throws(MixError) -> StyleVector {
        let named = parts.map { (name: $0.style.name, weight: $0.weight) }
        for part in named where !(part.weight.isFinite && part.weight >= 0) { throw .badWeight(part.name) }
        let shares = try normalised(named)
        if parts.count == 1 { return parts[0].style }
        let length = parts.map(\.style.values.count).min() ?? 0
        var sum = [Double](repeating: 0, count: length)
        var strength = 0.0
        var detail = 0.0
        for (part, share) in zip(parts, shares) {
            for index in 0..<length { sum[index] += share.weight * Double(part.style.values[index]) }
            strength += share.weight * Double(part.style.defaultStrength)
            detail += share.weight * Double(part.style.detail)
        }
        return StyleVector(
            name: shares.map { "\($0.name):\($0.weight)" }.joined(separator: ","), values: sum.map(Float.init),
            defaultStrength: Float(min(1, strength)), detail: Float(min(1, detail)))
    }

    /// The same for a text such as `cartoon:0.6,oil:0.4`.
    ///
    /// - Parameter styles: those that may be named.
    /// - Throws: `MixError`, also for a style that is not among them.
    public static func mix(_ text: String, of styles: [String: StyleVector]) throws(MixError) -> StyleVector {
        var parts: [(style: StyleVector, weight: Double)] = []
        for part in try parse(text) {
            guard let style = styles[part.name] else { throw .unknownStyle(part.name) }
            parts.append((style, part.weight))
        }
        return try mix(parts)
    }

    /// `value` if it is a strength, a number from 0 to 1. Throws `MixError.badStrength`.
    public static func checkStrength(_ value: Float) throws(MixError) -> Float {
        guard (0...1).contains(value) else { throw .badStrength }
        return value
    }

    private static func normalised(
        _ parts: [(name: String, weight: Double)]
    ) throws(MixError) -> [(name: String, weight: Double)] {
        let largest = parts.map(\.weight).max() ?? 0
        guard largest > 0 else { throw .allZero }
        let total = parts.reduce(0) { $0 + $1.weight / largest }  // no sum of these overflows
        return parts.map { ($0.name, $0.weight / largest / total) }
    }

    private static func trimmed(_ text: Substring) -> String {
        text.trimmingCharacters(in: .whitespaces)
    }
}
