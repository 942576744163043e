#if canImport(CoreML)
    import CoreML

    /// Turns reference pictures into style vectors, with a pack's encoder such as lumen's.
    public actor StyleEncoder {
        public nonisolated let contract: ModelContract
        /// What it was asked to run on, and what it runs on.
        public nonisolated let placement: Placement
        private let model: CoreMLModel

        /// Compile and load a model. Throws `RenderError`.
        public init(file: ModelFile, units: ComputeUnits = .all) throws {
            model = try CoreMLModel(file, component: .encoder, units: units)
            contract = model.contract
            placement = model.placement
        }

        /// The look of a picture as a style. All of the picture counts, shrunk by averaging.
        ///
        /// - Parameter reference: of any size and shape.
        /// - Throws: `RenderError`.
        public func encode(_ reference: Picture) throws -> StyleVector {
            let side = contract.sizeMultiple
            let square = reference.resized(width: side, height: side, filter: .box)
            let input = MLFeatureValue(pixelBuffer: try PixelFrame(square).buffer)
            let values = try CoreMLModel.numbers("style", in: model.run(["reference": input]))
            return StyleVector(name: "reference", values: values, defaultStrength: 0.8)
        }
    }
#endif
