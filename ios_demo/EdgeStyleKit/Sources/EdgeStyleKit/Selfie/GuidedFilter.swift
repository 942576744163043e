/// He, Sun and Tang, "Guided Image Filtering", ECCV 2010, section 3.4, fitted on small pictures (arXiv 1505.00996).
enum GuidedFilter {
    /// Fit values in every window by a linear function of the guide's colours, and average the fits.
    ///
    /// - Parameters:
    ///   - values: of one channel, of any size.
    ///   - guide: of three channels in [0,1].
    ///   - radius: of the window, pixels of what is fitted.
    ///   - epsilon: variance below which a window counts as flat.
    ///   - fitSide: long side of what is fitted.
    /// - Returns: one channel, of the guide's size.
    static func filter(_ values: Field, guide: Field, radius: Int, epsilon: Float, fitSide: Int) -> Field {
        let small = WorkingSize.fit(width: guide.width, height: guide.height, longSide: fitSide)
        let fits = fit(
            guide.resized(width: small.width, height: small.height),
            values.resized(width: small.width, height: small.height), radius, epsilon)
        let whole = fits.boxMean(radius: radius).resized(width: guide.width, height: guide.height)
        var result = Field(width: guide.width, height: guide.height, filled: 0)
        for place in 0..<guide.width * guide.height {
            var sum = whole.values[4 * place + 3]
            for channel in 0..<3 { sum += whole.values[4 * place + channel] * guide.values[3 * place + channel] }
            result.values[place] = sum
        }
        return result
    }

    /// Three slopes and an intercept for every place.
    private static func fit(_ guide: Field, _ values: Field, _ radius: Int, _ epsilon: Float) -> Field {
        let means = products(guide, values).boxMean(radius: radius)
        var fits = Field(width: guide.width, height: guide.height, channels: 4, filled: 0)
        for place in 0..<guide.width * guide.height {
            let m = Array(means.values[13 * place..<13 * place + 13])
            let a = m[4] - m[0] * m[0] + epsilon
            let b = m[5] - m[0] * m[1]
            let c = m[6] - m[0] * m[2]
            let d = m[7] - m[1] * m[1] + epsilon
            let e = m[8] - m[1] * m[2]
            let f = m[9] - m[2] * m[2] + epsilon
            let shared = (0..<3).map { m[10 + $0] - m[$0] * m[3] }
            let cofactors = [d * f - e * e, c * e - b * f, b * e - c * d, a * f - c * c, b * c - a * e, a * d - b * b]
            let determinant = a * cofactors[0] + b * cofactors[1] + c * cofactors[2]
            let rows = [[0, 1, 2], [1, 3, 4], [2, 4, 5]]
            var intercept = m[3]
            for (row, columns) in rows.enumerated() {
                var slope: Float = 0
                for (index, column) in columns.enumerated() { slope += cofactors[column] * shared[index] }
                fits.values[4 * place + row] = slope / determinant
                intercept -= slope / determinant * m[row]
            }
            fits.values[4 * place + 3] = intercept
        }
        return fits
    }

    /// Guide, values, products of the guide's channels, and products of guide and values: 13 channels.
    private static func products(_ guide: Field, _ values: Field) -> Field {
        var result = Field(width: guide.width, height: guide.height, channels: 13, filled: 0)
        for place in 0..<guide.width * guide.height {
            let g = Array(guide.values[3 * place..<3 * place + 3])
            let v = values.values[place]
            let squares = [g[0] * g[0], g[0] * g[1], g[0] * g[2], g[1] * g[1], g[1] * g[2], g[2] * g[2]]
            result.values.replaceSubrange(13 * place..<13 * place + 13, with: g + [v] + squares + g.map { $0 * v })
        }
        return result
    }
}
