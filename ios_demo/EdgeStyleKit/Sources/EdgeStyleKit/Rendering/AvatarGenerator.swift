#if canImport(CoreML)
    import CoreML

    /// Draws avatars from seeds, names and mixes of them; a seed is the same face in Python, Kotlin and Swift.
    public actor AvatarGenerator {
        public nonisolated let contract: ModelContract
        /// What they were asked to run on, and what they run on.
        public nonisolated let placement: Placement
        private let generator: CoreMLModel
        private let mapping: CoreMLModel
        private let latents: Int

        /// Compile and load both models.
        ///
        /// - Parameters:
        ///   - generator: draws.
        ///   - mapping: makes styles of random numbers.
        /// - Throws: `RenderError`.
        public init(generator: ModelFile, mapping: ModelFile, units: ComputeUnits = .all) throws {
            self.generator = try CoreMLModel(generator, component: .generator, units: units)
            self.mapping = try CoreMLModel(mapping, component: .mapping, units: units)
            contract = generator.contract
            placement = self.mapping.placement.fellBack ? self.mapping.placement : self.generator.placement
            latents = mapping.contract.latents ?? 0
        }

        /// The style of a seed. Throws `RenderError`.
        public func style(seed: UInt64) throws -> StyleVector {
            let latent = try CoreMLModel.tensor(Seeds.latent(seed, length: latents), shape: [1, latents])
            let values = try CoreMLModel.numbers("style", in: mapping.run(["latent": latent]))
            return StyleVector(name: String(seed), values: values)
        }

        /// Draw a face.
        ///
        /// - Parameters:
        ///   - style: of a seed, a name in `contract.styles`, or a mix of such.
        ///   - strength: 0 is the mean face, 1 the face itself.
        /// - Throws: `RenderError`, `MixError.badStrength`.
        public func draw(_ style: StyleVector, strength: Float = 1) throws -> Picture {
            let inputs = [
                "style": try generator.style(style),
                "strength": try CoreMLModel.tensor([StyleMixer.checkStrength(strength)], shape: [1]),
            ]
            return try CoreMLModel.frame("picture", in: generator.run(inputs)).picture()
        }
    }
#endif
