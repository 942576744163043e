import Foundation

/// PCG-XSH-RR 64/32 (O'Neill 2014, HMC-CS-2014-0905), seeded as in its reference `pcg32_srandom_r`.
public struct PCG32: Sendable {
    private var state: UInt64
    private let increment: UInt64

    /// - Parameters:
    ///   - seed: the initial state.
    ///   - stream: which sequence; that of faces is 54.
    public init(seed: UInt64, stream: UInt64 = 54) {
        increment = 2 &* stream &+ 1
        state = (increment &+ seed) &* 6_364_136_223_846_793_005 &+ increment
    }

    /// The next whole number of 32 bits.
    public mutating func next() -> UInt32 {
        let old = state
        state = old &* 6_364_136_223_846_793_005 &+ increment
        let mixed = UInt32(truncatingIfNeeded: ((old >> 18) ^ old) >> 27)
        let turn = UInt32(old >> 59)
        return mixed >> turn | mixed << ((32 &- turn) & 31)
    }
}

/// The same seed is the same face in Python, in Kotlin and in Swift.
public enum Seeds {
    /// The largest seed, 2^63 - 1.
    public static let largest = UInt64(Int64.max)

    /// A seed as it was typed. Throws `MixError.badSeed` for what is no whole number from 0 to 2^63 - 1.
    public static func parse(_ text: String) throws(MixError) -> UInt64 {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let seed = UInt64(text), seed <= largest
        else { throw .badSeed(text) }
        return seed
    }

    /// A face's random numbers, normally distributed, by Box and Muller (1958).
    ///
    /// - Parameters:
    ///   - seed: from 0 to 2^63 - 1.
    ///   - length: how many; a shorter latent is the beginning of a longer one.
    public static func latent(_ seed: UInt64, length: Int) -> [Float] {
        var draws = PCG32(seed: seed)
        var latent: [Float] = []
        while latent.count < length {
            let radius = (-2 * log(uniform(&draws))).squareRoot()
            let angle = 2 * Double.pi * uniform(&draws)
            latent += [Float(radius * cos(angle)), Float(radius * sin(angle))]
        }
        return Array(latent.prefix(length))
    }

    private static func uniform(_ draws: inout PCG32) -> Double { (Double(draws.next()) + 0.5) / 4_294_967_296 }
}
