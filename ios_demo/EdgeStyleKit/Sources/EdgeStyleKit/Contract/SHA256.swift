import Foundation

/// SHA-256 (FIPS 180-4), so that the kit needs no system's own and is the same everywhere.
struct SHA256 {
    private var state: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    private var rest: [UInt8] = []
    private var length: UInt64 = 0

    /// Add bytes.
    mutating func update(_ data: Data) {
        length += UInt64(data.count)
        rest.append(contentsOf: data)
        let whole = rest.count / 64 * 64
        rest.withUnsafeBufferPointer { bytes in
            for start in stride(from: 0, to: whole, by: 64) { Self.mix(&state, bytes, start) }
        }
        rest.removeFirst(whole)
    }

    /// The digest of all bytes in hexadecimal digits; nothing may be added afterwards.
    mutating func finish() -> String {
        let bits = length * 8
        let zeros = (119 - rest.count % 64) % 64
        update(Data([0x80] + [UInt8](repeating: 0, count: zeros)))
        update(Data((0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) }))
        return state.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    private static func mix(_ state: inout [UInt32], _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) {
        var w = [UInt32](repeating: 0, count: 64)
        for t in 0..<16 {
            let at = start + 4 * t
            w[t] = (0..<4).reduce(0) { $0 << 8 | UInt32(bytes[at + $1]) }
        }
        for t in 16..<64 {
            let a = turn(w[t - 15], 7) ^ turn(w[t - 15], 18) ^ (w[t - 15] >> 3)
            let b = turn(w[t - 2], 17) ^ turn(w[t - 2], 19) ^ (w[t - 2] >> 10)
            w[t] = w[t - 16] &+ a &+ w[t - 7] &+ b
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for t in 0..<64 {
            let wide = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)
            let first = h &+ wide &+ ((e & f) ^ (~e & g)) &+ constants[t] &+ w[t]
            let narrow = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)
            let second = narrow &+ ((a & b) ^ (a & c) ^ (b & c))
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
        }
        for (index, value) in [a, b, c, d, e, f, g, h].enumerated() { state[index] = state[index] &+ value }
    }

    private static func turn(_ value: UInt32, _ by: UInt32) -> UInt32 { value >> by | value << (32 - by) }

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    private static let constants: [UInt32] = {
        var primes: [Int] = []
        var candidate = 2
        while primes.count < 64 {
            if !primes.contains(where: { candidate % $0 == 0 }) { primes.append(candidate) }
            candidate += 1
        }
        return primes.map { prime in
            // floor(cbrt(prime) * 2^32) by whole numbers: the largest root with root^3 <= prime * 2^96
            var low: UInt64 = 0
            var high: UInt64 = 1 << 35
            while high - low > 1 {
                let root = (low + high) / 2
                if isAtMost(root, prime) { low = root } else { high = root }
            }
            return UInt32(truncatingIfNeeded: low)
        }
    }()

    /// Whether `root^3 <= prime * 2^96`, of `root` below 2^35.
    private static func isAtMost(_ root: UInt64, _ prime: Int) -> Bool {
        let square = root.multipliedFullWidth(by: root)  // below 2^70
        let low = root.multipliedFullWidth(by: square.low)
        let high = root * square.high + low.high  // the cube is high * 2^64 + low.low
        let bound = UInt64(prime) << 32
        return high < bound || (high == bound && low.low == 0)
    }
}
