import Testing

@testable import EdgeStyleKit

@Suite struct StyleTests {
    struct Mixing: Decodable {
        struct Good: Decodable { let mix: String, weights: [String: Double], vector: [Float] }
        struct Bad: Decodable { let mix: String, error: String }
        let styles: [String: [Float]], good: [Good], bad: [Bad]
    }

    private func styles(_ topic: Mixing) -> [String: StyleVector] {
        topic.styles.reduce(into: [:]) { $0[$1.key] = StyleVector(name: $1.key, values: $1.value) }
    }

    @Test func mixesAreThoseOfPython() throws {
        let topic = try Vectors.read("mixing", as: Mixing.self)
        for one in topic.good {
            let parts = try StyleMixer.parse(one.mix)
            #expect(Dictionary(uniqueKeysWithValues: parts.map { ($0.name, $0.weight) }).count == one.weights.count)
            for part in parts { #expect(agree(part.weight, one.weights[part.name] ?? -1), "\(one.mix)") }
            let mixed = try StyleMixer.mix(one.mix, of: styles(topic))
            #expect(difference(mixed.values, one.vector) < 1e-6, "\(one.mix)")
        }
    }

    @Test func badMixesSayWhatIsWrong() throws {
        let topic = try Vectors.read("mixing", as: Mixing.self)
        for one in topic.bad {
            do {
                _ = try StyleMixer.mix(one.mix, of: styles(topic))
                Issue.record("'\(one.mix)' is taken for a mix")
            } catch {
                #expect(error.code == one.error, "\(one.mix)")
                #expect(error.errorDescription?.isEmpty == false)
            }
        }
    }

    @Test func mixesCarryStrengthAndDetail() throws {
        let first = StyleVector(name: "a", values: [1, 0], defaultStrength: 1, detail: 0)
        let second = StyleVector(name: "b", values: [0, 1], defaultStrength: 0.5, detail: 1)
        let mixed = try StyleMixer.mix([(first, 1), (second, 3)])
        #expect(mixed.values == [0.25, 0.75])
        #expect(mixed.defaultStrength == 0.625 && mixed.detail == 0.75)
        #expect(throws: MixError.allZero) { try StyleMixer.mix([]) }
        #expect(throws: MixError.badWeight("b")) { try StyleMixer.mix([(first, 1), (second, -1)]) }
    }

    struct SeedVectors: Decodable {
        struct Draws: Decodable { let seed: String, stream: String, draws: [UInt32] }
        struct Latent: Decodable { let seed: String, latent: [Float] }
        struct Sums: Decodable { let seed: String, length: Int, sum: Double, sumOfSquares: Double }
        let stream: UInt64, pcg32: [Draws], latents: [Latent], sums: Sums, texts: [String: String], bad: [String]
    }

    @Test func seedsAreTheSameFacesEverywhere() throws {
        let topic = try Vectors.read("seeds", as: SeedVectors.self)
        for one in topic.pcg32 {
            var draws = PCG32(seed: try #require(UInt64(one.seed)), stream: try #require(UInt64(one.stream)))
            #expect(one.draws.map { _ in draws.next() } == one.draws)
        }
        for one in topic.latents {
            let latent = Seeds.latent(try Seeds.parse(one.seed), length: one.latent.count)
            #expect(difference(latent, one.latent) < 1e-6, "\(one.seed)")
        }
        let many = Seeds.latent(try Seeds.parse(topic.sums.seed), length: topic.sums.length).map(Double.init)
        #expect(agree(many.reduce(0, +), topic.sums.sum, share: 1e-5))
        #expect(agree(many.reduce(0) { $0 + $1 * $1 }, topic.sums.sumOfSquares, share: 1e-5))
    }

    @Test func seedsAreReadAsTheyAreTyped() throws {
        let topic = try Vectors.read("seeds", as: SeedVectors.self)
        for (text, seed) in topic.texts { #expect(String(try Seeds.parse(text)) == seed) }
        for text in topic.bad { #expect(throws: MixError.badSeed(text)) { try Seeds.parse(text) } }
    }
}
