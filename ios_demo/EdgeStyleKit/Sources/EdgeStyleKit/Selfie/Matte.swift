/// Cuts people out; the system's own segmentation, or a stand-in in tests.
public protocol PersonMatting: Sendable {
    /// Which pixels are people: one channel of the picture's size, 1 for them.
    func matte(of picture: Picture) async throws -> Field
}

/// What is done to a matte that a system gives.
enum Matte {
    /// A matte without what does not hang together with a place, which is a share of its sides.
    static func withoutIslands(_ matte: Field, at place: Point, least: Float) -> Field {
        let x = min(matte.width - 1, max(0, Int(place.x * Float(matte.width))))
        let y = min(matte.height - 1, max(0, Int(place.y * Float(matte.height))))
        let part = connected(matte.values.map { $0 > least }, width: matte.width, x: x, y: y)
        let inside = Field(
            width: matte.width, height: matte.height, channels: 1, values: part.map { $0 ? 1 : 0 })
        let near = inside.boxMean(radius: 1)  // soft edges reach a little further
        return matte.combined(near) { $1 > 0 ? $0 : 0 }
    }

    /// The part of a mask that hangs together with a pixel, by its four neighbours; all of it where the pixel is not in it.
    static func connected(_ mask: [Bool], width: Int, x: Int, y: Int) -> [Bool] {
        let start = y * width + x
        guard mask[start] else { return mask }
        var part = [Bool](repeating: false, count: mask.count)
        part[start] = true
        var open = [start]
        while let place = open.popLast() {
            let column = place % width
            var neighbours: [Int] = []
            if column > 0 { neighbours.append(place - 1) }
            if column < width - 1 { neighbours.append(place + 1) }
            if place >= width { neighbours.append(place - width) }
            if place + width < mask.count { neighbours.append(place + width) }
            for neighbour in neighbours where mask[neighbour] && !part[neighbour] {
                part[neighbour] = true
                open.append(neighbour)
            }
        }
        return part
    }

    /// 0 below 0, 1 above 1, and `3 v^2 - 2 v^3` between.
    static func smoothStep(_ value: Float) -> Float {
        let cut = min(1, max(0, value))
        return cut * cut * (3 - 2 * cut)
    }
}
