#if canImport(CoreML)
    import CoreML

    /// A model opened for the harness: one run is one prediction on fixed inputs, as small as the contract allows.
    public final class CoreMLBenchmark: BenchmarkSession {
        public let runtime: String
        private let model: CoreMLModel
        private let inputs: [String: MLFeatureValue]

        /// Open a model of any component.
        ///
        /// - Parameters:
        ///   - file: the model.
        ///   - request: the side of pictures and the compute units.
        ///   - system: such as "iOS 18.5", for the runtime's name.
        /// - Throws: `RenderError`; here an accelerator that fails is an error, not a fallback, for a measurement on
        ///   something else would be none of what was asked for.
        public init(_ file: ModelFile, request: BenchmarkRequest, system: String) throws {
            model = try CoreMLModel(file, component: file.contract.component, units: request.units)
            if model.placement.fellBack {
                throw RenderError.acceleratorFailed(units: request.units, reason: model.placement.reason ?? "")
            }
            inputs = try Self.inputs(of: file.contract, model: model, side: request.size)
            runtime = "Core ML, \(system)"
        }

        public func run() throws { _ = try model.run(inputs) }

        private static func inputs(
            of contract: ModelContract, model: CoreMLModel, side: Int
        ) throws -> [String: MLFeatureValue] {
            var values: [String: MLFeatureValue] = [:]
            for tensor in contract.inputs {
                if tensor.shape.count == 4 {
                    let asked = contract.component == .renderer ? side : contract.sizeMultiple
                    guard contract.component != .renderer || contract.sizes.contains(asked) else {
                        throw RenderError.noSize(width: asked, height: asked)
                    }
                    let grey = Picture(width: asked, height: asked, colour: (90, 120, 150))
                    values[tensor.name] = MLFeatureValue(pixelBuffer: try PixelFrame(grey).buffer)
                } else {
                    let shape = tensor.shape.map { $0 ?? 1 }
                    let count = shape.reduce(1.0) { $0 * Double($1) }
                    guard (1...1_000_000).contains(count) else { throw RenderError.failed("'\(tensor.name)' is huge") }
                    let filling: Float = tensor.name == "strength" ? 1 : 0.1
                    values[tensor.name] = try CoreMLModel.tensor(
                        [Float](repeating: filling, count: Int(count)), shape: shape)
                }
            }
            return values
        }
    }
#endif
